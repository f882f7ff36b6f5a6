"""`python -m simulations search`: every fault at every call of the stories."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from simulations.commands.command import Command, take_checkout, whose
from simulations.faults.coverage import coverage_of
from simulations.faults.levels import WIRE
from simulations.faults.search import Tally, search, sum_of
from simulations.faults.stories import STORIES
from simulations.faults.universe import Factory

MOST_SHOWN = 5
"""Of the broken universes of one story."""


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("stories", nargs="*", choices=[*STORIES, []], help="which; all of them where none is named")
    command.add_argument("--wire", action="store_true", help="strike HTTP requests to Stripe, not calls of ports")
    command.add_argument(
        "--coverage", action="store_true", help="tell which awaits of our flow were struck, and by what"
    )
    command.add_argument("--faults", type=int, default=1, choices=range(4), help="at most so many in a universe")
    take_checkout(command)


def _do(asked: argparse.Namespace, factory: Factory) -> int:
    began, tallies = perf_counter(), list[Tally]()
    level = WIRE if asked.wire else ""
    for story in (level + name for name in asked.stories or STORIES):
        tally = search([story], depth=asked.faults, factory=factory, progress=sys.stderr.isatty())
        print(f"{story:<32} {tally.universes:>10,} universes {len(tally.broken):>8,} broken", flush=True)
        for ending in tally.broken[:MOST_SHOWN]:
            print(f"   {ending.line}{whose(asked)}\n      {ending.breach}")
        tallies.append(tally)
    seconds, all_of = perf_counter() - began, sum_of(tallies)
    found = f"{all_of.universes:,} universes, {len(all_of.broken):,} broken"
    print(f"{found}; {seconds:,.0f} s, {all_of.universes / seconds:,.0f} a second")
    if asked.coverage:
        print(coverage_of(asked.stories or tuple(STORIES), all_of))
    return 1 if all_of.broken else 0


SEARCH = Command("look for a universe that breaks a promise, on all cores", _declare, _do)
