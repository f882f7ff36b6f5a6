"""`python -m simulations storm`: universes with several faults each; what is broken is cut down to what breaks it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from time import perf_counter

from simulations.commands.command import Command, seeds_of, take_checkout, take_seeds, whose
from simulations.faults.search import Ending
from simulations.faults.shrinking import shrunk
from simulations.faults.stories import STORIES
from simulations.faults.storms import storms
from simulations.faults.universe import Factory
from simulations.in_parallel import in_parallel


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("stories", nargs="*", choices=[*STORIES, []], help="which; all of them where none is named")
    take_seeds(command, default=1_000)
    take_checkout(command)


def _do(asked: argparse.Namespace, factory: Factory) -> int:
    began, stories = perf_counter(), tuple(asked.stories or STORIES)
    count = storms(seeds_of(asked), stories, workers=asked.workers, factory=factory, progress=sys.stderr.isatty())
    for ending, times in _cut_down(count.broken, factory, asked.workers):
        print(f"{times:>6,} x {ending.line}{whose(asked)}\n         {ending.breach}")
    in_each = ", ".join(f"{faults}: {universes:,}" for faults, universes in enumerate(count.faults))
    print(f"universes by their faults: {in_each}")
    seconds = perf_counter() - began
    print(f"{count.universes:,} universes, {len(count.broken):,} broken; {seconds:,.0f} s")
    return 1 if count.broken else 0


def _cut_down(broken: Sequence[Ending], factory: Factory, workers: int) -> Iterator[tuple[Ending, int]]:
    """What breaks them, and how many of them are cut down to it."""
    small = sorted(in_parallel(partial(shrunk, factory=factory), broken, workers=workers), key=_line)
    for _, alike in groupby(small, key=_line):
        first, *others = alike
        yield first, 1 + len(others)


def _line(ending: Ending) -> str:
    return ending.line


STORM = Command("draw universes with several faults each; cut down what is broken", _declare, _do)
