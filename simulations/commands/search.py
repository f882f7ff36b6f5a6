"""`payflows search`: every fault at every call of the stories."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from simulations.checkout.stories import STORIES
from simulations.commands.arguments import OURS, factory_of, print_broken, stories_of, take_checkout, take_stories
from simulations.commands.command import Command
from simulations.search.coverage import coverage_of
from simulations.search.search import Tally, search, sum_of


def _declare(command: argparse.ArgumentParser) -> None:
    take_stories(command)
    command.add_argument(
        "--faults", type=int, default=1, choices=range(4), help="how many in a universe at most; default: 1"
    )
    take_checkout(command)


def _do(asked: argparse.Namespace) -> int:
    factory = factory_of(asked)
    began, tallies = perf_counter(), list[Tally]()
    for story in stories_of(asked):
        tally = search([story], depth=asked.faults, factory=factory, progress=sys.stderr.isatty())
        print(f"{story:<32} {tally.universes:>10,} universes {len(tally.broken):>8,} broken", flush=True)
        print_broken(tally.broken, asked, factory)
        tallies.append(tally)
    seconds, all_of = perf_counter() - began, sum_of(tallies)
    found = f"{all_of.universes:,} universes, {len(all_of.broken):,} broken"
    print(f"{found}; {seconds:,.0f} s, {all_of.universes / seconds:,.0f} a second")
    if asked.checkout == OURS and asked.faults and not asked.wire:
        print(coverage_of(asked.stories or tuple(STORIES), all_of))
    return 1 if all_of.broken else 0


COMMAND = Command(_declare, _do)
