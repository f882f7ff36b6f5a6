"""Two processes that act concurrently, in every order of their calls or in those with few switches; and with faults.

A schedule says who begins, and before which turns the other one takes over; a turn is a call through a port, with all
that its caller does until the next one. Two programs of twenty calls have more interleavings than could ever be run:
those with the fewest switches come first, for most races need one or two. Each of the two is a process by itself: one
may crash while the other goes on, and another process is started in its place.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from types import coroutine
from typing import NamedTuple

from payflows.errors import InvalidPolicy, PayflowsError

from simulations.network.effects import Answer, Make
from simulations.search.breach import Breach, in_words
from simulations.search.kinds import kinds_at
from simulations.search.plan import NO_FAULTS, Plan, written
from simulations.search.ports import Site
from simulations.search.process import Crash, Racer, cancel
from simulations.search.search import check_struck, with_one_more
from simulations.search.testbed import Testbed
from simulations.search.universe import Recorder, Send, Universe
from simulations.search.verdict import SafetyMonitor, run_and_judge

MOST_INTERLEAVINGS = 50_000
"""All orders in which two act are tried where there are no more; of more than these, those with the fewest switches."""

FEW_SWITCHES = 3
"""All schedules with up to this many are tried, however many schedules there are."""


class Schedule(NamedTuple):
    """In which order two act.

    Attributes:
        first: who begins, 0 or 1.
        switches: before these turns, counted from 1, the other one takes over.
    """

    first: int
    switches: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.first}/{'.'.join(map(str, self.switches))}"


class RaceEnding(NamedTuple):
    """How one schedule ended.

    Attributes:
        race: whose.
        schedule: who acted when.
        plan: what went wrong from when they met.
        met_after: how many calls there were before that.
        sites: all calls, in the order of their numbers.
        turns: how many there were while both were at work.
        breaches: the promises that were broken; empty where all were kept.
    """

    race: str
    schedule: Schedule
    plan: Plan
    met_after: int
    sites: Sequence[Site]
    turns: int
    breaches: tuple[Breach, ...]

    @property
    def line(self) -> str:
        """One line that shows it again."""
        plan = f" {written(self.plan)}" if self.plan else ""
        return f"payflows replay '{self.race} {self.schedule}{plan}'"

    def __str__(self) -> str:
        return f"{self.line}: {in_words(self.breaches) or 'all promises were kept'}"


class TurnTaking:
    """Makes every call through a port a turn, while two processes are at work in a universe.

    Args:
        universe: at its beginning.

    Attributes:
        turns: how many there were while both were at work.
        met_after: how many calls there were before the two met.
    """

    def __init__(self, universe: Universe) -> None:
        self.turns = self.met_after = 0
        self._universe = universe
        self._is_on = False
        universe.intercept(self._in_turn)

    def together(self, racers: tuple[Racer, Racer], schedule: Schedule, plan: Plan = NO_FAULTS) -> None:
        """Let both come to their end, in the schedule's order, while the plan comes true.

        Args:
            racers: who acts.
            schedule: who acts when.
            plan: what goes wrong; what it says of calls before this moment never comes true.
        """
        universe = self._universe
        self.met_after = len(universe.sites)
        for fault in plan:
            if fault.call > self.met_after:
                universe.strike(fault)
        self._is_on = True
        at_work, current = dict(enumerate(racers)), schedule.first
        while at_work:
            if len(at_work) == len(racers):
                current = 1 - current if self.turns in schedule.switches and self.turns > 0 else current
                self.turns += 1
            else:
                (current,) = at_work
            racer = at_work.pop(current)
            universe.asked = f"{racer.name} ({current + 1})"
            if (after := self._goes_on(racer)) is not None:
                at_work[current] = after
        self._is_on = False

    def _goes_on(self, racer: Racer) -> Racer | None:
        """One turn. Returns who goes on after it: the same one, a process started after a crash, or None."""
        universe = self._universe
        try:
            awaited = racer.work.send(None)
            if awaited is Crash.OF_THE_TASK:
                cancel(racer.work)
                return universe.system.resume(racer.process)
            if awaited is not Crash.OF_THE_PROCESS:
                return racer
        except StopIteration as ended:
            universe.system.answered(ended.value)
            return None
        except PayflowsError as error:
            universe.system.answered(error)
            return None
        return universe.system.resume(universe.restart(racer.work, racer.process))

    def _in_turn(self, send: Send) -> Send:
        universe = self._universe

        def sent(site: Site, make: Make) -> Answer:
            if not self._is_on or universe.asks:  # what is asked in the middle of a turn is done within it
                return send(site, make)
            return _after_the_others(send, site, make)

        return sent


async def _after_the_others(send: Send, site: Site, make: Make) -> object:
    await _end_of_turn()
    return await send(site, make)


def read_schedule(text: str) -> Schedule:
    """The schedule that was written as `0/3.9`. Raises `InvalidPolicy` where it is none."""
    match = re.fullmatch(r"([01])/((?:[1-9][0-9]{0,3}(?:\.[1-9][0-9]{0,3})*)?)", text)
    if match is None:
        raise InvalidPolicy(f"a schedule is written like 0/3.9, got {text!r}")
    return Schedule(int(match[1]), tuple(map(int, match[2].split("."))) if match[2] else ())


def run_race(
    testbed: Testbed, race: str, schedule: Schedule, plan: Plan = NO_FAULTS, *, recorder: Recorder | None = None
) -> RaceEnding:
    """Let two meet in one order of their calls, and judge what came of it.

    Args:
        testbed: whose race.
        race: who meets.
        schedule: who acts when.
        plan: what goes wrong once they have met.
        recorder: writes down every call, and how things stand after it.

    Raises:
        InvalidPlan: there is no such call once they have met, or the kind cannot strike it.
    """
    monitor = SafetyMonitor()
    universe = Universe(monitor=monitor, recorder=recorder)
    turns = TurnTaking(universe)
    system = testbed.build(universe, race)
    other = universe.another_process()
    checks = (system.breaches,) if plan else (system.breaches, system.expected)
    breaches = run_and_judge(universe, lambda: turns.together(system.meet(other), schedule, plan), monitor, *checks)
    universe.close()
    if not breaches:
        check_struck(universe, plan)
    return RaceEnding(race, schedule, plan, turns.met_after, tuple(universe.sites), turns.turns, breaches)


def struck(testbed: Testbed, ending: RaceEnding) -> Iterator[RaceEnding]:
    """The same schedule with one more fault: of every kind, at every call since they met, recovery's included.

    Where that makes more turns, the other one takes over at each of these too.
    """
    first, switches = ending.schedule
    for plan in with_one_more(ending.plan, ending.sites, kinds_at, after=ending.met_after):
        hit = run_race(testbed, ending.race, ending.schedule, plan)
        yield hit
        for turn in range(ending.turns, hit.turns):
            yield run_race(testbed, ending.race, Schedule(first, (*switches, turn)), plan)


def interleavings(
    testbed: Testbed, race: str, *, at_most: int = MOST_INTERLEAVINGS, switches: int = FEW_SWITCHES
) -> Iterator[RaceEnding]:
    """Schedule after schedule, those with the fewest switches first; a switch is only made while both are at work.

    Args:
        testbed: whose race.
        race: who meets.
        at_most: after this many no schedule with more than a few switches is begun.
        switches: how many are a few.
    """
    begun = 0
    coming = deque([Schedule(0), Schedule(1)])
    while coming and (begun < at_most or len(coming[0].switches) <= switches):
        schedule = coming.popleft()
        ending = run_race(testbed, race, schedule)
        yield ending
        begun += 1
        if not ending.breaches:
            last = schedule.switches[-1] if schedule.switches else 0
            further = range(last + 1, ending.turns)
            coming.extend(Schedule(schedule.first, (*schedule.switches, turn)) for turn in further)


@coroutine
def _end_of_turn() -> Generator[None, None, None]:
    yield
