"""The one place that joins the parts of a shop, used by notebooks, tests and simulations alike."""

from __future__ import annotations

from dataclasses import dataclass

from payflows.actors import Merchant
from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import PriceList
from payflows.clock import Clock, WallClock
from payflows.crew import Crew
from payflows.events.bus import PaymentEventBus
from payflows.events.outbox import Outbox
from payflows.inmemory.mailer import InMemoryMailer
from payflows.ports import Carrier, Inventory, Mailer, PaymentGateway, Store
from payflows.store.memory import InMemoryStore


@dataclass(frozen=True, slots=True)
class App:
    """A shop, joined up.

    Attributes:
        merchant: whose it is.
        checkout: what customers and merchant ask.
        bus: where others subscribe.
        outbox: carries stored messages out.
        store: keeps orders.
    """

    merchant: Merchant
    checkout: EcommercePaymentFlow
    bus: PaymentEventBus
    outbox: Outbox
    store: Store


def build_app(
    *,
    prices: PriceList,
    gateway: PaymentGateway,
    inventory: Inventory,
    carrier: Carrier,
    merchant: Merchant | None = None,
    policy: CheckoutPolicy | None = None,
    store: Store | None = None,
    mailer: Mailer | None = None,
    clock: Clock | None = None,
    crew: Crew | None = None,
) -> App:
    """Join a shop: a store in memory, a mailbox in memory and the wall clock where nothing else is given.

    Args:
        prices: the catalogue and the terms of sale.
        gateway: Stripe, or who stands in for it.
        inventory: the shelf.
        carrier: brings the parcels.
        merchant: whose shop it is.
        policy: capture, cards, deadlines and retries.
        store: keeps orders, log and outbox.
        mailer: sends mail.
        clock: tells the time.
        crew: does the janitor's orders.
    """
    merchant = merchant or Merchant(id="mer_payflows")
    store = store or InMemoryStore()
    clock = clock or WallClock()
    bus = PaymentEventBus(store=store, clock=clock)
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
        crew=crew,
    )
    return App(merchant, checkout, bus, outbox, store)
