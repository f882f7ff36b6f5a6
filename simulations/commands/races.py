"""`payflows races`: two processes that act concurrently, in many interleavings of their calls, and with faults."""

from __future__ import annotations

import argparse
from functools import partial
from itertools import chain
from time import perf_counter
from typing import NamedTuple

from simulations.checkout.races import RACES
from simulations.checkout.subject import Factory
from simulations.commands.arguments import factory_of, take_checkout, take_names, whose
from simulations.commands.command import Command
from simulations.search.interleavings import FEW_SWITCHES, MOST_INTERLEAVINGS, RaceEnding, interleavings, struck
from simulations.time.parallel import cores, parallel


class _Count(NamedTuple):
    schedules: int
    most_switches: int
    universes: int
    broken: tuple[RaceEnding, ...]


def _declare(command: argparse.ArgumentParser) -> None:
    take_names(command, "races", RACES)
    most, few = f"{MOST_INTERLEAVINGS:,}", FEW_SWITCHES
    command.add_argument(
        "--at-most", type=int, default=MOST_INTERLEAVINGS, metavar="N", help=f"interleavings of a race; default: {most}"
    )
    command.add_argument(
        "--switches", type=int, default=few, metavar="N", help=f"those with up to N are all tried; default: {few}"
    )
    command.add_argument(
        "--faults", type=int, default=0, choices=range(2), help="in each interleaving, once they have met; default: 0"
    )
    take_checkout(command)


def _do(asked: argparse.Namespace) -> int:
    factory = factory_of(asked)
    began, universes, broken = perf_counter(), 0, 0
    races = asked.races or list(RACES)
    run = partial(_run, at_most=asked.at_most, switches=asked.switches, faults=asked.faults, factory=factory)
    for race, count in zip(races, parallel(run, races, workers=cores()), strict=True):
        found = f"{count.schedules:>10,} interleavings of up to {count.most_switches} switches"
        found += f"{count.universes:>12,} universes" if asked.faults else ""
        print(f"{race:<28} {found} {len(count.broken):>8,} broken", flush=True)
        for ending in count.broken[:5]:
            print(f"   {ending.line}{whose(asked)}\n      {ending.breach}")
        universes, broken = universes + count.universes, broken + len(count.broken)
    print(f"{universes:,} universes, {broken:,} broken; {perf_counter() - began:,.0f} s")
    return 1 if broken else 0


def _run(race: str, *, at_most: int, switches: int, faults: int, factory: Factory) -> _Count:
    schedules, most_switches, universes, broken = 0, 0, 0, list[RaceEnding]()
    for ending in interleavings(race, at_most=at_most, switches=switches, factory=factory):
        schedules, most_switches = schedules + 1, len(ending.schedule.switches)
        for universe in chain([ending], struck(ending, factory=factory) if faults and ending.breach is None else ()):
            universes += 1
            if universe.breach is not None:
                broken.append(universe)
    return _Count(schedules, most_switches, universes, tuple(broken))


COMMAND = Command(_declare, _do)
