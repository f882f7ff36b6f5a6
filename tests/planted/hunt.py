"""Finds the universes that kill planted bugs, on demand: `python -m tests.planted.hunt [--deep] [--write] [NAME ...]`.

When the flow changes, calls get other numbers: `--write` writes the witnesses anew. `--deep` looks at all pairs where
no single fault has killed a bug; without it only at those that differ from the last witness in their calls' numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain

from simulations.checkout.races import RACES
from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.interleavings import RaceEnding, interleavings, struck
from simulations.search.plan import read
from simulations.search.search import Ending, one_more, run
from tests.planted.table import PLANTS, Plant
from tests.planted.witness import WITNESSES, Witness, witnesses

Killer = Ending | RaceEnding

TROUBLED = frozenset({"answer_lost", "paid_while_no_mail_goes_out", "store_away"})
"""Stories that bring a trouble of their own: without a fault they are not calm."""


def kill(plant: Plant, last: Witness | None = None, *, deep: bool = False) -> Killer | None:
    """The first universe in which it breaks a promise: without a fault, with one, in a race; with two, or with one in
    a race, where asked to or where that was so.

    Args:
        plant: the bug.
        last: what killed it when the calls had other numbers; its story is looked at first.
        deep: whether all pairs are looked at too.
    """
    calm = [run(CheckoutTestbed(plant.factory), story) for story in STORIES if story not in TROUBLED]
    calm.sort(key=lambda ending: (last is None or ending.story != last.story, len(ending.sites)))
    looked_at: list[Iterable[Killer]] = [calm, _further(calm, plant), _races(plant)]
    if last is not None and last.faults and not last.is_race:
        looked_at.append(_like(last, plant))
    if deep or (last is not None and last.faults and last.is_race):
        looked_at.append(_struck_races(plant, [last.story] if last is not None and last.is_race else RACES))
    if deep:
        looked_at.append(pair for one in _further(calm, plant) for pair in _further([one], plant))
    return next((ending for ending in chain.from_iterable(looked_at) if ending.breaches), None)


def _further(endings: Iterable[Ending], plant: Plant) -> Iterator[Ending]:
    for ending in endings:
        for plan in one_more(CHECKOUT, ending):
            yield run(CheckoutTestbed(plant.factory), ending.story, plan)


def _races(plant: Plant) -> Iterator[RaceEnding]:
    """With one switch at most."""
    for race in RACES:
        yield from interleavings(CheckoutTestbed(plant.factory), race, at_most=0, switches=1)


def _struck_races(plant: Plant, races: Iterable[str]) -> Iterator[RaceEnding]:
    """With one fault, and two switches at most."""
    for race in races:
        for order in interleavings(CheckoutTestbed(plant.factory), race, at_most=0, switches=2):
            yield from struck(CheckoutTestbed(plant.factory), order)


def _like(last: Witness, plant: Plant) -> Iterator[Ending]:
    """The universes of the same story with the same kinds of fault, whatever their calls' numbers."""
    endings = [run(CheckoutTestbed(plant.factory), last.story)]
    for fault in read(last.plan):
        plans = [plan for ending in endings for plan in one_more(CHECKOUT, ending)]
        alike = (plan for plan in plans if (plan[-1].kind, plan[-1].seconds) == (fault.kind, fault.seconds))
        endings = [run(CheckoutTestbed(plant.factory), last.story, plan) for plan in alike]
    yield from endings


def _hunt(name: str, *, deep: bool) -> tuple[str, Killer | None]:
    return name, kill(PLANTS[name], witnesses().get(name), deep=deep)


def _line(name: str, ending: Killer) -> str:
    return f"{name}: {ending.line.split(chr(39))[1]}"


def main(arguments: list[str]) -> int:
    """Print the witness of each plant, with what it breaks; write them where asked to. Exit code 1: one lives."""
    names = [argument for argument in arguments if not argument.startswith("--")] or list(PLANTS)
    lines = {name: f"{name}: {witness.line}" for name, witness in witnesses().items()}
    lives = 0
    with ProcessPoolExecutor() as pool:
        for name, ending in pool.map(partial(_hunt, deep="--deep" in arguments), names):
            lives += ending is None
            print(f"{_line(name, ending)}    {ending.breaches}" if ending else f"{name}: lives", flush=True)
            if ending is not None:
                lines[name] = _line(name, ending)
    if "--write" in arguments:
        WITNESSES.write_text("".join(f"{lines[name]}\n" for name in PLANTS if name in lines))
    return lives > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
