"""One account, three businesses: one app, store, worker, inbox and webhook secret; each webhook is one business's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from payflows.app import build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.policy import CheckoutPolicy
from payflows.kernel.changes import OUTBOX
from payflows.kernel.inbox import INBOX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.connect import BusinessType
from payflows.marketplace.input import CartPart
from payflows.marketplace.ledger import LEDGER, balances_of
from payflows.marketplace.messages import SALES
from payflows.marketplace.policy import MarketplacePolicy
from payflows.money import Money
from payflows.payments.model import CaptureMode
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.parsing import StripeEvent
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.messages import SUBSCRIPTIONS
from simulations.checkout.scripted_shop import HOMES, PRICES, STOCK, cart
from simulations.marketplace.scripted_marketplace import TEN_PERCENT
from simulations.search.endpoint import WEBHOOKS
from simulations.stripe import ConnectSettings, HandClock, SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.subscriptions.catalogue import ADA, MERCHANT, PLANS, PRO, VISA, offer
from simulations.time.draws import Draws

PAGE = "https://bazaar.example/vendors"


class ThreeBusinesses:
    """A merchant who sells goods, subscriptions, and for a vendor, all to one customer."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.stripe = offer(SimulatedStripe(self.clock, connect=ConnectSettings()))
        self.store = InMemoryStore()
        self.app = build_app(
            gateway=self.stripe,
            checkout=CheckoutSetup(
                prices=PRICES,
                inventory=InMemoryInventory(STOCK, clock=self.clock),
                carrier=InMemoryCarrier(clock=self.clock, pickup_seconds=3_600),
                policy=CheckoutPolicy(capture=CaptureMode.AUTOMATIC),
            ),
            subscriptions=SubscriptionSetup(plans=PLANS, billing=self.stripe),
            marketplace=MarketplaceSetup(fees=TEN_PERCENT, connect=self.stripe, policy=MarketplacePolicy(payouts=None)),
            merchant=MERCHANT,
            store=self.store,
            clock=self.clock,
            webhooks=WEBHOOKS,
        )
        self.sender = WebhookSender(
            self.stripe, self.clock, ValueHandover(self._receive), draws=Draws(0), conditions=DeliveryConditions()
        )
        self.stripe.top_up_platform(20_000)
        run = self.clock.run
        vendor, _ = run(
            self.app.marketplace.onboard_vendor(
                "bob",
                email="bob@example.com",
                country="US",
                business_type=BusinessType.INDIVIDUAL,
                refresh_url=PAGE,
                return_url=PAGE,
            )
        )
        self.stripe.submit_requirements(vendor.stored_account_id())
        run(self.app.marketplace.account_changed(MERCHANT, vendor.stored_account_id()))

    def buy(self) -> None:
        """Ada buys mugs."""
        process = self.app.checkout.process_checkout
        self.clock.run(process(ADA, "checkout-1", cart=cart(), payment_method=VISA, shipping_address=HOMES["ada"]))

    def subscribe(self) -> None:
        """Ada subscribes."""
        create = self.app.subscriptions.create_subscription
        self.clock.run(create(ADA, "signup-1", plan_id=PRO.id, payment_method=VISA))

    def buy_of_a_vendor(self) -> None:
        """Ada buys what a vendor sells."""
        pay = self.app.marketplace.process_marketplace_payment
        self.clock.run(pay(ADA, "order-1", cart=[CartPart("bob", Money(5_000, "usd"))], payment_method=VISA))

    def days_pass(self, days: int) -> None:
        """Webhooks come, and the worker does what is due, hour by hour."""
        for _ in range(24 * days):
            self.clock.pass_time(3_600)
            self.clock.run(self.app.worker.run_due())

    async def _receive(self, event: StripeEvent) -> int:
        assert self.app.webhooks is not None, "it listens"
        return (await self.app.webhooks.receive_event(event, self.clock.now())).status


ACTS: dict[str, Callable[[ThreeBusinesses], None]] = {
    "goods": ThreeBusinesses.buy,
    "subscription": ThreeBusinesses.subscribe,
    "vendor": ThreeBusinesses.buy_of_a_vendor,
}


@pytest.mark.parametrize(
    "order",
    [
        ("goods", "subscription", "vendor"),
        ("vendor", "goods", "subscription"),
        ("subscription", "vendor", "goods"),
        ("vendor", "subscription", "goods"),
    ],
    ids="-".join,
)
def test_each_business_gets_what_is_its(order: tuple[str, ...]) -> None:
    merchant = ThreeBusinesses()
    for act in order:
        ACTS[act](merchant)
    merchant.days_pass(6)

    (bought,), (subscription,), (sale,) = (merchant.store.all(kind) for kind in (ORDERS, SUBSCRIPTIONS, SALES))
    assert (bought.status, subscription.status, sale.status) == ("shipped", "active", "available")
    assert merchant.stripe.net_for(bought.id) == bought.charge.amount
    assert merchant.stripe.net_for(sale.id) == sale.charge.amount
    assert sum(balances_of(merchant.store.all_entries(LEDGER)).values()) == 0
    assert len(merchant.sender.tries) > 10


def test_every_webhook_is_handled_by_one_business_or_ignored_for_a_reason() -> None:
    merchant = ThreeBusinesses()
    for act in ACTS.values():
        act(merchant)
    merchant.days_pass(6)

    items = list(merchant.store.all_items(INBOX))
    assert {item.status for item in items} <= {ItemStatus.PROCESSED, ItemStatus.IGNORED}
    assert any(item.status is ItemStatus.PROCESSED for item in items)
    ignored = [item for item in items if item.status is ItemStatus.IGNORED]
    assert all(item.last_error for item in ignored)
    paid = Counter(
        message.type for item in merchant.store.all_items(OUTBOX) if isinstance(message := item.content, BusinessEvent)
    )
    assert (paid["payment.succeeded"], paid["subscription.started"], paid["sale.paid"]) == (1, 1, 1)
