"""Time passes in a universe: the worker does what is due, and sleeps until something is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from simulations.search.process import Crash
from simulations.search.universe import Livelock, Universe

MOST_LOOKS = 5_000
"""The worker's looks at one system; with a fault of a week some 2,000 are needed."""

MINUTE, DAY = 60, 86_400


class RunsDue(Protocol):
    """Looks after what is left over, without being asked."""

    async def run_due(self) -> datetime | None:
        """Do all that is due now; when something is due next, None where nothing will be."""
        ...


class Working(Protocol):
    """A program with a worker; `payflows.app.App` is one."""

    @property
    def worker(self) -> RunsDue:
        """What goes on by itself."""
        ...


class Waiting(Protocol):
    """A system whose worker looks after what is due."""

    universe: Universe
    is_woken: bool
    """Whether something was stored since the worker looked, so that it looks again."""

    def next_change_at(self) -> datetime:
        """Before this moment nothing will be different from what it is now."""
        ...


def work(system: Waiting, *, until: datetime | None = None) -> None:
    """The worker looks after everything until nothing is due any more, or that moment has come."""
    for _ in range(MOST_LOOKS):
        wake_at = look(system)
        if wake_at is None or (until is not None and system.universe.clock.now() >= until):
            return
        sleep(system, until=wake_at if until is None else min(wake_at, until))
    raise Livelock(f"the worker looked {MOST_LOOKS} times, and there is still something due")


def work_until(system: Waiting, is_done: Callable[[], bool]) -> None:
    """The worker looks after everything until that is so, or nothing is due any more."""
    for _ in range(MOST_LOOKS):
        if is_done() or (wake_at := look(system)) is None or is_done():
            return
        sleep(system, until=wake_at)
    raise Livelock(f"the worker looked {MOST_LOOKS} times, and what was waited for has not come")


def look(system: Waiting) -> datetime | None:
    """The worker does all that is due; when it looks again, None where nothing will be due."""
    universe = system.universe
    run_due: Coroutine[Any, Any, datetime | None] = cast(Working, universe.process.app).worker.run_due()
    due_at = universe.ask(run_due, "worker")
    system.is_woken = False
    if due_at is None:
        return None
    is_lost = isinstance(due_at, Crash | Exception)
    wake_at = universe.clock.now() if is_lost else cast(datetime, due_at) - universe.own_clock.ahead
    return max(wake_at, system.next_change_at())


def sleep(system: Waiting, *, until: datetime) -> None:
    """Let time pass in which the worker does nothing: at least a second, or until it is woken."""
    clock = system.universe.clock
    until_us = clock.now_us + round(max(1.0, (until - clock.now()).total_seconds()) * 1_000_000)
    while clock.now_us < until_us and not system.is_woken:
        clock.pass_until(min(until_us, clock.next_us or until_us))


def minutes_pass(system: Waiting, minutes: int = 10) -> None:
    """Webhooks come meanwhile, and the worker sees to them each minute."""
    for _ in range(minutes):
        system.universe.clock.pass_time(60)
        work(system, until=system.universe.clock.now())


def hours_pass(system: Waiting, hours: float) -> None:
    """The worker sees to what is due, and to the webhooks of these hours at their end."""
    clock = system.universe.clock
    until = clock.now() + timedelta(hours=hours)
    work(system, until=until)
    clock.pass_time(max(0.0, (until - clock.now()).total_seconds()))
    work(system, until=until)
