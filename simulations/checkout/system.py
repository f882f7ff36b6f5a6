"""A checkout in a universe, with all that it depends on: store, goods, carrier, mail and the simulated Stripe.

What people do with it is in `stories` and `races`, what must hold of it in `verdict`.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Mapping
from typing import Any, TypeVar, cast

from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.errors import PayflowsError
from payflows.payments.gateway import PaymentGateway

from simulations.checkout.protocols import Searchable
from simulations.checkout.shop import MERCHANT
from simulations.checkout.subject import Factory, Ports, Settings, our_checkout
from simulations.search.app_system import COMMON_PORTS, AppSystem
from simulations.search.ports import Port, Role
from simulations.search.process import Crash, Process
from simulations.search.universe import Universe

T = TypeVar("T")

PORTS: Mapping[str, Port] = {
    "gateway": Port("stripe", Role.STRIPE, PaymentGateway),
    "inventory": Port("inventory", Role.SERVICE, Inventory),
    "carrier": Port("carrier", Role.SERVICE, Carrier),
    **COMMON_PORTS,
}
"""A checkout's ports, by the names under which it knows them; and its endpoint, which Stripe calls."""


class CheckoutSystem(AppSystem[Searchable]):
    """A checkout, and everything behind its ports.

    Args:
        universe: in which it runs; it begins.
        settings: how the shop differs from the usual one.
        factory: builds the checkout.

    Attributes:
        answers: the orders that customers were answered with, as they were then.
        settled_elsewhere: the orders whose money the merchant has given back another way than by Stripe.
        was_notified: whether a notice about a payment was brought by hand.
    """

    ports = PORTS

    def __init__(
        self,
        universe: Universe,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
        *,
        factory: Factory = our_checkout,
    ) -> None:
        super().__init__(universe, settings)
        self.settings = settings
        self.inventory = self._new_inventory()
        self.carrier = self._new_carrier()
        self.answers: list[Order] = []
        self.settled_elsewhere: set[str] = set()
        self.was_notified = False
        self._factory = factory
        self.begin()

    # As a system under test.

    def start(self, ports: Mapping[str, object]) -> Searchable:
        """Build the checkout on ports that may fail."""
        gateway = self.universe.transport.gateway(ports["gateway"])
        given = Ports(**{**ports, "gateway": gateway}, clock=self.universe.own_clock)  # type: ignore[arg-type]  # intercepted ones
        return self._factory(given, self.settings)

    def answered(self, answer: object) -> None:
        """Remember the order that a customer was answered with."""
        if isinstance(answer, Order):
            self.answers.append(answer)

    def standing(self) -> tuple[str, ...]:
        """The first order's status, and what Stripe holds for it."""
        order = self.order
        return (order.status.value, str(self.stripe.net_for(order.id))) if order is not None else ("", "")

    def truth(self) -> Iterator[object]:
        """Money, goods, parcels and mails."""
        yield from self.stripe.movements
        yield from self.inventory.movements
        yield from self.carrier.shipments().values()
        yield from self.mailer.sent.values()

    def _behind_ports(self) -> Mapping[str, object]:
        return {**super()._behind_ports(), "inventory": self.inventory, "carrier": self.carrier}

    def _new_inventory(self) -> InMemoryInventory:
        return InMemoryInventory(dict(self.settings.stock), clock=self.clock)

    def _new_carrier(self) -> InMemoryCarrier:
        settings = self.settings
        return InMemoryCarrier(clock=self.clock, pickup_seconds=settings.pickup_seconds, refuses=settings.refuses)

    # For stories, races and checkers.

    @property
    def order(self) -> Order | None:
        """The first order as stored; None where there is none."""
        return next(self.store.all(ORDERS), None)

    @property
    def policy(self) -> CheckoutPolicy:
        """How the shop lets its customers pay."""
        return self.settings.policy

    def ask(self, work: Coroutine[Any, Any, T], name: str = "") -> T | PayflowsError | Crash:
        """Drive a call to its end. Which answers customers took note of, the stories say."""
        return self.universe.ask(work, name)

    def notify(self, payment_id: str, process: Process | None = None) -> Coroutine[Any, Any, Order | None]:
        """Bring Stripe's notice about a payment by hand: to the process that runs, or to another one."""
        self.was_notified = True
        return app_of(process or self.universe.process).checkout.payment_changed(MERCHANT, payment_id)


def app_of(process: Process) -> Searchable:
    """The checkout that a process runs."""
    return cast(Searchable, process.app)
