"""`payflows races`: two processes that act concurrently, in many interleavings of their calls, and with faults."""

from __future__ import annotations

import argparse
from functools import partial
from itertools import chain
from time import perf_counter
from typing import NamedTuple

from simulations.commands.arguments import RACES, take_factories, take_names, testbeds_of, whose
from simulations.commands.command import Command
from simulations.search.breach import in_words
from simulations.search.interleavings import FEW_SWITCHES, MOST_INTERLEAVINGS, RaceEnding, interleavings, struck
from simulations.search.testbed import Testbed
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
        "--switches", type=int, default=few, metavar="N", help=f"try all with up to N switches; default: {few}"
    )
    command.add_argument(
        "--faults", type=int, default=0, choices=range(2), help="in each interleaving, once they have met; default: 0"
    )
    take_factories(command)


def _do(asked: argparse.Namespace) -> int:
    testbeds = testbeds_of(asked)
    began, universes, broken = perf_counter(), 0, 0
    wanted = asked.races or RACES
    races = [(testbed, race) for testbed in testbeds.values() for race in wanted if race in testbed.races]
    run = partial(_run, at_most=asked.at_most, switches=asked.switches, faults=asked.faults)
    for (_, race), count in zip(races, parallel(run, races, workers=cores()), strict=True):
        found = f"{count.schedules:>10,} interleavings of up to {count.most_switches} switches"
        found += f"{count.universes:>12,} universes" if asked.faults else ""
        print(f"{race:<28} {found} {len(count.broken):>8,} broken", flush=True)
        for ending in count.broken[:5]:
            print(f"   {ending.line}{whose(asked)}\n      {in_words(ending.breaches)}")
        universes, broken = universes + count.universes, broken + len(count.broken)
    print(f"{universes:,} universes, {broken:,} broken; {perf_counter() - began:,.0f} s")
    return 1 if broken else 0


def _run(whose_race: tuple[Testbed, str], *, at_most: int, switches: int, faults: int) -> _Count:
    testbed, race = whose_race
    schedules, most_switches, universes, broken = 0, 0, 0, list[RaceEnding]()
    for ending in interleavings(testbed, race, at_most=at_most, switches=switches):
        schedules, most_switches = schedules + 1, len(ending.schedule.switches)
        for universe in chain([ending], struck(testbed, ending) if faults and not ending.breaches else ()):
            universes += 1
            if universe.breaches:
                broken.append(universe)
    return _Count(schedules, most_switches, universes, tuple(broken))


COMMAND = Command(_declare, _do)
