"""What a command of `python -m simulations` is, and what several of them ask. Each is a module beside this one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

from payflows.errors import BadPolicy

from simulations.faults.universe import Factory
from simulations.in_parallel import cores

OURS = "simulations.faults.universe:our_checkout"


class Command(NamedTuple):
    """A command.

    Attributes:
        help: what it does, in a line.
        declare: says which words it takes.
        do: does it, with the checkout that is asked for; the exit code.
    """

    help: str
    declare: Callable[[argparse.ArgumentParser], None]
    do: Callable[[argparse.Namespace, Factory], int]


def take_checkout(command: argparse.ArgumentParser) -> None:
    """Let another checkout than ours be named."""
    command.add_argument("--checkout", default=OURS, help="the factory of another one, as module:name")


def whose(asked: argparse.Namespace) -> str:
    """What a line that shows something again must say of the checkout."""
    return "" if asked.checkout == OURS else f" --checkout {asked.checkout}"


def take_seeds(command: argparse.ArgumentParser, *, default: int) -> None:
    """Let seeds be named, and how many processes work on them."""
    command.add_argument("--seeds", type=int, default=default, help=f"how many; {default:,} where none is said")
    command.add_argument("--seed", type=int, default=0, help="the first of them")
    command.add_argument("--workers", type=int, default=cores(), help="processes; one per core where none is said")


def seeds_of(asked: argparse.Namespace) -> range:
    """The seeds that were named. Raises `BadPolicy` where there are none."""
    if asked.seeds < 1 or asked.seed < 0 or asked.workers < 1:
        raise BadPolicy("--seeds and --workers begin at 1, --seed at 0")
    return range(asked.seed, asked.seed + asked.seeds)
