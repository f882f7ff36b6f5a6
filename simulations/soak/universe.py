"""A universe that lives for years: its faults are drawn as it goes, and it remembers no call."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from simulations.draws import Draws
from simulations.faults.kinds import KINDS, Call, Strike
from simulations.faults.plan import NO_FAULTS, Fault
from simulations.faults.universe import Factory, Settings, Universe, our_checkout
from simulations.soak.weather import Weather
from simulations.stripe.clock import HandClock

MOST_GONE = 50
"""So many processes that crashed are kept, that nothing of them runs again; what is older is let go."""


class OneByOneClock(HandClock):
    """Time in which what is due happens one by one, though also while the worker waits for an answer.

    Who comes while another one is being served waits until that one is done, however many come in a time of long waits.
    """

    _is_serving = False

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what is due on the way happens, but not in the middle of something else that was due."""
        if self._is_serving:
            self.now_us += round(seconds * 1_000_000)
        else:
            super().pass_time(seconds)

    def _call_next(self) -> None:
        self._is_serving = True
        try:
            super()._call_next()
        finally:
            self._is_serving = False


class LongUniverse(Universe):
    """A universe for many orders.

    Args:
        draws: all its chance.
        settings: how it differs from the usual one.
        factory: builds the checkout.

    Attributes:
        calls: how many were made.
        struck_by: how often each kind of fault struck.
        weather: what strikes.
    """

    def __init__(self, draws: Draws, settings: Settings, *, factory: Factory = our_checkout) -> None:
        self.calls = 0
        self.struck_by: Counter[str] = Counter()
        self.weather = Weather(draws)
        super().__init__(NO_FAULTS, settings, factory=factory)

    async def struck(self, call: Call) -> object:
        """The call's answer, after what is drawn for it."""
        self.calls += 1
        fault = self.weather.fault_at(self.calls, call)
        if fault is None:
            return await self.in_trouble(call)
        self.struck_by[fault.kind] += 1
        return await KINDS[fault.kind].strike(self, fault, call)

    def trouble(self, port: str, strike: Strike, fault: Fault) -> None:
        """Have every call of a port struck for a while; what would be over sooner does not end what lasts longer."""
        _, _, until_us = self._troubles.get(port, (None, None, 0))
        if self.clock.now_us + fault.seconds * 1_000_000 > until_us:
            super().trouble(port, strike, fault)

    @property
    def untroubled(self) -> timedelta:
        """For how long nothing has been in anybody's way."""
        now = self.clock.now()
        return now - max(self.weather.calm_since or now, self.troubled_until)

    def forget_the_long_gone(self) -> None:
        """Let go of processes that crashed long ago."""
        del self._gone[:-MOST_GONE]

    def _clock(self) -> HandClock:
        return OneByOneClock()
