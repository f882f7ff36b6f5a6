"""Arguments that several commands of `payflows` take, and what several of them print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from pkgutil import resolve_name

from payflows.errors import InvalidPolicy

from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Factory
from simulations.search.levels import WIRE
from simulations.search.search import Ending
from simulations.search.shrinking import cut_down
from simulations.time.parallel import cores

MOST_CUT_DOWN, MOST_SHOWN = 500, 20
"""Of the broken universes of one search."""

OURS = "simulations.checkout.subject:our_checkout"


def take_checkout(command: argparse.ArgumentParser) -> None:
    """Let another checkout than ours be named."""
    command.add_argument("--checkout", default=OURS, metavar="MODULE:NAME", help="its factory; default: ours")


def factory_of(asked: argparse.Namespace) -> Factory:
    """Return the factory that was named; it is also looked for in the current folder, as `python -m` does."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    factory: Factory = resolve_name(asked.checkout)
    return factory


def whose(asked: argparse.Namespace) -> str:
    """Return what a line that shows something again must say of the checkout."""
    return "" if asked.checkout == OURS else f" --checkout {asked.checkout}"


def take_stories(command: argparse.ArgumentParser) -> None:
    """Let stories be named, and the level at which faults strike them."""
    take_names(command, "stories", STORIES)
    command.add_argument("--wire", action="store_true", help="strike HTTP requests to Stripe, not calls of its port")


def take_names(command: argparse.ArgumentParser, what: str, names: Collection[str]) -> None:
    """Let some of these be named, such as stories."""
    listed = f"some of {', '.join(names)}; default: all of them"
    command.add_argument(what, nargs="*", choices=[*names, []], metavar=what.upper(), help=listed)


def stories_of(asked: argparse.Namespace) -> tuple[str, ...]:
    """Return the stories that were named, at their level."""
    return tuple((WIRE if asked.wire else "") + story for story in asked.stories or STORIES)


def print_broken(broken: Sequence[Ending], asked: argparse.Namespace, factory: Factory) -> None:
    """Print what breaks these universes: each cut down to the fewest faults, and what is alike printed once."""
    for ending, times in cut_down(broken[:MOST_CUT_DOWN], workers=cores(), factory=factory)[:MOST_SHOWN]:
        print(f"{times:>6,} x {ending.line}{whose(asked)}\n         {ending.breach}")


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
