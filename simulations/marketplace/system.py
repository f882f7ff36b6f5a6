"""A marketplace in a universe, with all that it depends on: store, mail and the simulated Stripe with Connect.

What people do with it is in `stories` and `races`, what must hold of it in `verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from payflows.app import App, build_app
from payflows.clock import Clock
from payflows.errors import AlreadyExists, OrderIdReused, PayflowsError, VersionConflict
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.messages import SALES, VENDORS, EventType
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.sale import Sale
from payflows.marketplace.vendor import Vendor
from payflows.payments.gateway import PaymentGateway
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore

from simulations.marketplace.scripted_marketplace import PLATFORM, TEN_PERCENT
from simulations.search.app_system import AppSystem, ReadableStore
from simulations.search.endpoint import WEBHOOKS, WebhookEndpoint
from simulations.search.ports import Port, Role
from simulations.search.process import Crash, Process
from simulations.search.system import Connection
from simulations.search.universe import Universe
from simulations.stripe.connect.settings import USUAL_CONNECT, ConnectSettings
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import USUAL_CONDITIONS

T = TypeVar("T")


class PaymentsAndConnect(PaymentGateway, MarketplaceGateway, Protocol):
    """Stripe, as a marketplace needs it: payments and Connect."""


PORTS: Mapping[str, Port] = {
    "gateway": Port("stripe", Role.STRIPE, PaymentsAndConnect),
    "mailer": Port("mailer", Role.MAILER, Mailer),
    "store": Port("store", Role.STORE, Store),
    "webhook": Port("webhook", Role.ENDPOINT, WebhookEndpoint),
}
"""The ports of a marketplace, by the names under which it knows them; and its endpoint, which Stripe calls."""

IMPATIENT = MarketplacePolicy(retry=RetryPolicy(inline_tries=2, first_delay_seconds=60), payouts=None)
"""A platform that gives up soon, and pays no one out: the fewer tries are made, the shorter are the universes."""


class Ports(NamedTuple):
    """What a marketplace is given to work with; each call through them may be struck."""

    gateway: PaymentGateway
    connect: MarketplaceGateway
    mailer: Mailer
    store: Store
    clock: Clock


class Settings(NamedTuple):
    """How a universe differs from the usual one.

    Attributes:
        policy: the platform's.
        fees: what it keeps.
        connect: what it has agreed with Stripe.
        times: how long Stripe and the banks take.
        listens: webhooks come; else only timers wake.
        conditions: how those webhooks travel.
        away_seconds: in a trouble of days the worker stays away for so long at most.
    """

    policy: MarketplacePolicy = IMPATIENT
    fees: FeeSchedule = TEN_PERCENT
    connect: ConnectSettings = USUAL_CONNECT
    times: StripeTimes = USUAL_TIMES
    listens: bool = True
    conditions: DeliveryConditions = USUAL_CONDITIONS
    away_seconds: int = 30 * 86_400


Factory = Callable[[Ports, Settings], App]
"""Builds the marketplace that is searched, on ports that may fail; called again after every crash."""


def our_marketplace(ports: Ports, settings: Settings) -> App:
    """Build the marketplace of this project."""
    app = build_app(
        gateway=ports.gateway,
        marketplace=MarketplaceSetup(fees=settings.fees, connect=ports.connect, policy=settings.policy),
        merchant=PLATFORM,
        store=ports.store,
        mailer=ports.mailer,
        clock=ports.clock,
        webhooks=replace(WEBHOOKS) if settings.listens else None,
    )
    for event_type in EventType:
        app.bus.subscribe(event_type, count, name=f"count {event_type}")
    return app


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """Count how often a business event came."""
    counted = await work.record(f"counted {event.key}")
    work.put(counted, {"times": int(counted.fields.get("times") or 0) + 1})


class MarketplaceSystem(AppSystem):
    """A marketplace, and everything behind its ports.

    Args:
        universe: in which it runs; it begins.
        settings: how the platform differs from the usual one.
        factory: builds the marketplace.

    Attributes:
        answers: the sales that buyers were answered with, as they were then.
        conflicts: that reached a caller, though all that was asked was the same again.
    """

    may_need_a_person = False
    """Whether a row may be left in review."""

    def __init__(
        self,
        universe: Universe,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
        *,
        factory: Factory = our_marketplace,
    ) -> None:
        self.connect = settings.connect
        super().__init__(universe, settings)
        self.settings = settings
        self.store = self._new_store()
        self.mailer = InMemoryMailer()
        self.answers: list[Sale] = []
        self.conflicts: list[PayflowsError] = []
        self._factory = factory
        self.begin()

    # As a system under test.

    @property
    def endpoint(self) -> Port:
        """Where Stripe's webhooks come."""
        return PORTS["webhook"]

    def connections(self) -> Mapping[str, Connection]:
        """Name each port as the marketplace knows it, with what stands behind it."""
        return {
            "gateway": Connection(PORTS["gateway"], self.universe.transport.server(self.stripe)),
            "mailer": Connection(PORTS["mailer"], self.mailer),
            "store": Connection(PORTS["store"], self.store),
        }

    def start(self, ports: Mapping[str, object]) -> App:
        """Build the marketplace on ports that may fail."""
        transport = self.universe.transport
        stripe = {"gateway": (gateway := transport.gateway(ports["gateway"])), "connect": transport.connect(gateway)}
        given = Ports(**{**ports, **stripe}, clock=self.universe.own_clock)  # type: ignore[arg-type]  # intercepted ones
        return self._factory(given, self.settings)

    def answered(self, answer: object) -> None:
        """Remember the sale that a buyer was answered with."""
        if isinstance(answer, Sale):
            self.answers.append(answer)
        elif isinstance(answer, AlreadyExists | VersionConflict | OrderIdReused):
            self.conflicts.append(answer)

    def standing(self) -> tuple[str, ...]:
        """The newest sale's status, and the first vendor's."""
        sale, vendor = self.sale, next(iter(self.store.all(VENDORS)), None)
        return (sale.status.value if sale is not None else "", vendor.status.value if vendor is not None else "")

    def truth(self) -> Iterator[object]:
        """Money and mails."""
        yield from self.stripe.movements
        yield from self.mailer.sent.values()

    def _new_store(self) -> ReadableStore:
        return InMemoryStore()

    # For stories, races and checkers.

    @property
    def app(self) -> App:
        """What runs."""
        return app_of(self.universe.process)

    @property
    def sale(self) -> Sale | None:
        """The newest sale as stored; None where there is none."""
        return next(iter(reversed(list(self.store.all(SALES)))), None)

    def vendor(self, vendor_id: str) -> Vendor | None:
        """A vendor as stored."""
        return next((each for each in self.store.all(VENDORS) if each.vendor_id == vendor_id), None)

    @property
    def clock_ahead(self) -> timedelta:
        """How far the program's clock is ahead of the right one."""
        return self.universe.own_clock.ahead

    def ask(self, work: Coroutine[Any, Any, T], name: str = "") -> T | PayflowsError | Crash:
        """Drive a call to its end: its answer, its error, or a crash, then a new process runs."""
        answer = self.universe.ask(work, name)
        self.answered(answer)
        return answer


def app_of(process: Process) -> App:
    """What a process runs."""
    return cast(App, process.app)
