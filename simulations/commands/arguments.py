"""Arguments that several commands of `payflows` take, and what several of them print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name

from payflows.errors import InvalidPolicy

from simulations.commands.testbeds import TESTBEDS
from simulations.search.breach import in_words
from simulations.search.search import Ending
from simulations.search.shrinking import cut_down
from simulations.search.testbed import Testbed
from simulations.search.transports import HTTP
from simulations.time.parallel import cores

MOST_CUT_DOWN, MOST_SHOWN = 500, 20
"""Of the broken universes of one search."""

Testbeds = Mapping[str, Testbed]
"""The businesses that are searched, by name."""

STORIES = tuple(story for testbed in TESTBEDS.values() for story in testbed().stories)
RACES = tuple(race for testbed in TESTBEDS.values() for race in testbed().races)


def take_factories(command: argparse.ArgumentParser) -> None:
    """Let another program than ours be named, for each business."""
    for name in TESTBEDS:
        command.add_argument(f"--{name}", metavar="MODULE:NAME", help="its factory; default: ours")


def testbeds_of(asked: argparse.Namespace) -> Testbeds:
    """Each business, with the program that was named for it; it is also looked for in the current folder."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    return {name: make(*_named(asked, name)) for name, make in TESTBEDS.items()}


def _named(asked: argparse.Namespace, business: str) -> Iterator[object]:
    factory = getattr(asked, business, None)
    if factory:
        yield resolve_name(factory)


def is_ours(asked: argparse.Namespace) -> bool:
    """Whether no other program than ours was named."""
    return not whose(asked)


def whose(asked: argparse.Namespace) -> str:
    """What a line that shows something again must say of the programs."""
    named = ((name, getattr(asked, name, None)) for name in TESTBEDS)
    return "".join(f" --{name} {factory}" for name, factory in named if factory)


def take_stories(command: argparse.ArgumentParser) -> None:
    """Let stories be named, and how Stripe is reached in them."""
    take_names(command, "stories", STORIES)
    command.add_argument("--wire", action="store_true", help="strike HTTP requests to Stripe, not calls of its port")


def take_names(command: argparse.ArgumentParser, what: str, names: Collection[str]) -> None:
    """Let some of these be named, such as stories."""
    listed = f"some of {', '.join(names)}; default: all of them"
    command.add_argument(what, nargs="*", choices=[*names, []], metavar=what.upper(), help=listed)


def stories_of(asked: argparse.Namespace, testbeds: Testbeds) -> Iterator[tuple[Testbed, tuple[str, ...]]]:
    """Each business of which stories were named, with these, as they are reached."""
    for testbed in testbeds.values():
        named = [story for story in asked.stories or testbed.stories if story in testbed.stories]
        if named:
            yield testbed, tuple((HTTP if asked.wire else "") + story for story in named)


def print_broken(testbed: Testbed, broken: Sequence[Ending], asked: argparse.Namespace) -> None:
    """Print what breaks these universes: each cut down to the fewest faults, and what is alike once."""
    for ending, times in cut_down(testbed, broken[:MOST_CUT_DOWN], workers=cores())[:MOST_SHOWN]:
        print(f"{times:>6,} x {ending.line}{whose(asked)}\n         {in_words(ending.breaches)}")


def take_seeds(command: argparse.ArgumentParser, *, default: int) -> None:
    """Let seeds be named, and how many processes work on them."""
    command.add_argument("--seeds", type=int, default=default, metavar="N", help=f"how many; default: {default:,}")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="the first one; default: 0")
    take_workers(command)


def take_workers(command: argparse.ArgumentParser) -> None:
    """Let the number of processes be given."""
    command.add_argument("--workers", type=int, default=cores(), metavar="N", help="processes; default: one per core")


def seeds_of(asked: argparse.Namespace) -> range:
    """Return the seeds that were named. Raises `InvalidPolicy` where there are none."""
    if asked.seeds < 1 or asked.seed < 0 or asked.workers < 1:
        raise InvalidPolicy("--seeds and --workers begin at 1, --seed at 0")
    return range(asked.seed, asked.seed + asked.seeds)
