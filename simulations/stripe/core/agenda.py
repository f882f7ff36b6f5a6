"""What Stripe will do by itself, and when."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from simulations.time.hand_clock import VirtualClock


class Agenda:
    """Runs what Stripe does by itself: settling a debit, expiring an authorisation, failing a refund.

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
        """Do it at that moment."""
        self._number += 1
        heapq.heappush(self._due, (due_us, self._number, act))
        self._set_alarm()

    def catch_up(self) -> int:
        """Do what is due by now. Returns the present in microseconds."""
        now_us = self._clock.now_us
        while self._due and self._due[0][0] <= now_us:
            heapq.heappop(self._due)[2]()
        return now_us

    def forget(self) -> None:
        """Do nothing more: what was to be done refers to this agenda, in circles."""
        self._due.clear()

    def _set_alarm(self) -> None:
        """Ask the clock to wake us for the earliest entry, unless it is going to already."""
        if self._due and (self._alarm_us is None or self._due[0][0] < self._alarm_us):
            self._alarm_us = self._due[0][0]
            self._clock.after((self._alarm_us - self._clock.now_us) / 1_000_000, self._wake)

    def _wake(self) -> None:
        self._alarm_us = None
        self.catch_up()
        self._set_alarm()
