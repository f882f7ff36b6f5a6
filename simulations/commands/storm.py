"""`python -m simulations storm`: universes with several faults each; what is broken is cut down to what breaks it."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from simulations.checkout.subject import Factory
from simulations.commands.command import (
    Command,
    seeds_of,
    stories_of,
    take_checkout,
    take_seeds,
    take_stories,
    tell_broken,
)
from simulations.search.storms import storms


def _declare(command: argparse.ArgumentParser) -> None:
    take_stories(command)
    take_seeds(command, default=1_000)
    take_checkout(command)


def _do(asked: argparse.Namespace, factory: Factory) -> int:
    began, shown = perf_counter(), sys.stderr.isatty()
    count = storms(seeds_of(asked), stories_of(asked), workers=asked.workers, factory=factory, progress=shown)
    tell_broken(count.broken, asked, factory)
    in_each = ", ".join(f"{faults}: {universes:,}" for faults, universes in enumerate(count.faults))
    print(f"universes by their faults: {in_each}")
    seconds = perf_counter() - began
    print(f"{count.universes:,} universes, {len(count.broken):,} broken; {seconds:,.0f} s")
    return 1 if count.broken else 0


STORM = Command("draw universes with several faults each; cut down what is broken", _declare, _do)
