"""`payflows storm`: universes with several faults each; what is broken is cut down to what breaks it."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from simulations.commands.arguments import (
    print_broken,
    seeds_of,
    stories_of,
    take_factories,
    take_seeds,
    take_stories,
    testbeds_of,
)
from simulations.commands.command import Command
from simulations.search.storms import storms


def _declare(command: argparse.ArgumentParser) -> None:
    take_stories(command)
    take_seeds(command, default=1_000)
    take_factories(command)


def _do(asked: argparse.Namespace) -> int:
    testbeds = testbeds_of(asked)
    began, shown, universes, broken = perf_counter(), sys.stderr.isatty(), 0, 0
    for testbed, stories in stories_of(asked, testbeds):
        count = storms(testbed, seeds_of(asked), stories, workers=asked.workers, progress=shown)
        print_broken(testbed, count.broken, asked)
        in_each = ", ".join(f"{faults}: {number:,}" for faults, number in enumerate(count.faults))
        print(f"universes by their faults: {in_each}")
        universes, broken = universes + count.universes, broken + len(count.broken)
    print(f"{universes:,} universes, {broken:,} broken; {perf_counter() - began:,.0f} s")
    return 1 if broken else 0


COMMAND = Command(_declare, _do)
