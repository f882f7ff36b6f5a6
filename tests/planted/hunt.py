"""Finds the universe that kills a planted bug, on demand: `python -m tests.planted.hunt [--deep] [NAME ...]`.

What it finds is kept in the table; when the flow changes, calls get other numbers, and it is to be found again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from simulations.faults.plan import written
from simulations.faults.search import Ending, one_more, run
from simulations.faults.stories import STORIES
from tests.planted.table import PLANTS, Plant
from tests.planted.unseen import UNSEEN

ALL = {**PLANTS, **UNSEEN}


def kill(plant: Plant, stories: Iterable[str] = STORIES, *, deep: bool = False) -> Ending | None:
    """The first universe in which it breaks a promise: without a fault, with one, and with two where asked to."""
    calm = [run(story, factory=plant.factory) for story in stories]
    return _broken(calm) or _broken(_further(calm, plant)) or (_broken(_further_two(calm, plant)) if deep else None)


def _broken(endings: Iterable[Ending]) -> Ending | None:
    return next((ending for ending in endings if ending.breach is not None), None)


def _further(endings: Iterable[Ending], plant: Plant) -> Iterator[Ending]:
    for ending in sorted(endings, key=lambda ending: len(ending.sites)):
        for plan in one_more(ending):
            yield run(ending.story, plan, factory=plant.factory)


def _further_two(endings: Iterable[Ending], plant: Plant) -> Iterator[Ending]:
    for ending in sorted(endings, key=lambda ending: len(ending.sites)):
        for further in _further([ending], plant):
            yield from _further([further], plant)


def main(arguments: list[str]) -> None:
    """Print the witness of each plant."""
    names = [argument for argument in arguments if not argument.startswith("--")] or list(ALL)
    for name in names:
        ending = kill(ALL[name], deep="--deep" in arguments)
        told = f"{ending.story} {written(ending.plan)}    {ending.breach}" if ending else "lives"
        print(f"{name}: {told}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
