"""A universe that lives for years: its faults are drawn as it goes, and it remembers no call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from payflows.checkout.messages import ORDERS

from simulations.checkout.checkers.safety import WEIGHTY, of_weighty
from simulations.checkout.soak.archiving_store import ArchivingMailer, ArchivingStore
from simulations.checkout.soak.fault_schedule import FaultSchedule
from simulations.checkout.subject import Factory, Settings, our_checkout
from simulations.search.kinds import KINDS, Answer, Call, Site
from simulations.search.plan import NO_FAULTS
from simulations.search.universe import Universe
from simulations.stripe.clock import HandClock
from simulations.time.draws import Draws

MOST_GONE = 10
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


class ArchiveUniverse(Universe):
    """A universe whose finished orders are moved into another one.

    Attributes:
        store: keeps orders.
        mailer: keeps mails.
    """

    store: ArchivingStore
    mailer: ArchivingMailer

    def _new_store(self) -> ArchivingStore:
        return ArchivingStore()

    def _new_mailer(self) -> ArchivingMailer:
        return ArchivingMailer()


class LongUniverse(ArchiveUniverse):
    """A universe for many orders.

    Args:
        draws: all its chance.
        settings: how it differs from the usual one.
        factory: builds the checkout.

    Attributes:
        calls: how many were made.
        struck_by: how often each kind of fault struck.
        seen: promises that were broken when a parcel was booked, or goods put back.
        weather: what strikes.
    """

    def __init__(self, draws: Draws, settings: Settings, *, factory: Factory = our_checkout) -> None:
        self.calls = 0
        self.struck_by: Counter[str] = Counter()
        self.seen: list[str] = []
        self.weather = FaultSchedule(draws)
        super().__init__(NO_FAULTS, settings, factory=factory)

    def sent(self, site: Site, make: Callable[[], Answer]) -> Answer:
        """What comes of a call, after what is drawn for it."""
        self.calls += 1
        if site.method in WEIGHTY:
            make = partial(self._weighed, site.method, make)
        if self.troubles.ports:
            site, make = self._through_trouble(site, make)
        fault = self.weather.fault_at(self.calls, site)
        if fault is None:
            return make()
        self.struck_by[fault.kind] += 1
        self.lasts(0)
        return KINDS[fault.kind].strike(self, fault, Call(site, make))

    async def _weighed(self, call: str, make: Callable[[], Answer]) -> object:
        """A call at whose moment its order's money must be so: whatever it is answered, it is looked at."""
        try:
            return await make()
        finally:
            order_id = make.args[0]  # type: ignore[attr-defined]  # the road's: about an order
            for order in self.store.all(ORDERS):
                if order.id == order_id:
                    self.seen += of_weighty(self, order, call)

    def forget_the_long_gone(self) -> None:
        """Let go of processes that crashed long ago."""
        del self._gone[:-MOST_GONE]

    def _clock(self) -> HandClock:
        return OneByOneClock()
