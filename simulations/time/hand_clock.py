"""Time moved by hand, and what a simulation asks of a clock. Time that SimPy drives is in `world`."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, cast

from payflows.checks import aware, not_negative

T = TypeVar("T")


class VirtualClock(Protocol):
    """Time as a simulated service sees it; `World` and `HandClock` are such clocks."""

    @property
    def now_us(self) -> int:
        """Microseconds since the start."""
        ...

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that long."""
        ...

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call a plain function after that delay."""
        ...


class WorkingClock(VirtualClock, Protocol):
    """A clock that also starts coroutines, as the sender of webhooks needs it."""

    def start(self, work: Coroutine[Any, Any, T], *, name: str = "") -> object:
        """Run a coroutine concurrently with all others."""
        ...


class OwnClock:
    """The clock of one program, which may be wrong: it is set forward or back while time goes on.

    Args:
        clock: is right, and passes the time.

    Attributes:
        ahead: how far it is ahead; below 0: behind.
    """

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.ahead = timedelta(0)
        self.now = clock.now
        self.sleep = clock.sleep
        self.within = clock.within

    def step(self, by: timedelta) -> None:
        """Set it forward; below 0: back."""
        ahead, right = self.ahead + by, self._clock.now
        self.ahead = ahead
        self.now = lambda: right() + ahead

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until it shows that moment."""
        await self._clock.sleep_until(moment - self.ahead)


class HandClock:
    """Time that is moved by hand, for tests and small stories. A coroutine that sleeps on it moves it.

    Args:
        start: when it begins; aware.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        aware("start", start)
        self._start = start
        self._calls: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self.now_us = 0
        self._moment_us, self._moment = 0, start

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        if self._moment_us != self.now_us:
            self._moment_us, self._moment = self.now_us, self._start + timedelta(microseconds=self.now_us)
        return self._moment

    @property
    def next_us(self) -> int | None:
        """When the next thing happens on it, in microseconds since the start; None: nothing will."""
        return self._calls[0][0] if self._calls else None

    async def sleep(self, seconds: float) -> None:
        """Move the clock on."""
        self.pass_time(seconds)

    async def sleep_until(self, moment: datetime) -> None:
        """Move on to that moment; not at all if it is past."""
        self.pass_time(max(0.0, (moment - self.now()).total_seconds()))

    def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
        """Return the work as it is: it waits for nothing but this clock, and moves it where it does."""
        return work

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call a plain function after that delay."""
        self._number += 1
        heapq.heappush(self._calls, (self.now_us + round(seconds * 1_000_000), self._number, callback))

    def start(self, work: Coroutine[Any, Any, T], *, name: str = "") -> object:
        """Run the coroutine to its end: nothing on this clock waits for anything else."""
        return self.run(work)

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Drive a coroutine, which waits for nothing but this clock, to its end."""
        try:
            work.send(None)
        except StopIteration as ended:
            return cast(T, ended.value)
        work.close()
        raise RuntimeError("it waits for something else than this clock")

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what is due on the way happens at its moment. Raises `InvalidPolicy`: a negative time."""
        not_negative("seconds", seconds)
        self.pass_until(self.now_us + round(seconds * 1_000_000))

    def pass_until(self, until_us: int) -> None:
        """Let time pass until that moment, in microseconds since the start."""
        while self._calls and self._calls[0][0] <= until_us:
            self._call_next()
        self.now_us = max(self.now_us, until_us)

    def forget(self) -> None:
        """Call nothing any more: what was to be called may refer to this clock, in circles."""
        self._calls.clear()

    def _call_next(self) -> None:
        due_us, _, callback = heapq.heappop(self._calls)
        self.now_us = max(self.now_us, due_us)
        callback()
