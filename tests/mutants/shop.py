"""Our checkout with some of its parts exchanged, so that a bug can be planted. Which bugs there are is said elsewhere.

Nothing in the product knows of this: every part is given by constructor, where the app gives the usual one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar, cast

from payflows.app import App
from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.fulfilment import Fulfilment
from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.payment_steps import PaymentSteps
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.step_context import OrderRepository, StepContext
from payflows.checkout.steps import CheckoutEngine
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.calls import Calls
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.guard import guarded
from payflows.kernel.inbox import Inbox
from payflows.kernel.outbox import Outbox
from payflows.kernel.store import Store
from payflows.kernel.worker import Task, Worker
from payflows.payments.orphans import Orphans
from payflows.payments.own_intent import IntentCollection
from payflows.payments.refunds import Refunds
from payflows.stripe.webhooks.endpoint import WebhookEndpoint, WebhookSettings
from simulations.checkout.scripted_shop import PRICES
from simulations.checkout.shop import MERCHANT
from simulations.checkout.subject import Ports, Settings
from simulations.checkout.webhooks import subscribe_to_all
from simulations.search.endpoint import WEBHOOKS

T = TypeVar("T")


def as_they_are(ports: Ports) -> Ports:
    return ports


def as_it_is(policy: CheckoutPolicy) -> CheckoutPolicy:
    return policy


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A factory of checkouts in which some parts are not what they should be."""

    ports: Callable[[Ports], Ports] = as_they_are
    policy: Callable[[CheckoutPolicy], CheckoutPolicy] = as_it_is
    orders: type[OrderRepository] = OrderRepository
    context: type[StepContext] = StepContext
    collection: type[IntentCollection] = IntentCollection
    refunds: type[Refunds] = Refunds
    orphans: type[Orphans] = Orphans
    payment: type[PaymentSteps] = PaymentSteps
    goods: type[Fulfilment] = Fulfilment
    engine: type[CheckoutEngine] = CheckoutEngine
    bus: type[PaymentEventBus] = PaymentEventBus
    outbox: type[Outbox] = Outbox
    timers: type[DueAggregates[Any]] = DueAggregates
    worker: type[Worker] = Worker
    webhooks: WebhookSettings = WEBHOOKS
    guard: Callable[..., Any] = guarded
    calls: type[Calls] = Calls

    def __call__(self, ports: Ports, settings: Settings) -> App:
        ports, settings = self.ports(ports), replace(settings, policy=self.policy(settings.policy))
        ports = ports._replace(store=self.guard(ports.store, Store, ports.clock))
        flow = self._flow(ports, settings, self._engine(ports, settings))
        bus = self.bus(event_types=[EventType], store=ports.store, clock=ports.clock)
        outbox = self.outbox(store=ports.store, bus=bus, mailer=ports.mailer, kinds=[ORDERS], clock=ports.clock)
        handlers = {"payment": [partial(flow.payment_changed, MERCHANT)]}
        inbox = Inbox(store=ports.store, clock=ports.clock, handlers=handlers) if settings.listens else None
        timers = self.timers(ORDERS, partial(flow.advance, MERCHANT), store=ports.store)
        tasks: list[Task] = [outbox, *((inbox,) if inbox is not None else ()), timers]
        worker = self.worker(tasks, queues=bus.queues, clock=ports.clock)
        endpoint = WebhookEndpoint(inbox, self.webhooks) if inbox is not None else None
        app = App(MERCHANT, bus, outbox, inbox, endpoint, worker, ports.store, flow)
        return subscribe_to_all(app) if settings.listens else app

    def _engine(self, ports: Ports, settings: Settings) -> CheckoutEngine:
        policy, calls = settings.policy, self.calls(ports.clock, settings.policy.retry)
        context = self.context(
            orders=self.orders(store=ports.store, clock=ports.clock, policy=policy),
            gateway=ports.gateway,
            collection=self.collection(ports.gateway, calls),
            refunds=self.refunds(ports.gateway, calls),
            orphans=self.orphans(ports.gateway, calls),
            inventory=ports.inventory,
            carrier=ports.carrier,
            calls=calls,
            clock=ports.clock,
            policy=policy,
        )
        return self.engine(context, payment=self.payment(context), goods=self.goods(context))

    def _flow(self, ports: Ports, settings: Settings, engine: CheckoutEngine) -> EcommercePaymentFlow:
        return EcommercePaymentFlow(
            merchant=MERCHANT,
            prices=PRICES,
            policy=settings.policy,
            store=ports.store,
            gateway=ports.gateway,
            inventory=ports.inventory,
            carrier=ports.carrier,
            clock=ports.clock,
            engine=engine,
        )


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
