"""Finds the universes that kill mutants: `python -m tests.mutants.find_killers [--deep] [--write] [NAME ...]`.

When the flow changes, calls get other numbers: `--write` writes the killers anew. `--deep` looks at all pairs where
no single fault has killed a bug; without it only at those that differ from the last killer in their calls' numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain

from simulations.checkout.races import RACES
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import our_checkout
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.interleavings import RaceEnding, interleavings, struck
from simulations.search.plan import InvalidPlan, read
from simulations.search.search import Ending, one_more, run
from tests.mutants.killers import KILLERS_FILE, KillerLine, killers
from tests.mutants.mutant import Mutant
from tests.mutants.table import MUTANTS

Killer = Ending | RaceEnding

TROUBLED = frozenset({"answer_lost", "paid_while_no_mail_goes_out", "store_away"})
"""Stories that bring a trouble of their own: without a fault they are not calm."""


def kill(mutant: Mutant, last: KillerLine | None = None, *, deep: bool = False) -> Killer | None:
    """The first universe in which it breaks a promise: without a fault, with one, in a race; with two, or with one in
    a race, where asked to or where that was so.

    Args:
        mutant: the bug.
        last: what killed it when the calls had other numbers; its story is looked at first.
        deep: whether all pairs are looked at too.
    """
    calm = [run(CheckoutTestbed(mutant.factory), story) for story in STORIES if story not in TROUBLED]
    calm.sort(key=lambda ending: (last is None or ending.story != last.story, len(ending.sites)))
    looked_at: list[Iterable[Killer]] = [calm, _further(calm, mutant), _races(mutant)]
    if last is not None and last.faults and not last.is_race:
        looked_at.append(_like(last, mutant))
    if deep or (last is not None and last.faults and last.is_race):
        looked_at.append(_struck_races(mutant, [last.story] if last is not None and last.is_race else RACES))
    if deep:
        looked_at.append(pair for one in _further(calm, mutant) for pair in _further([one], mutant))
    return next((ending for ending in chain.from_iterable(looked_at) if ending.breaches and _spares_ours(ending)), None)


def _spares_ours(ending: Killer) -> bool:
    """Whether our own checkout comes to the same faults, and keeps all promises."""
    try:
        return not KillerLine.of(_written(ending)).run(our_checkout).breaches
    except InvalidPlan:
        return False


def _further(endings: Iterable[Ending], mutant: Mutant) -> Iterator[Ending]:
    for ending in endings:
        for plan in one_more(CHECKOUT, ending):
            yield run(CheckoutTestbed(mutant.factory), ending.story, plan)


def _races(mutant: Mutant) -> Iterator[RaceEnding]:
    """With one switch at most."""
    for race in RACES:
        yield from interleavings(CheckoutTestbed(mutant.factory), race, at_most=0, switches=1)


def _struck_races(mutant: Mutant, races: Iterable[str]) -> Iterator[RaceEnding]:
    """With one fault, and two switches at most."""
    for race in races:
        for order in interleavings(CheckoutTestbed(mutant.factory), race, at_most=0, switches=2):
            yield from struck(CheckoutTestbed(mutant.factory), order)


def _like(last: KillerLine, mutant: Mutant) -> Iterator[Ending]:
    """The universes of the same story with the same kinds of fault, whatever their calls' numbers."""
    endings = [run(CheckoutTestbed(mutant.factory), last.story)]
    for fault in read(last.plan):
        plans = [plan for ending in endings for plan in one_more(CHECKOUT, ending)]
        alike = (plan for plan in plans if (plan[-1].kind, plan[-1].seconds) == (fault.kind, fault.seconds))
        endings = [run(CheckoutTestbed(mutant.factory), last.story, plan) for plan in alike]
    yield from endings


def _hunt(name: str, *, deep: bool) -> tuple[str, Killer | None]:
    return name, kill(MUTANTS[name], killers().get(name), deep=deep)


def _line(name: str, ending: Killer) -> str:
    return f"{name}: {_written(ending)}"


def _written(ending: Killer) -> str:
    return ending.line.split("'")[1]


def main(arguments: list[str]) -> int:
    """Print the killer of each mutant, with what it breaks; write them where asked to. Exit code 1: one lives."""
    names = [argument for argument in arguments if not argument.startswith("--")] or list(MUTANTS)
    lines = {name: f"{name}: {killer.line}" for name, killer in killers().items()}
    lives = 0
    with ProcessPoolExecutor() as pool:
        for name, ending in pool.map(partial(_hunt, deep="--deep" in arguments), names):
            lives += ending is None
            print(f"{_line(name, ending)}    {ending.breaches}" if ending else f"{name}: lives", flush=True)
            if ending is not None:
                lines[name] = _line(name, ending)
    if "--write" in arguments:
        KILLERS_FILE.write_text("".join(f"{lines[name]}\n" for name in MUTANTS if name in lines))
    return lives > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
