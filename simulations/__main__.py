"""`python -m simulations search` looks for a universe that breaks a promise; `replay` tells one of them again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pkgutil import resolve_name
from time import perf_counter

from payflows.errors import PayflowsError

from simulations.faults.levels import WIRE
from simulations.faults.replay import replay
from simulations.faults.search import search
from simulations.faults.stories import STORIES
from simulations.faults.universe import Factory

OURS = "simulations.faults.universe:our_checkout"
MOST_SHOWN = 5
"""Of the broken universes of one story."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 where a universe breaks a promise, 2 where there is no such universe."""
    parser = argparse.ArgumentParser(prog="python -m simulations")
    commands = parser.add_subparsers(required=True, metavar="search | replay")
    command = commands.add_parser("search", help="look for a universe that breaks a promise, on all cores")
    command.add_argument("stories", nargs="*", choices=[*STORIES, []], help="which; all of them where none is named")
    command.add_argument("--wire", action="store_true", help="strike HTTP requests to Stripe, not calls of ports")
    command.add_argument("--faults", type=int, default=1, choices=range(4), help="at most so many in a universe")
    command.add_argument("--checkout", default=OURS, help="the factory of another one, as module:name")
    command.set_defaults(do=_search)
    command = commands.add_parser("replay", help="tell one universe of the fault search again, call by call")
    command.add_argument("universe", help="story and plan, such as 'paid 11:answer_lost' or 'wire:paid 11:html_502'")
    command.add_argument("--checkout", default=OURS, help="the factory of another one, as module:name")
    command.set_defaults(do=_replay)
    asked = parser.parse_args(arguments)
    try:
        return int(asked.do(asked, resolve_name(asked.checkout)))
    except (PayflowsError, ImportError, AttributeError, ValueError) as error:
        print(f"payflows: {error}", file=sys.stderr)
        return 2


def _search(asked: argparse.Namespace, factory: Factory) -> int:
    began, universes, broken = perf_counter(), 0, 0
    whose = "" if asked.checkout == OURS else f" --checkout {asked.checkout}"
    level = WIRE if asked.wire else ""
    for story in (level + name for name in asked.stories or STORIES):
        tally = search([story], depth=asked.faults, factory=factory, progress=sys.stderr.isatty())
        print(f"{story:<32} {tally.universes:>10,} universes {len(tally.broken):>8,} broken", flush=True)
        for ending in tally.broken[:MOST_SHOWN]:
            print(f"   {ending.line}{whose}\n      {ending.breach}")
        universes, broken = universes + tally.universes, broken + len(tally.broken)
    seconds = perf_counter() - began
    print(f"{universes:,} universes, {broken:,} broken; {seconds:,.0f} s, {universes / seconds:,.0f} a second")
    return 1 if broken else 0


def _replay(asked: argparse.Namespace, factory: Factory) -> int:
    told = replay(asked.universe, factory=factory)
    print(told)
    return 1 if told.ending.breach else 0


if __name__ == "__main__":
    sys.exit(main())
