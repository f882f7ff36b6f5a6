"""Our checkout with some of its parts exchanged, so that a bug can be planted. Which bugs there are is said elsewhere.

Nothing in the product knows of this: the flow is joined as usual, and then given other parts of the same shape.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from payflows.app import App
from payflows.checkout.book import OrderBook
from payflows.checkout.fulfilment import GoodsSteps
from payflows.checkout.payment_steps import PaymentSteps
from payflows.checkout.step_context import Shopkeeper
from payflows.checkout.steps import CheckoutSteps
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.outbox import Outbox
from payflows.kernel.worker import Worker
from payflows.payments.refunds import GivingBack
from simulations.checkout.subject import Ports, Settings, our_checkout
from simulations.checkout.webhooks import subscribe_to_all

T = TypeVar("T")


def as_they_are(ports: Ports) -> Ports:
    return ports


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A factory of checkouts in which some parts are not what they should be."""

    ports: Callable[[Ports], Ports] = as_they_are
    book: type[OrderBook] = OrderBook
    keeper: type[Shopkeeper] = Shopkeeper
    payment: type[PaymentSteps] = PaymentSteps
    goods: type[GoodsSteps] = GoodsSteps
    giving_back: type[GivingBack] = GivingBack
    bus: type[PaymentEventBus] = PaymentEventBus
    outbox: type[Outbox] = Outbox
    janitor: type[DueAggregates] = DueAggregates
    worker: type[Worker] = Worker

    def __call__(self, ports: Ports, settings: Settings) -> App:
        ports = self.ports(ports)
        app = our_checkout(ports, settings)
        self._exchange_steps(app, ports, settings)
        return self._with_other_chores(app, ports, settings)

    def _exchange_steps(self, app: App, ports: Ports, settings: Settings) -> None:
        policy, flow = settings.policy, app.checkout
        flow._book = self.book(store=ports.store, clock=ports.clock, policy=policy)
        keeper = self.keeper(flow._book, ports.gateway, ports.inventory, ports.carrier, ports.clock, policy)
        flow._steps = CheckoutSteps(keeper, store=ports.store)
        self._give_parts(flow._steps, keeper)

    def _give_parts(self, steps: CheckoutSteps, keeper: Shopkeeper) -> None:
        payment, goods = self.payment(keeper), self.goods(keeper)
        goods._giving_back = self.giving_back(keeper)
        steps._goods = goods
        for status, step in steps._steps.items():
            owner = payment if hasattr(payment, step.__name__) else goods
            steps._steps[status] = getattr(owner, step.__name__)

    def _with_other_chores(self, app: App, ports: Ports, settings: Settings) -> App:
        bus = self.bus(store=ports.store, clock=ports.clock)
        outbox = self.outbox(store=ports.store, bus=bus, mailer=ports.mailer, clock=ports.clock)
        janitor = self.janitor(app.checkout, app.merchant, store=ports.store)
        tasks = (outbox, janitor) if app.inbox is None else (outbox, app.inbox, janitor)
        worker = self.worker(tasks, queues=bus.queues, clock=ports.clock)
        joined = App(app.merchant, app.checkout, bus, outbox, app.inbox, worker, app.store)
        return subscribe_to_all(joined) if settings.listens else joined


Make = Callable[..., Awaitable[object]]


class Around:
    """A port through which every call goes as it is; a mutant overrides one."""

    def __init__(self, port: object) -> None:
        self._port: Any = port

    def __getattr__(self, call: str) -> Make:
        return cast(Make, getattr(self._port, call))

    @classmethod
    def around(cls, port: T) -> T:
        """The port itself, to a type checker."""
        return cast(T, cls(port))
