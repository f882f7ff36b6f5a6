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

from simulations.search.interleavings import RaceEnding, interleavings, struck
from simulations.search.plan import InvalidPlan, read
from simulations.search.search import Ending, one_more, run
from simulations.search.testbed import Testbed
from tests.mutants.families import FAMILIES, family_of
from tests.mutants.killers import KillerLine, killers
from tests.mutants.mutant import Family

Killer = Ending | RaceEnding


def kill(name: str, last: KillerLine | None = None, *, deep: bool = False) -> Killer | None:
    """The first universe in which it breaks a promise: without a fault, with one, in a race; with two, or with one in
    a race, where asked to or where that was so.

    Args:
        name: of the mutant.
        last: what killed it when the calls had other numbers; its story is looked at first.
        deep: whether all pairs are looked at too.
    """
    family = family_of(name)
    testbed, stories = family.testbed_of(name), [each for each in family.ours.stories if each not in family.troubled]
    calm = [run(testbed, story) for story in stories]
    calm.sort(key=lambda ending: (last is None or ending.story != last.story, len(ending.sites)))
    looked_at: list[Iterable[Killer]] = [calm, _further(calm, testbed), _races(testbed)]
    if last is not None and last.faults and not last.is_race:
        looked_at.append(_like(last, testbed))
    if deep or (last is not None and last.faults and last.is_race):
        races = [last.story] if last is not None and last.is_race else testbed.races
        looked_at.append(_struck_races(testbed, races))
    if deep:
        looked_at.append(pair for one in _further(calm, testbed) for pair in _further([one], testbed))
    found = chain.from_iterable(looked_at)
    return next((ending for ending in found if ending.breaches and _spares_ours(ending, family)), None)


def _spares_ours(ending: Killer, family: Family) -> bool:
    """Whether our own business comes to the same faults, and keeps all promises."""
    try:
        return not KillerLine.of(_written(ending), family.ours).run(family.ours).breaches
    except InvalidPlan:
        return False


def _further(endings: Iterable[Ending], testbed: Testbed) -> Iterator[Ending]:
    for ending in endings:
        for plan in one_more(testbed, ending):
            yield run(testbed, ending.story, plan)


def _races(testbed: Testbed) -> Iterator[RaceEnding]:
    """With one switch at most."""
    for race in testbed.races:
        yield from interleavings(testbed, race, at_most=0, switches=1)


def _struck_races(testbed: Testbed, races: Iterable[str]) -> Iterator[RaceEnding]:
    """With one fault, and two switches at most."""
    for race in races:
        for order in interleavings(testbed, race, at_most=0, switches=2):
            yield from struck(testbed, order)


def _like(last: KillerLine, testbed: Testbed) -> Iterator[Ending]:
    """The universes of the same story with the same kinds of fault, whatever their calls' numbers."""
    endings = [run(testbed, last.story)]
    for fault in read(last.plan):
        plans = [plan for ending in endings for plan in one_more(testbed, ending)]
        alike = (plan for plan in plans if (plan[-1].kind, plan[-1].seconds) == (fault.kind, fault.seconds))
        endings = [run(testbed, last.story, plan) for plan in alike]
    yield from endings


def _hunt(name: str, *, deep: bool) -> tuple[str, Killer | None]:
    return name, kill(name, killers(family_of(name)).get(name), deep=deep)


def _line(name: str, ending: Killer) -> str:
    return f"{name}: {_written(ending)}"


def _written(ending: Killer) -> str:
    return ending.line.split("'")[1]


def main(arguments: list[str]) -> int:
    """Print the killer of each mutant, with what it breaks; write them where asked to. Exit code 1: one lives."""
    all_names = [name for family in FAMILIES.values() for name in family.mutants]
    names = [argument for argument in arguments if not argument.startswith("--")] or all_names
    lines = {name: killer.line for family in FAMILIES.values() for name, killer in killers(family).items()}
    lives = 0
    with ProcessPoolExecutor() as pool:
        for name, ending in pool.map(partial(_hunt, deep="--deep" in arguments), names):
            lives += ending is None
            print(f"{_line(name, ending)}    {ending.breaches}" if ending else f"{name}: lives", flush=True)
            if ending is not None:
                lines[name] = _written(ending)
    if "--write" in arguments:
        for family in FAMILIES.values():
            written = (f"{name}: {lines[name]}\n" for name in family.mutants if name in lines)
            family.killers_file.write_text("".join(written))
    return lives > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
