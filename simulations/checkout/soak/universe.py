"""A universe that lives for years: its faults are drawn as it goes, and it remembers no call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from simulations.checkout.checkers.safety import WEIGHTY, of_weighty
from simulations.checkout.soak.fault_schedule import FaultSchedule
from simulations.checkout.soak.handlers import UnreliableHandlers
from simulations.checkout.subject import Factory, Settings, our_checkout
from simulations.checkout.webhooks import listen_to_values
from simulations.search.interceptor import Process
from simulations.search.kinds import KINDS, Answer, Call, Site
from simulations.search.plan import NO_FAULTS
from simulations.search.universe import Universe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws
from simulations.time.hand_clock import HandClock

MOST_GONE = 10
"""How many crashed processes are kept, so that nothing of them runs again; older ones are let go."""


class OneByOneClock(HandClock):
    """Time in which what is due happens one after another, also while the worker waits for an answer.

    A customer who comes while another one is being served waits until that one is done.
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
        conditions: how webhooks travel.
        factory: builds the checkout.

    Attributes:
        calls: how many were made.
        struck_by: how often each kind of fault struck.
        seen: promises that were broken when a parcel was booked, or goods put back.
        faults: what strikes, and when.
        handlers: they hear its business events, and fail some of the time.
    """

    def __init__(
        self,
        draws: Draws,
        settings: Settings,
        *,
        conditions: DeliveryConditions = DeliveryConditions(),  # noqa: B008 - a frozen value
        factory: Factory = our_checkout,
    ) -> None:
        self._draws = draws
        self._conditions = conditions
        self.handlers = self._handlers()
        self.calls = 0
        self.struck_by: Counter[str] = Counter()
        self.seen: list[str] = []
        self.faults = FaultSchedule(draws)
        super().__init__(NO_FAULTS, settings, factory=factory)

    def sent(self, site: Site, make: Callable[[], Answer]) -> Answer:
        """Answer a call, after the fault that is drawn for it."""
        self.calls += 1
        if site.method in WEIGHTY:
            make = partial(self._weighed, site.method, make)
        if self.troubles.ports:
            site, make = self._through_trouble(site, make)
        fault = self.faults.fault_at(self.calls, site)
        if fault is None:
            return make()
        self.struck_by[fault.kind] += 1
        self.lasts(0)
        return KINDS[fault.kind].strike(self, fault, Call(site, make))

    async def _weighed(self, call: str, make: Callable[[], Answer]) -> object:
        """A call at whose moment its order's money must be so: whatever the answer is, it is checked."""
        try:
            return await make()
        finally:
            order_id = make.args[0]  # type: ignore[attr-defined]  # the road's: about an order
            for order in self.store.orders():
                if order.id == order_id:
                    self.seen += of_weighty(self, order, call)

    def another_process(self) -> Process:
        """Return a process that runs the checkout on the same ports, with the handlers."""
        process = super().another_process()
        self.handlers.subscribe(process.app)  # type: ignore[arg-type]  # our checkout is an App
        return process

    def forget_the_long_gone(self) -> None:
        """Let go of processes that crashed long ago."""
        del self._gone[:-MOST_GONE]

    def _clock(self) -> HandClock:
        return OneByOneClock()

    def _handlers(self) -> UnreliableHandlers:
        return UnreliableHandlers(self._draws)

    def _listen(self) -> WebhookSender:
        return listen_to_values(self, self._draws, self._conditions)
