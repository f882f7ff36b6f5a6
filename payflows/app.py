"""The one place that joins the parts of an app, used by notebooks, tests and simulations alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from payflows.checkout.business import CheckoutSetup, checkout_business
from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checks import implements, instance_of, positive
from payflows.clock import Clock, WallClock
from payflows.errors import InvalidPolicy, InvalidState
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.business import Business
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.guard import CALL_TIMEOUT_SECONDS, guarded
from payflows.kernel.inbox import Inbox, OnConnected, OnSubject
from payflows.kernel.outbox import Outbox
from payflows.kernel.runner import AsyncioRunner, SequentialRunner, TaskRunner
from payflows.kernel.store import Mailer, Store
from payflows.kernel.worker import Task, Worker
from payflows.marketplace.business import MarketplaceSetup, marketplace_business
from payflows.marketplace.flow import MarketplacePaymentFlow
from payflows.parties import Merchant
from payflows.payments.gateway import PaymentGateway
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint, WebhookSettings
from payflows.subscriptions.business import SubscriptionSetup, subscription_business
from payflows.subscriptions.flow import SaaSSubscriptionFlow


@dataclass(frozen=True, slots=True)
class App:
    """One merchant's businesses, joined.

    Attributes:
        merchant: whose they are.
        bus: where handlers subscribe.
        outbox: delivers stored messages.
        inbox: works on what Stripe's webhooks are about; None where none are expected.
        webhooks: takes Stripe's webhooks in; None where none are expected.
        worker: does what becomes due: outbox, inbox, handlers' items, and the timers of all aggregates.
        store: keeps all of it.
        connected_webhooks: takes the webhooks of vendors' accounts in; None where none are expected.
    """

    merchant: Merchant
    bus: PaymentEventBus
    outbox: Outbox
    inbox: Inbox | None
    webhooks: WebhookEndpoint | None
    worker: Worker
    store: Store
    _checkout: EcommercePaymentFlow | None = None
    _subscriptions: SaaSSubscriptionFlow | None = None
    _marketplace: MarketplacePaymentFlow | None = None
    connected_webhooks: WebhookEndpoint | None = None

    @property
    def checkout(self) -> EcommercePaymentFlow:
        """Return what customers and the merchant ask of the checkout. Raises `InvalidState` where there is none."""
        if self._checkout is None:
            raise InvalidState("this app has no checkout; give build_app a CheckoutSetup")
        return self._checkout

    @property
    def subscriptions(self) -> SaaSSubscriptionFlow:
        """Return what is asked of subscriptions. Raises `InvalidState` where there are none."""
        if self._subscriptions is None:
            raise InvalidState("this app has no subscriptions; give build_app a SubscriptionSetup")
        return self._subscriptions

    @property
    def marketplace(self) -> MarketplacePaymentFlow:
        """Return what is asked of the marketplace. Raises `InvalidState` where there is none."""
        if self._marketplace is None:
            raise InvalidState("this app has no marketplace; give build_app a MarketplaceSetup")
        return self._marketplace


def build_app(
    *,
    gateway: PaymentGateway,
    checkout: CheckoutSetup | None = None,
    subscriptions: SubscriptionSetup | None = None,
    marketplace: MarketplaceSetup | None = None,
    merchant: Merchant | None = None,
    webhooks: WebhookSettings | None = None,
    connected_webhooks: WebhookSettings | None = None,
    store: Store | None = None,
    mailer: Mailer | None = None,
    clock: Clock | None = None,
    runner: TaskRunner | None = None,
    poll_seconds: float = 1,
    store_timeout_seconds: float = CALL_TIMEOUT_SECONDS,
) -> App:
    """Join an app: a store in memory, a mailbox in memory and the wall clock where nothing else is given.

    Args:
        gateway: Stripe, or what stands in for it.
        checkout: what only the checkout needs; None: there is no checkout.
        subscriptions: what only subscriptions need; None: there are none.
        marketplace: what only the marketplace needs; None: there is none.
        merchant: whose it is.
        webhooks: which of Stripe's webhooks are ours; None: none are taken in.
        connected_webhooks: which of those of connected accounts are, by another secret; None: none are taken in.
        store: keeps aggregates, log, outbox, inbox and handlers' items.
        mailer: sends mail.
        clock: tells the time.
        runner: runs the worker's tasks, handlers and timers concurrently, or one by one. By default concurrently on
            the wall clock, under asyncio, and one by one on any other.
        poll_seconds: between two polls of the worker while there is work.
        store_timeout_seconds: a call of the store that takes longer is cut off, and its outcome unknown.

    Raises:
        InvalidPolicy: no business was asked for, a part of another type, or a time that cannot be.
    """
    positive("store_timeout_seconds", store_timeout_seconds, most=3_600)
    if checkout is None and subscriptions is None and marketplace is None:
        raise InvalidPolicy("an app needs a business: give build_app a CheckoutSetup, or another one's setup")
    implements("gateway", gateway, PaymentGateway)
    instance_of("checkout", checkout, CheckoutSetup, None)
    instance_of("subscriptions", subscriptions, SubscriptionSetup, None)
    instance_of("marketplace", marketplace, MarketplaceSetup, None)
    instance_of("merchant", merchant, Merchant, None)
    instance_of("webhooks", webhooks, WebhookSettings, None)
    instance_of("connected_webhooks", connected_webhooks, WebhookSettings, None)
    implements("store", store, Store, optional=True)
    implements("mailer", mailer, Mailer, optional=True)
    implements("clock", clock, Clock, optional=True)
    implements("runner", runner, TaskRunner, optional=True)
    merchant = merchant or Merchant(id="mer_payflows")
    runner = runner or (SequentialRunner() if clock is not None else AsyncioRunner())
    clock = clock or WallClock()
    store = store or InMemoryStore()
    if type(store) is not InMemoryStore:  # ours neither hangs nor raises what no port declares
        store = guarded(store, Store, clock, store_timeout_seconds)
    given: dict[str, Any] = {"merchant": merchant, "store": store, "gateway": gateway, "clock": clock}
    selling = checkout.flow(**given) if checkout is not None else None
    subscribing = subscriptions.flow(**given) if subscriptions is not None else None
    splitting = marketplace.flow(**given) if marketplace is not None else None
    businesses = _businesses(merchant, selling, subscribing, splitting)
    advancing = [each for business in businesses for each in business.advancing]
    bus = PaymentEventBus(
        event_types=[business.event_types for business in businesses], store=store, clock=clock, runner=runner
    )
    kinds = [each.kind for each in advancing]
    outbox = Outbox(store=store, bus=bus, mailer=mailer or InMemoryMailer(), kinds=kinds, clock=clock)
    inbox = _inbox(businesses, store, clock, webhooks or connected_webhooks)
    endpoint = _endpoint(inbox, webhooks)
    connected = _connected_endpoint(inbox, connected_webhooks, splitting)
    timers = [DueAggregates(each.kind, each.advance, store=store, runner=runner) for each in advancing]
    tasks: list[Task] = [outbox, *((inbox,) if inbox is not None else ()), *timers]
    running: dict[str, Any] = {"clock": clock, "runner": runner, "poll_seconds": poll_seconds}
    worker = Worker(tasks, queues=bus.queues, on_change=store.on_change, **running)
    return App(merchant, bus, outbox, inbox, endpoint, worker, store, selling, subscribing, splitting, connected)


def _businesses(
    merchant: Merchant,
    selling: EcommercePaymentFlow | None,
    subscribing: SaaSSubscriptionFlow | None,
    splitting: MarketplacePaymentFlow | None,
) -> list[Business]:
    """What there is of businesses, as they are joined to the kernel."""
    businesses = []
    if selling is not None:
        businesses.append(checkout_business(selling, merchant))
    if subscribing is not None:
        businesses.append(subscription_business(subscribing, merchant))
    if splitting is not None:
        businesses.append(marketplace_business(splitting, merchant))
    return businesses


def _inbox(
    businesses: Sequence[Business], store: Store, clock: Clock, settings: WebhookSettings | None
) -> Inbox | None:
    """Return what works on webhooks, by the kind of their subject: each business is asked in turn."""
    if settings is None:
        return None
    handlers: defaultdict[str, list[OnSubject]] = defaultdict(list)
    connected: defaultdict[str, list[OnConnected]] = defaultdict(list)
    for business in businesses:
        for kind, handle in business.on_subject.items():
            handlers[kind].append(handle)
        for kind, on_connected in business.on_connected.items():
            connected[kind].append(on_connected)
    return Inbox(store=store, clock=clock, handlers=handlers, connected=connected, retry=settings.retry)


def _endpoint(inbox: Inbox | None, settings: WebhookSettings | None) -> WebhookEndpoint | None:
    """Return what takes webhooks in; None where none are expected."""
    return None if inbox is None or settings is None else WebhookEndpoint(inbox, settings)


def _connected_endpoint(
    inbox: Inbox | None, settings: WebhookSettings | None, splitting: MarketplacePaymentFlow | None
) -> WebhookEndpoint | None:
    """Return what takes the webhooks of vendors' accounts in. Raises `InvalidPolicy` where there can be no vendors."""
    if inbox is None or settings is None:
        return None
    if splitting is None:
        raise InvalidPolicy("connected_webhooks are those of vendors' accounts: give build_app a MarketplaceSetup")
    return WebhookEndpoint(inbox, settings, splitting.has_account)
