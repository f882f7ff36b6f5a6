"""The one place that joins the parts of a shop, used by notebooks, tests and simulations alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.checkout.pricing import PriceList
from payflows.clock import Clock, WallClock
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.inbox import Inbox, WebhookSettings
from payflows.kernel.outbox import Outbox
from payflows.kernel.runner import TaskRunner
from payflows.kernel.store import Mailer, ShopStore
from payflows.kernel.worker import Worker
from payflows.parties import Merchant
from payflows.payments.gateway import PaymentGateway
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore


@dataclass(frozen=True, slots=True)
class App:
    """A shop, joined up.

    Attributes:
        merchant: whose it is.
        checkout: what customers and merchant ask.
        bus: where others subscribe.
        outbox: carries stored messages out.
        inbox: takes Stripe's webhooks in; None where none are expected.
        worker: does what becomes due: outbox, inbox, deliveries to handlers, and the orders' timers.
        store: keeps orders.
    """

    merchant: Merchant
    checkout: EcommercePaymentFlow
    bus: PaymentEventBus
    outbox: Outbox
    inbox: Inbox | None
    worker: Worker
    store: ShopStore


def build_app(
    *,
    prices: PriceList,
    gateway: PaymentGateway,
    inventory: Inventory,
    carrier: Carrier,
    merchant: Merchant | None = None,
    policy: CheckoutPolicy | None = None,
    webhooks: WebhookSettings | None = None,
    store: ShopStore | None = None,
    mailer: Mailer | None = None,
    clock: Clock | None = None,
    runner: TaskRunner | None = None,
    pause_seconds: float = 1,
) -> App:
    """Join a shop: a store in memory, a mailbox in memory and the wall clock where nothing else is given.

    Args:
        prices: the catalogue and the terms of sale.
        gateway: Stripe, or who stands in for it.
        inventory: the shelf.
        carrier: brings the parcels.
        merchant: whose shop it is.
        policy: capture, cards, deadlines and retries.
        webhooks: which of Stripe's webhooks are ours; None: none are taken in.
        store: keeps orders, log, outbox, inbox and deliveries.
        mailer: sends mail.
        clock: tells the time.
        runner: does the worker's tasks, handlers' deliveries and the janitor's orders, side by side or one by one.
        pause_seconds: between two looks of the worker.
    """
    merchant = merchant or Merchant(id="mer_payflows")
    store = store or InMemoryStore()
    clock = clock or WallClock()
    bus = PaymentEventBus(store=store, clock=clock, runner=runner)
    outbox = Outbox(store=store, bus=bus, mailer=mailer or InMemoryMailer(), clock=clock)
    checkout = EcommercePaymentFlow(
        merchant=merchant,
        prices=prices,
        policy=policy or CheckoutPolicy(),
        store=store,
        gateway=gateway,
        inventory=inventory,
        carrier=carrier,
        clock=clock,
        runner=runner,
    )
    inbox = None
    if webhooks is not None:
        inbox = Inbox(store=store, settings=webhooks, on_payment=partial(checkout.payment_changed, merchant))
    tasks = (outbox, *((inbox,) if inbox is not None else ()), DueAggregates(checkout, merchant, store=store))
    worker = Worker(tasks, queues=bus.queues, clock=clock, runner=runner, pause_seconds=pause_seconds)
    return App(merchant, checkout, bus, outbox, inbox, worker, store)
