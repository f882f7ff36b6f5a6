"""Stripe refuses us and not the customer: a revoked key, a restricted one, a request that we made wrong."""

from __future__ import annotations

from datetime import timedelta

from payflows.checkout.messages import EventType, MailKind
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.repository import MISCONFIGURED
from simulations.checkout.scripted_shop import BOB, THREE_D_SECURE, ScriptedShop


def key_is_wrong_for(shop: ScriptedShop, **span: float) -> None:
    shop.stripe.revoke_key(until=shop.world.now() + timedelta(**span))


def alerts(shop: ScriptedShop) -> list[BusinessEvent]:
    events = [item.content for item in shop.store.all_items(OUTBOX) if isinstance(item.content, BusinessEvent)]
    return [event for event in events if event.type == EventType.MERCHANT_MISCONFIGURED]


def is_pending(order: Order) -> bool:
    return order.status in (OrderStatus.INVENTORY_RESERVED, OrderStatus.PAYMENT_PROCESSING)


def test_an_order_waits_with_stripes_words_and_goes_on_once_the_key_is_right(shop: ScriptedShop) -> None:
    key_is_wrong_for(shop, minutes=30)

    order = shop.buy()

    assert is_pending(order)
    assert order.review is not None
    assert (order.review.reason, order.review.blocks) == (MISCONFIGURED, False)
    assert "401: Invalid API Key provided" in order.review.detail
    assert shop.mails(order) == []
    shop.settle()
    assert (shop.now(order).status, shop.now(order).review) == (OrderStatus.DELIVERED, None)


def test_at_the_deadline_an_order_that_never_had_an_intent_is_cancelled_with_one_mail(
    shop: ScriptedShop,
) -> None:
    key_is_wrong_for(shop, hours=2)
    order = shop.buy()

    shop.pass_time(minutes=70)

    ended = shop.now(order)
    assert (ended.status, ended.reason) == (OrderStatus.CANCELLED, Reason.MERCHANT_MISCONFIGURED)
    assert shop.mails(order) == [MailKind.ORDER_CANCELLED]
    assert shop.inventory.available("mug") == 10
    shop.settle()


def test_an_order_whose_intent_may_take_money_waits_until_it_is_proven_cancelled(shop: ScriptedShop) -> None:
    order = shop.buy(card=THREE_D_SECURE)
    key_is_wrong_for(shop, hours=5)

    shop.pass_time(hours=3)  # the deadline is over

    assert shop.now(order).status is OrderStatus.CUSTOMER_ACTION
    assert shop.inventory.available("mug") == 8
    shop.settle()
    ended = shop.now(order)
    assert (ended.status, ended.reason) == (OrderStatus.CANCELLED, Reason.MERCHANT_MISCONFIGURED)
    assert shop.mails(order)[-1] is MailKind.ORDER_CANCELLED


def test_one_alert_for_the_account_however_many_orders_wait(shop: ScriptedShop) -> None:
    key_is_wrong_for(shop, minutes=30)

    orders = [shop.buy(checkout_id="one"), shop.buy(checkout_id="two"), shop.buy(customer=BOB)]
    shop.settle()

    (alert,) = alerts(shop)
    assert "401" in str(alert.reason)
    assert not any(EventType.ORDER_NEEDS_REVIEW in shop.events(order) for order in orders)


def test_a_refund_goes_on_by_itself_once_the_key_is_right(shop: ScriptedShop) -> None:
    order = shop.buy()
    shop.settle()
    key_is_wrong_for(shop, hours=3)

    asked = shop.refund(order)

    assert asked.review is not None
    assert asked.review.reason == MISCONFIGURED
    shop.settle()
    assert shop.now(order).refunded
    assert shop.charged(order).minor == 0
