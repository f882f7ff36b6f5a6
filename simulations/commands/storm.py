"""`payflows storm`: universes with several faults each; what is broken is cut down to what breaks it."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from simulations.commands.arguments import (
    factory_of,
    print_broken,
    seeds_of,
    stories_of,
    take_checkout,
    take_seeds,
    take_stories,
)
from simulations.commands.command import Command
from simulations.search.storms import storms


def _declare(command: argparse.ArgumentParser) -> None:
    take_stories(command)
    take_seeds(command, default=1_000)
    take_checkout(command)


def _do(asked: argparse.Namespace) -> int:
    factory = factory_of(asked)
    began, shown = perf_counter(), sys.stderr.isatty()
    count = storms(seeds_of(asked), stories_of(asked), workers=asked.workers, factory=factory, progress=shown)
    print_broken(count.broken, asked, factory)
    in_each = ", ".join(f"{faults}: {universes:,}" for faults, universes in enumerate(count.faults))
    print(f"universes by their faults: {in_each}")
    seconds = perf_counter() - began
    print(f"{count.universes:,} universes, {len(count.broken):,} broken; {seconds:,.0f} s")
    return 1 if count.broken else 0


COMMAND = Command(_declare, _do)
