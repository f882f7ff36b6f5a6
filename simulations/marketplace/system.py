"""A marketplace in a universe, with all that it depends on: store, mail and the simulated Stripe with Connect.

What people do with it is in `stories` and `races`, what must hold of it in `verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar, cast

from payflows.app import App, build_app
from payflows.clock import Clock
from payflows.errors import AlreadyExists, OrderIdReused, PayflowsError, VersionConflict
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.messages import SALES, VENDORS, EventType
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.sale import Sale
from payflows.marketplace.vendor import Vendor
from payflows.payments.gateway import PaymentGateway

from simulations.marketplace.scripted_marketplace import PLATFORM, TEN_PERCENT
from simulations.search.app_system import COMMON_PORTS, AppSettings, AppSystem
from simulations.search.counting import count_each
from simulations.search.endpoint import CONNECTED_WEBHOOKS, WEBHOOKS, WebhookEndpoint, listen_for_accounts
from simulations.search.ports import Port, Role
from simulations.search.process import Process
from simulations.search.universe import Universe
from simulations.stripe.connect.settings import USUAL_CONNECT, ConnectSettings

T = TypeVar("T")


class PaymentsAndConnect(PaymentGateway, MarketplaceGateway, Protocol):
    """Stripe, as a marketplace needs it: payments and Connect."""


PORTS: Mapping[str, Port] = {
    "gateway": Port("stripe", Role.STRIPE, PaymentsAndConnect),
    **COMMON_PORTS,
    "connected_webhook": Port("connected_webhook", Role.ENDPOINT, WebhookEndpoint),
}
"""The ports of a marketplace, by the names under which it knows them; and its endpoints, which Stripe calls."""

IMPATIENT = MarketplacePolicy(retry=RetryPolicy(inline_tries=2, first_delay_seconds=60), payouts=None)
"""A platform that gives up soon, and pays no one out: the fewer tries are made, the shorter are the universes."""


class Ports(NamedTuple):
    """What a marketplace is given to work with; each call through them may be struck."""

    gateway: PaymentGateway
    connect: MarketplaceGateway
    mailer: Mailer
    store: Store
    clock: Clock


@dataclass(frozen=True, slots=True)
class Settings(AppSettings):
    """How a universe differs from the usual one.

    Attributes:
        policy: the platform's.
        fees: what it keeps.
        connect: what it has agreed with Stripe.
        listens_for_accounts: webhooks of vendors' accounts come, too, to their own endpoint.
    """

    policy: MarketplacePolicy = IMPATIENT
    fees: FeeSchedule = TEN_PERCENT
    connect: ConnectSettings = USUAL_CONNECT
    listens_for_accounts: bool = False


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
        webhooks=WEBHOOKS if settings.listens else None,
        connected_webhooks=CONNECTED_WEBHOOKS if settings.listens_for_accounts else None,
    )
    count_each(app.bus, EventType)
    return app


class MarketplaceSystem(AppSystem[App]):
    """A marketplace, and everything behind its ports.

    Args:
        universe: in which it runs; it begins.
        settings: how the platform differs from the usual one.
        factory: builds the marketplace.

    Attributes:
        answers: the sales that buyers were answered with, as they were then.
        conflicts: that reached a caller, though all that was asked was the same again.
    """

    ports = PORTS

    def __init__(
        self,
        universe: Universe,
        settings: Settings = Settings(),
        *,
        factory: Factory = our_marketplace,
    ) -> None:
        self.connect = settings.connect
        super().__init__(universe, settings)
        self.settings = settings
        self.answers: list[Sale] = []
        self.conflicts: list[PayflowsError] = []
        self._factory = factory
        self.begin()

    # As a system under test.

    def begin(self) -> None:
        """Start the first process, and have webhooks come, those of vendors' accounts as well where they do."""
        super().begin()
        if self.settings.listens_for_accounts:
            port, conditions = self.ports["connected_webhook"], self.settings.conditions
            listen_for_accounts(self.universe, self.stripe, port, conditions)

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

    # For stories, races and checkers.

    def objects_of_others(self) -> Collection[str]:
        """Return the objects at Stripe that are none of a marketplace's: none, where the account has nothing else."""
        return ()

    @property
    def sale(self) -> Sale | None:
        """The newest sale as stored; None where there is none."""
        return next(iter(reversed(list(self.store.all(SALES)))), None)

    def vendor(self, vendor_id: str) -> Vendor | None:
        """A vendor as stored."""
        return next((each for each in self.store.all(VENDORS) if each.vendor_id == vendor_id), None)


def app_of(process: Process) -> App:
    """What a process runs."""
    return cast(App, process.app)
