"""An account with three businesses in a universe: one app, one store, one worker, one endpoint and one secret."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple, Protocol

from payflows.app import App, build_app
from payflows.checkout import messages as of_checkout
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.ports import Carrier, Inventory
from payflows.clock import Clock
from payflows.kernel.store import Mailer, Store
from payflows.marketplace import messages as of_marketplace
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.payments.gateway import PaymentGateway
from payflows.subscriptions import messages as of_subscriptions
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.gateway import BillingGateway

from simulations.checkout.scripted_shop import PRICES
from simulations.checkout.user_actions import parcels_arrive
from simulations.marketplace.scripted_marketplace import PLATFORM
from simulations.one_account import checkers
from simulations.one_account.parts import CheckoutPart, MarketplacePart, SubscriptionPart
from simulations.one_account.settings import Settings
from simulations.search.app_system import COMMON_PORTS, AppSystem
from simulations.search.breach import Breach
from simulations.search.counting import count_each
from simulations.search.endpoint import WEBHOOKS
from simulations.search.ports import Port, Role
from simulations.search.universe import Universe
from simulations.stripe.connect.settings import USUAL_CONNECT
from simulations.subscriptions.catalogue import PLANS


class WholeStripe(PaymentGateway, BillingGateway, MarketplaceGateway, Protocol):
    """Stripe, as the account needs it: payments, billing and Connect."""


PORTS: Mapping[str, Port] = {
    "gateway": Port("stripe", Role.STRIPE, WholeStripe),
    "inventory": Port("inventory", Role.SERVICE, Inventory),
    "carrier": Port("carrier", Role.SERVICE, Carrier),
    **COMMON_PORTS,
}
"""The ports of the account's app, by the names under which it knows them; and its endpoint, which Stripe calls."""


class Ports(NamedTuple):
    """What the app is given to work with; each call through them may be struck."""

    gateway: PaymentGateway
    billing: BillingGateway
    connect: MarketplaceGateway
    inventory: Inventory
    carrier: Carrier
    mailer: Mailer
    store: Store
    clock: Clock


Factory = Callable[[Ports, Settings], App]
"""Builds the app that is searched, on ports that may fail; called again after every crash."""


def our_businesses(ports: Ports, settings: Settings) -> App:
    """Build the three businesses of this project as one app."""
    app = build_app(
        gateway=ports.gateway,
        checkout=CheckoutSetup(
            prices=PRICES, inventory=ports.inventory, carrier=ports.carrier, policy=settings.checkout.policy
        ),
        subscriptions=SubscriptionSetup(plans=PLANS, billing=ports.billing, policy=settings.subscriptions.policy),
        marketplace=MarketplaceSetup(
            fees=settings.marketplace.fees, connect=ports.connect, policy=settings.marketplace.policy
        ),
        merchant=PLATFORM,
        store=ports.store,
        mailer=ports.mailer,
        clock=ports.clock,
        webhooks=WEBHOOKS if settings.listens else None,
    )
    count_each(app.bus, (*of_checkout.EventType, *of_subscriptions.EventType, *of_marketplace.EventType))
    return app


class OneAccount(AppSystem[App]):
    """Three businesses, and everything behind their ports.

    Args:
        universe: in which they run; it begins.
        settings: how they differ from the usual ones.
        factory: builds them.

    Attributes:
        checkout, subscriptions, marketplace: each business as its own stories and checkers know it.
    """

    ports = PORTS
    connect = USUAL_CONNECT

    def __init__(
        self,
        universe: Universe,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
        *,
        factory: Factory = our_businesses,
    ) -> None:
        super().__init__(universe, settings)
        self.settings = settings
        self._factory = factory
        self.checkout = CheckoutPart(self)
        self.subscriptions = SubscriptionPart(self)
        self.marketplace = MarketplacePart(self)
        self._parts = (self.checkout, self.subscriptions, self.marketplace)
        self.store.on_change(self._wake)
        self.begin()
        for part in self._parts:
            part.sender = self.sender

    # As a system under test.

    def start(self, ports: Mapping[str, object]) -> App:
        """Build the businesses on ports that may fail."""
        transport = self.universe.transport
        gateway = transport.gateway(ports["gateway"])
        stripe = {"gateway": gateway, "billing": transport.billing(gateway), "connect": transport.connect(gateway)}
        given = Ports(**{**ports, **stripe}, clock=self.universe.own_clock)  # type: ignore[arg-type]  # intercepted ones
        return self._factory(given, self.settings)

    def tell(self) -> None:
        """Nothing: a story says more."""

    def settle(self) -> None:
        """Let days pass, and parcels arrive: with a subscription there is always something due later."""
        self.subscriptions.settle()
        parcels_arrive(self.checkout)
        self.marketplace.settle()

    def answered(self, answer: object) -> None:
        """Have each business remember what its customers were answered."""
        for part in self._parts:
            part.answered(answer)

    def answer_of_another(self, answer: object) -> object:
        """Return an answer of Stripe's as it would be about another customer."""
        return self.subscriptions.answer_of_another(answer)

    def safety(self) -> Iterator[Breach]:
        """Check what each business promises whenever money or goods may have moved."""
        return chain.from_iterable(part.safety() for part in self._parts)

    def breaches(self) -> list[Breach]:
        """Check all promises of each business, and those of the account, now that all is calm."""
        found: list[Iterable[Breach]] = [part.breaches() for part in self._parts]
        return list(dict.fromkeys(chain(*found, checkers.breaches(self))))

    def money(self) -> list[Breach]:
        """Check the money of a shop that never comes to rest."""
        return self.checkout.money()

    def standing(self) -> tuple[str, ...]:
        """How the first order, the newest subscription and the newest sale stand."""
        return tuple(part.standing()[0] for part in self._parts)

    def truth(self) -> Iterator[object]:
        """Money, goods, parcels and mails."""
        yield from self.stripe.movements
        yield from self.checkout.inventory.movements
        yield from self.checkout.carrier.shipments().values()
        yield from self.mailer.sent.values()

    def close(self) -> None:
        """Let go of Stripe's side of the endpoint, which refers to the universe."""
        super().close()
        for part in self._parts:
            part.close()

    def _wake(self) -> None:
        self.is_woken = True

    def _behind_ports(self) -> Mapping[str, object]:
        shop = self.checkout
        return {**super()._behind_ports(), "inventory": shop.inventory, "carrier": shop.carrier}
