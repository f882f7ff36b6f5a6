"""Time for the simulated Stripe: the clock, how long things take, and what happens by itself."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, cast

from payflows.checks import not_negative

T = TypeVar("T")

DAY = 24 * 3600


class VirtualClock(Protocol):
    """What the simulated Stripe asks of time; `simulations.time.world.World` is one."""

    @property
    def now_us(self) -> int:
        """Microseconds since the start."""
        ...

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        ...

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call a plain function so much later."""
        ...


class WorkingClock(VirtualClock, Protocol):
    """A clock that also sets coroutines to work, as the sender of webhooks needs it."""

    def start(self, work: Coroutine[Any, Any, T], *, name: str = "") -> object:
        """Set a coroutine to work beside all others."""
        ...


class HandClock:
    """Time that is moved by hand, for tests and small stories. A coroutine that sleeps on it moves it.

    Args:
        start: when it begins; aware.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
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

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.pass_time(seconds)

    async def sleep_until(self, moment: datetime) -> None:
        """Move on to that moment; not at all if it is past."""
        self.pass_time(max(0.0, (moment - self.now()).total_seconds()))

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call a plain function so much later."""
        self._number += 1
        heapq.heappush(self._calls, (self.now_us + round(seconds * 1_000_000), self._number, callback))

    def start(self, work: Coroutine[Any, Any, T], *, name: str = "") -> object:
        """Work is done at once: nothing on this clock waits for anything else."""
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
        """Let time pass; what is due on the way happens at its moment."""
        until_us = self.now_us + round(seconds * 1_000_000)
        while self._calls and self._calls[0][0] <= until_us:
            self._call_next()
        self.now_us = max(self.now_us, until_us)

    def _call_next(self) -> None:
        due_us, _, callback = heapq.heappop(self._calls)
        self.now_us = max(self.now_us, due_us)
        callback()


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeTimes:
    """How long Stripe and the banks take.

    Attributes:
        authorisation_lasts_seconds: an authorisation that is not captured by then is cancelled (seven days).
        settle_after_seconds: a bank debit in `processing` succeeds or fails (ACH: up to four business days).
        refund_settles_after_seconds: a pending refund succeeds.
        refund_fails_after_seconds: the bank sends a refund back that had succeeded.
        dispute_after_seconds: from the capture until a disputed card's customer complains.
        search_lag_seconds: a new payment is found by search only so much later ("up to a minute").
        client_timeout_seconds: how long our side waits for an answer.
    """

    authorisation_lasts_seconds: float = 7 * DAY
    settle_after_seconds: float = 4 * DAY
    refund_settles_after_seconds: float = 2 * DAY
    refund_fails_after_seconds: float = 5 * DAY
    dispute_after_seconds: float = 3600
    search_lag_seconds: float = 60
    client_timeout_seconds: float = 20

    def __post_init__(self) -> None:
        for name in self.__slots__:
            not_negative(name, getattr(self, name))


USUAL_TIMES = StripeTimes()


class Agenda:
    """What Stripe will do by itself: settle a debit, let an authorisation expire, fail a refund.

    The clock wakes it for the earliest entry only. Whoever calls Stripe at exactly that moment may come
    before the clock does, so every call first catches up.
    """

    __slots__ = ("_alarm_us", "_clock", "_due", "_number")

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self._alarm_us: int | None = None

    def add(self, due_us: int, act: Callable[[], None]) -> None:
        """Do it then."""
        self._number += 1
        heapq.heappush(self._due, (due_us, self._number, act))
        self._set_alarm()

    def catch_up(self) -> int:
        """Do what is due by now; the present in microseconds."""
        now_us = self._clock.now_us
        while self._due and self._due[0][0] <= now_us:
            heapq.heappop(self._due)[2]()
        return now_us

    def _set_alarm(self) -> None:
        """Ask the clock to wake us for the earliest entry, unless it is going to already."""
        if self._due and (self._alarm_us is None or self._due[0][0] < self._alarm_us):
            self._alarm_us = self._due[0][0]
            self._clock.after((self._alarm_us - self._clock.now_us) / 1_000_000, self._wake)

    def _wake(self) -> None:
        self._alarm_us = None
        self.catch_up()
        self._set_alarm()
