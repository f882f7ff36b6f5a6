"""`python -m simulations races`: two who act at once, in the orders of their calls."""

from __future__ import annotations

import argparse
from functools import partial
from time import perf_counter
from typing import NamedTuple

from simulations.commands.command import Command, take_checkout, whose
from simulations.faults.turns import FEW_SWITCHES, MOST_INTERLEAVINGS, RACES, RaceEnding, interleavings
from simulations.faults.universe import Factory
from simulations.in_parallel import cores, in_parallel


class _Count(NamedTuple):
    schedules: int
    most_switches: int
    broken: tuple[RaceEnding, ...]


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("races", nargs="*", choices=[*RACES, []], help="which; all of them where none is named")
    few = f"with up to {FEW_SWITCHES} switches all are tried in any case"
    command.add_argument("--at-most", type=int, default=MOST_INTERLEAVINGS, help=f"orders of each; {few}")
    take_checkout(command)


def _do(asked: argparse.Namespace, factory: Factory) -> int:
    began, schedules, broken = perf_counter(), 0, 0
    races = asked.races or list(RACES)
    run = partial(_run, at_most=asked.at_most, factory=factory)
    for race, count in zip(races, in_parallel(run, races, workers=cores()), strict=True):
        found = f"{count.schedules:>10,} orders of up to {count.most_switches} switches"
        print(f"{race:<28} {found} {len(count.broken):>8,} broken", flush=True)
        for ending in count.broken[:5]:
            print(f"   {ending.line}{whose(asked)}\n      {ending.breach}")
        schedules, broken = schedules + count.schedules, broken + len(count.broken)
    print(f"{schedules:,} orders, {broken:,} broken; {perf_counter() - began:,.0f} s")
    return 1 if broken else 0


def _run(race: str, *, at_most: int, factory: Factory) -> _Count:
    schedules, most_switches, broken = 0, 0, list[RaceEnding]()
    for ending in interleavings(race, at_most=at_most, factory=factory):
        schedules, most_switches = schedules + 1, len(ending.schedule.switches)
        if ending.breach is not None:
            broken.append(ending)
    return _Count(schedules, most_switches, tuple(broken))


RACES_COMMAND = Command("let two act at once, in many orders of their calls", _declare, _do)
