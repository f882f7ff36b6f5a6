"""Ongoing faults: from some call on, every call of a port is struck the same way, for a while."""

from __future__ import annotations

from payflows.clock import SECOND

from simulations.search.plan import Fault
from simulations.search.strikes import Strike
from simulations.time.hand_clock import HandClock


class OngoingFaults:
    """Which ports are struck, and until when.

    Args:
        clock: a universe's.

    Attributes:
        ports: those where something may still last.
        since: when the latest one began.
        until: when the last of them ends.
    """

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.ports: dict[str, tuple[Strike, Fault, int]] = {}
        self.since = self.until = clock.now()

    def begin(self, port: str, strike: Strike, fault: Fault) -> None:
        """From now on every call of the port is struck, for as long as the fault lasts."""
        self.ports[port] = strike, fault, self._clock.now_us + fault.seconds * 1_000_000
        self.since = self._clock.now()
        self.until = max(self.until, self.since + fault.seconds * SECOND)

    def at(self, port: str) -> tuple[Strike, Fault] | None:
        """The fault that strikes every call of the port now; None where there is none."""
        if port not in self.ports:
            return None
        strike, lasting, until_us = self.ports[port]
        if self._clock.now_us < until_us:
            return strike, lasting
        del self.ports[port]
        return None
