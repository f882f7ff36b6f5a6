"""`payflows search`: every fault at every call of the stories."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from simulations.commands.arguments import is_ours, print_broken, stories_of, take_factories, take_stories, testbeds_of
from simulations.commands.command import Command
from simulations.search.coverage import coverage_of
from simulations.search.search import Tally, search, sum_of
from simulations.search.testbed import Testbed


def _declare(command: argparse.ArgumentParser) -> None:
    take_stories(command)
    command.add_argument(
        "--faults", type=int, default=1, choices=range(4), help="how many in a universe at most; default: 1"
    )
    take_factories(command)


def _do(asked: argparse.Namespace) -> int:
    testbeds = testbeds_of(asked)
    began, tallies = perf_counter(), list[Tally]()
    for testbed, stories in stories_of(asked, testbeds):
        found = [_search(testbed, story, asked) for story in stories]
        tallies += found
        if is_ours(asked) and asked.faults and not asked.wire:
            print(coverage_of(testbed, stories, sum_of(found)))
    seconds, all_of = perf_counter() - began, sum_of(tallies)
    counted = f"{all_of.universes:,} universes, {len(all_of.broken):,} broken"
    print(f"{counted}; {seconds:,.0f} s, {all_of.universes / seconds:,.0f} a second")
    return 1 if all_of.broken else 0


def _search(testbed: Testbed, story: str, asked: argparse.Namespace) -> Tally:
    tally = search(testbed, [story], depth=asked.faults, progress=sys.stderr.isatty())
    print(f"{story:<32} {tally.universes:>10,} universes {len(tally.broken):>8,} broken", flush=True)
    print_broken(testbed, tally.broken, asked)
    return tally


COMMAND = Command(_declare, _do)
