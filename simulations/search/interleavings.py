"""Two who act at once: every order in which their calls can follow each other, or all with a few switches; and faults.

A schedule says who begins, and before which turns the other one takes over; a turn is a call through a port, with all
that its caller does until the next one. Two checkouts of twenty calls have more interleavings than could ever be run:
those with the fewest switches come first, for most races need one or two. Each of the two is a process of its own: one
may crash while the other goes on, and is started again beside it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator, Sequence
from functools import partial
from types import coroutine
from typing import Any, NamedTuple, TypeVar

from payflows.checkout.model import Order
from payflows.errors import InvalidPolicy, PayflowsError

from simulations.checkout.races import RACES, Racer
from simulations.checkout.subject import Factory, our_checkout
from simulations.search.interceptor import Crash
from simulations.search.kinds import Answer, Site, kinds_at
from simulations.search.plan import NO_FAULTS, Plan, written
from simulations.search.search import check_struck, with_one_more
from simulations.search.universe import Recorder, Universe
from simulations.search.verdict import SafetyMonitor, live

MOST_INTERLEAVINGS = 50_000
"""All orders in which two act are tried where there are no more; of more than these, those with the fewest switches."""

T = TypeVar("T")

FEW_SWITCHES = 3
"""All schedules with so many are tried, however many they are."""


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
        met_after: so many calls.
        sites: all calls, in the order of their numbers.
        turns: how many there were while both were at work.
        breach: the promise that was broken; None where all were kept.
    """

    race: str
    schedule: Schedule
    plan: Plan
    met_after: int
    sites: Sequence[Site]
    turns: int
    breach: str | None

    @property
    def line(self) -> str:
        """One line that shows it again."""
        plan = f" {written(self.plan)}" if self.plan else ""
        return f"payflows replay '{self.race} {self.schedule}{plan}'"


class SharedUniverse(Universe):
    """A universe in which every call through a port is a turn, while two are at work.

    Attributes:
        turns: how many there were while both were at work.
        met_after: after so many calls they met.
    """

    taking_turns = False
    turns = met_after = 0

    def sent(self, site: Site, make: Callable[[], Answer]) -> Answer:
        """What comes of a call, once it is its caller's turn again."""
        return self._in_turn(site, make) if self.taking_turns else super().sent(site, make)

    async def _in_turn(self, site: Site, make: Callable[[], Answer]) -> object:
        await _end_of_turn()
        return await super().sent(site, make)

    def ask(self, work: Coroutine[Any, Any, T]) -> T | PayflowsError | Crash:
        """What is asked in the middle of a turn, such as by a webhook, is done within it."""
        taking_turns, self.taking_turns = self.taking_turns, False
        try:
            return super().ask(work)
        finally:
            self.taking_turns = taking_turns

    def together(self, racers: tuple[Racer, Racer], schedule: Schedule, plan: Plan = NO_FAULTS) -> None:
        """Let both come to their end, in the schedule's order, while the plan comes true.

        Args:
            racers: who acts.
            schedule: who acts when.
            plan: what goes wrong; what it says of calls before this moment never comes true.
        """
        self.met_after = len(self.sites)
        for fault in plan:
            if fault.call > self.met_after:
                self.strike(fault)
        self.taking_turns = True
        at_work, current = dict(enumerate(racers)), schedule.first
        while at_work:
            if len(at_work) == len(racers):
                current = 1 - current if self.turns in schedule.switches and self.turns > 0 else current
                self.turns += 1
            else:
                (current,) = at_work
            racer = at_work.pop(current)
            self.asked = f"{racer.work.__qualname__} ({current + 1})"  # type: ignore[attr-defined]  # a coroutine has one
            if (after := self._goes_on(racer)) is not None:
                at_work[current] = after
        self.taking_turns = False

    def _goes_on(self, racer: Racer) -> Racer | None:
        """One turn. Who goes on after it: the same one, a process that is started after a crash, or nobody."""
        try:
            if racer.work.send(None) is not Crash.OF_THE_PROCESS:
                return racer
        except StopIteration as ended:
            if isinstance(ended.value, Order):
                self.heard.append(ended.value)
            return None
        except PayflowsError:
            return None
        started = self.restart(racer.work, racer.life)
        return Racer(started, started.app.worker.step())


def read_schedule(text: str) -> Schedule:
    """The schedule that was written as `0/3.9`. Raises `InvalidPolicy` where it is none."""
    match = re.fullmatch(r"([01])/((?:[1-9][0-9]{0,3}(?:\.[1-9][0-9]{0,3})*)?)", text)
    if match is None:
        raise InvalidPolicy(f"a schedule is written like 0/3.9, got {text!r}")
    return Schedule(int(match[1]), tuple(map(int, match[2].split("."))) if match[2] else ())


def run_race(
    race: str,
    schedule: Schedule,
    plan: Plan = NO_FAULTS,
    *,
    factory: Factory = our_checkout,
    recorder: Recorder | None = None,
) -> RaceEnding:
    """Let two meet in one order of their calls, and judge what came of it.

    Args:
        race: who meets.
        schedule: who acts when.
        plan: what goes wrong once they have met.
        factory: builds the checkout.
        recorder: writes down every call, and how things stand after it.

    Raises:
        InvalidPlan: there is no such call once they have met, or the kind cannot strike it.
    """
    met, monitor = RACES[race], SafetyMonitor()
    universe = SharedUniverse(NO_FAULTS, met.settings, factory=factory, watch=monitor, recorder=recorder)
    begin = partial(met.begin, universe, universe.another_process())
    breach = live(universe, lambda: universe.together(begin(), schedule, plan), monitor)
    if breach is None and not plan:
        breach = "; ".join(met.ends(universe)) or None
    universe.close()
    if breach is None:
        check_struck(universe, plan)
    return RaceEnding(race, schedule, plan, universe.met_after, tuple(universe.sites), universe.turns, breach)


def struck(ending: RaceEnding, *, factory: Factory = our_checkout) -> Iterator[RaceEnding]:
    """The same schedule with one more fault: of every kind, at every call since they met, recovery's included.

    Where that makes more turns, the other one takes over at each of these too.
    """
    first, switches = ending.schedule
    for plan in with_one_more(ending.plan, ending.sites, kinds_at, after=ending.met_after):
        hit = run_race(ending.race, ending.schedule, plan, factory=factory)
        yield hit
        for turn in range(ending.turns, hit.turns):
            yield run_race(ending.race, Schedule(first, (*switches, turn)), plan, factory=factory)


def interleavings(
    race: str, *, at_most: int = MOST_INTERLEAVINGS, switches: int = FEW_SWITCHES, factory: Factory = our_checkout
) -> Iterator[RaceEnding]:
    """Schedule after schedule, those with the fewest switches first; a switch is only made while both are at work.

    Args:
        race: who meets.
        at_most: after so many no schedule with more than a few switches is begun.
        switches: so many are a few.
        factory: builds the checkout.
    """
    begun = 0
    coming = deque([Schedule(0), Schedule(1)])
    while coming and (begun < at_most or len(coming[0].switches) <= switches):
        schedule = coming.popleft()
        ending = run_race(race, schedule, factory=factory)
        yield ending
        begun += 1
        if ending.breach is None:
            last = schedule.switches[-1] if schedule.switches else 0
            further = range(last + 1, ending.turns)
            coming.extend(Schedule(schedule.first, (*schedule.switches, turn)) for turn in further)


@coroutine
def _end_of_turn() -> Generator[None, None, None]:
    yield
