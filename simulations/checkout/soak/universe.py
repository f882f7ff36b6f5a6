"""A shop that lives for years: its faults are drawn as it goes, and no call is remembered."""

from __future__ import annotations

from collections import Counter
from functools import partial

from payflows.checkout.messages import ORDERS

from simulations.checkout.checkers.safety import WEIGHTY, of_weighty
from simulations.checkout.protocols import Searchable
from simulations.checkout.soak.archiving_goods import ArchivingCarrier, ArchivingInventory
from simulations.checkout.soak.archiving_store import ArchivingMailer, ArchivingStore
from simulations.checkout.soak.fault_schedule import FaultSchedule
from simulations.checkout.soak.handlers import UnreliableHandlers
from simulations.checkout.subject import Factory, Ports, Settings, our_checkout
from simulations.checkout.system import PORTS
from simulations.checkout.verdict import JudgedCheckout
from simulations.network.effects import Answer, Make
from simulations.search.breach import Breach
from simulations.search.endpoint import listen_to_values
from simulations.search.kinds import KINDS
from simulations.search.ports import Site
from simulations.search.strikes import Call
from simulations.search.universe import Send, Universe
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


class DrawnUniverse(Universe):
    """A universe in which every fault is drawn when its call comes.

    Args:
        draws: all its chance.

    Attributes:
        calls: how many were made.
        struck_by: how often each kind of fault struck.
        weather: draws the faults.
    """

    def __init__(self, draws: Draws) -> None:
        self.calls = 0
        self.struck_by: Counter[str] = Counter()
        self.weather = FaultSchedule(draws)
        super().__init__(clock=OneByOneClock())

    def _send(self, site: Site, make: Make) -> Answer:
        """Send a call on its way, after its fault is drawn."""
        self.calls += 1
        if self.ongoing.ports:
            site, make = self.under_ongoing(site, make)
        fault = self.weather.fault_at(self.calls, site)
        if fault is None:
            return make()
        self.struck_by[fault.kind] += 1
        self.postpone_calm(0)
        return KINDS[fault.kind].strike(self, fault, Call(site, make))


class ArchiveUniverse(JudgedCheckout):
    """A shop whose finished orders are moved into another one.

    Attributes:
        store, mailer, inventory, carrier: each gives away what is known of finished orders.
    """

    store: ArchivingStore
    mailer: ArchivingMailer
    inventory: ArchivingInventory
    carrier: ArchivingCarrier

    def _new_store(self) -> ArchivingStore:
        return ArchivingStore()

    def _new_mailer(self) -> ArchivingMailer:
        return ArchivingMailer()

    def _new_inventory(self) -> ArchivingInventory:
        return ArchivingInventory(dict(self.settings.stock), clock=self.clock)

    def _new_carrier(self) -> ArchivingCarrier:
        return ArchivingCarrier(clock=self.clock, pickup_seconds=self.settings.pickup_seconds)


class LongUniverse(ArchiveUniverse):
    """A shop for many orders, in a universe of drawn faults.

    Args:
        draws: all its chance.
        settings: how it differs from the usual one.
        conditions: how webhooks travel.
        factory: builds the checkout.

    Attributes:
        drawn: its universe.
        seen: promises that were broken when a parcel was booked, or goods put back.
        handlers: they take its business events, and fail some of the time.
    """

    def __init__(
        self,
        draws: Draws,
        settings: Settings,
        *,
        conditions: DeliveryConditions = DeliveryConditions(),  # noqa: B008 - a frozen value
        factory: Factory = our_checkout,
    ) -> None:
        self.seen: list[Breach] = []
        self._draws = draws
        self._conditions = conditions
        self.handlers = self._handlers()
        self.drawn = DrawnUniverse(draws)
        self.drawn.intercept(self._weighing)
        super().__init__(self.drawn, settings, factory=self._with_handlers(factory))

    def _with_handlers(self, factory: Factory) -> Factory:
        def build(ports: Ports, settings: Settings) -> Searchable:
            app = factory(ports, settings)
            self.handlers.subscribe(app)  # type: ignore[arg-type]  # our checkout is an App
            return app

        return build

    def _weighing(self, send: Send) -> Send:
        def sent(site: Site, make: Make) -> Answer:
            return send(site, partial(self._weighed, site.method, make) if site.method in WEIGHTY else make)

        return sent

    async def _weighed(self, call: str, make: Make) -> object:
        """A call at whose moment its order's money must be so: whatever the answer is, it is checked."""
        try:
            return await make()
        finally:
            order_id = make.args[0]  # type: ignore[attr-defined]  # the call's own: about an order
            for order in self.store.all(ORDERS):
                if order.id == order_id:
                    self.seen += of_weighty(self, order, call)

    def forget_the_long_gone(self) -> None:
        """Let go of processes that crashed long ago."""
        self.universe.forget_crashed(but=MOST_GONE)

    def _handlers(self) -> UnreliableHandlers:
        return UnreliableHandlers(self._draws)

    def _listen(self) -> WebhookSender:
        return listen_to_values(self.universe, self.stripe, PORTS["webhook"], self._draws, self._conditions)
