"""What users make and call of `payflows`; each parameter is given every wrong type."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from payflows import (
    CartLimits,
    CheckoutPolicy,
    CheckoutSetup,
    CurrencyTerms,
    Customer,
    EcommercePaymentFlow,
    EventType,
    Inbox,
    Merchant,
    Money,
    PaymentEventBus,
    PriceList,
    Rate,
    RetryPolicy,
    UnitOfWork,
    WebhookSecret,
    WebhookSettings,
    Worker,
)
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.outbox import Outbox
from payflows.kernel.queue_item import ItemStatus
from payflows.kernel.runner import AsyncioRunner
from payflows.store.sql import SqlStore
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.keys import ApiKey
from payflows.stripe.webhooks.endpoint import WebhookEndpoint
from simulations.checkout.scripted_shop import PRICES
from simulations.checkout.shop import HOME, MERCHANT, Shop
from simulations.search.endpoint import WEBHOOKS
from simulations.stripe import HandClock
from simulations.time.world import START
from tests.bad_input.asking import ADA, MUGS, VISA
from tests.bad_input.bus import an_event, hear
from tests.bad_input.orders import order_of
from tests.bad_input.signatures import Right, app_with, asked, made

CLOCK = HandClock()
DOLLARS = Money(490, "usd")


def parts(shop: Shop) -> dict[str, object]:
    """What a flow is joined from."""
    return {
        "merchant": MERCHANT,
        "policy": shop.policy,
        "store": shop.store,
        "gateway": shop.stripe,
        "inventory": shop.inventory,
        "carrier": shop.carrier,
        "clock": shop.world,
        "prices": PRICES,
    }


def setup_of(shop: Shop) -> CheckoutSetup:
    return CheckoutSetup(prices=PRICES, inventory=shop.inventory, carrier=shop.carrier)


def of_ada(shop: Shop) -> Right:
    return {"actor": ADA, "order_id": order_of(shop).id}


def of_the_merchant(shop: Shop) -> Right:
    return {"merchant": MERCHANT, "order_id": order_of(shop).id}


def of_a_queue(shop: Shop) -> dict[str, object]:
    return {"store": shop.store, "clock": shop.world}


def a_unit_of_work(shop: Shop) -> UnitOfWork:
    return UnitOfWork(shop.store, "ledger:ord_1")


SETTINGS_AND_PARTS = [
    made(Money, {"minor": 1, "currency": "usd"}),
    made(Rate, {"bps": 1}),
    made(Customer, {"id": "ada", "email": ADA.email}, stripe_customer_id="none"),
    made(Merchant, {"id": "mer_1"}),
    made(ApiKey),
    made(WebhookSecret),
    made(CartLimits),
    made(CurrencyTerms, {"tax": Rate(0), "shipping": DOLLARS}, free_shipping_from="none"),
    made(PriceList, {"catalogue": PRICES.catalogue, "terms": PRICES.terms}),
    made(RetryPolicy, max_retries="none"),
    made(CheckoutPolicy),
    made(WebhookSettings, {"secrets": WEBHOOKS.secrets}, account="none"),
    made(AsyncioRunner),
    made(InMemoryInventory, {"stock": {}, "clock": CLOCK}, stock="dict"),
    made(InMemoryCarrier, {"clock": CLOCK}, refuses="list"),
    made(
        StripeGateway,
        {"key": ApiKey("sk_test_1")},
        base_url="none",
        timeout_seconds="float",
        http="none",
        on_call="none",
    ),
    made(SqlStore, {"path": Path("never-made.sqlite")}),
    made(
        Worker,
        {"tasks": [], "clock": CLOCK},
        tasks="list",
        queues="none",
        on_change="none",
        runner="none",
        poll_seconds="float",
    ),
    asked(
        "CheckoutSetup",
        lambda _: CheckoutSetup,
        lambda shop: {n: parts(shop)[n] for n in ("prices", "inventory", "carrier")},
    ),
    asked("EcommercePaymentFlow", lambda _: EcommercePaymentFlow, parts, engine="none"),
    app_with("checkout", setup_of),
    asked(
        "PaymentEventBus",
        lambda _: PaymentEventBus,
        lambda shop: {**of_a_queue(shop), "event_types": [EventType]},
        runner="none",
        event_types="list",
    ),
    asked(
        "Inbox",
        lambda _: Inbox,
        lambda shop: {**of_a_queue(shop), "handlers": {}},
        handlers="dict",
        connected="none dict",
    ),
    asked(
        "Outbox",
        lambda _: Outbox,
        lambda shop: {**of_a_queue(shop), "bus": shop.app.bus, "mailer": shop.mailer, "kinds": [ORDERS]},
        kinds="list",
    ),
    asked(
        "DueAggregates",
        lambda _: DueAggregates,
        lambda shop: {"kind": ORDERS, "advance": order_of, "store": shop.store},
        runner="none",
    ),
    asked(
        "WebhookEndpoint",
        lambda _: WebhookEndpoint,
        lambda shop: {"inbox": shop.inbox, "settings": WEBHOOKS},
        has_account="none",
    ),
]

METHODS = [
    asked("price", lambda _: PRICES.price, lambda _: {"cart": MUGS}),
    asked("Money +", lambda _: DOLLARS.__add__),
    asked("Money *", lambda _: DOLLARS.__mul__),
    asked("Money <", lambda _: DOLLARS.__lt__),
    asked("Money.split", lambda _: DOLLARS.split),
    asked("Money.from_decimal", lambda _: Money.from_decimal, lambda _: {"amount": Decimal("1.00"), "currency": "usd"}),
    asked("Rate.of", lambda _: Rate(800).of),
    asked(
        "process_checkout",
        lambda shop: shop.flow.process_checkout,
        lambda _: {
            "customer": ADA,
            "checkout_id": "checkout-2",
            "cart": MUGS,
            "payment_method": VISA,
            "shipping_address": HOME,
        },
        return_url="none",
    ),
    asked(
        "pay_again",
        lambda shop: shop.flow.pay_again,
        lambda shop: {**of_ada(shop), "expected_try": 1, "payment_method": VISA},
        return_url="none",
    ),
    asked("customer_action", lambda shop: shop.flow.customer_action, of_ada),
    asked("cancel_order", lambda shop: shop.flow.cancel_order, of_ada),
    asked("refund_order", lambda shop: shop.flow.refund_order, of_the_merchant),
    asked("settle_refund", lambda shop: shop.flow.settle_refund, of_the_merchant),
    asked(
        "payment_changed",
        lambda shop: shop.flow.payment_changed,
        lambda _: {"merchant": MERCHANT, "payment_id": "pi_1"},
    ),
    asked("shipment_changed", lambda shop: shop.flow.shipment_changed, of_the_merchant),
    asked("advance", lambda shop: shop.flow.advance, of_ada),
    asked("order", lambda shop: shop.flow.order, of_ada),
    asked("transitions", lambda shop: shop.flow.transitions, of_ada),
    asked(
        "subscribe",
        lambda shop: shop.app.bus.subscribe,
        lambda _: {"event_type": EventType.ORDER_PLACED, "handler": hear, "name": "ledger"},
    ),
    asked("publish", lambda shop: shop.app.bus.publish, lambda _: {"event": an_event()}, at="none"),
    asked("deliver_due", lambda shop: shop.app.bus.deliver_due),
    asked(
        "items",
        lambda shop: shop.app.bus.items,
        lambda _: {"handler": "ledger", "status": ItemStatus.DEAD},
        handler="text",
    ),
    asked("bus.replay", lambda shop: shop.app.bus.replay),
    asked("inbox.replay", lambda shop: shop.inbox.replay),
    asked("outbox.drain", lambda shop: shop.app.outbox.drain),
    asked("inbox.run_once", lambda shop: shop.inbox.run_once),
    asked("inbox.take", lambda shop: shop.inbox.take),
    asked("inbox.webhook", lambda shop: shop.inbox.webhook),
    asked(
        "webhooks.receive",
        lambda shop: shop.webhooks.receive,
        lambda _: {"raw_body": b"{}", "headers": {}, "now": START},
        headers="dict",
    ),
    asked("worker.poll", lambda shop: shop.app.worker.poll, only="none text"),
    asked(
        "UnitOfWork.get", lambda shop: a_unit_of_work(shop).get, lambda shop: {"kind": ORDERS, "id": order_of(shop).id}
    ),
    asked("UnitOfWork.record", lambda shop: a_unit_of_work(shop).record, name="text"),
    asked(
        "UnitOfWork.put",
        lambda shop: a_unit_of_work(shop).put,
        lambda shop: {"record": shop.world.run(shop.store.record("ledger")), "fields": {}},
        fields="dict",
    ),
    asked("UnitOfWork.emit", lambda shop: a_unit_of_work(shop).emit),
]
