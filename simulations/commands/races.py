"""`python -m simulations races`: two who act at once, in the orders of their calls, and with faults."""

from __future__ import annotations

import argparse
from functools import partial
from itertools import chain
from time import perf_counter
from typing import NamedTuple

from simulations.commands.command import Command, take_checkout, whose
from simulations.faults.checkouts import Factory
from simulations.faults.races import RACES
from simulations.faults.turns import FEW_SWITCHES, MOST_INTERLEAVINGS, RaceEnding, interleavings, struck
from simulations.in_parallel import cores, in_parallel


class _Count(NamedTuple):
    schedules: int
    most_switches: int
    universes: int
    broken: tuple[RaceEnding, ...]


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("races", nargs="*", choices=[*RACES, []], help="which; all of them where none is named")
    command.add_argument("--at-most", type=int, default=MOST_INTERLEAVINGS, help="orders of each that are tried")
    command.add_argument("--switches", type=int, default=FEW_SWITCHES, help="with so many all are tried in any case")
    command.add_argument("--faults", type=int, default=0, choices=range(2), help="in each order, from when they meet")
    take_checkout(command)


def _do(asked: argparse.Namespace, factory: Factory) -> int:
    began, universes, broken = perf_counter(), 0, 0
    races = asked.races or list(RACES)
    run = partial(_run, at_most=asked.at_most, switches=asked.switches, faults=asked.faults, factory=factory)
    for race, count in zip(races, in_parallel(run, races, workers=cores()), strict=True):
        found = f"{count.schedules:>10,} orders of up to {count.most_switches} switches"
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


RACES_COMMAND = Command("let two act at once, in many orders of their calls", _declare, _do)
