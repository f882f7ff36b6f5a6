"""Money that moves without us: refunds in the dashboard, disputes, banks that send money back. The order notes it."""

from __future__ import annotations

from payflows.checkout.messages import EventType
from payflows.checkout.model import OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.payments.model import CaptureMode
from simulations.checkout.scripted_shop import BANK_DEBIT, ScriptedShop

AUTOMATIC_CAPTURE = CheckoutPolicy(capture=CaptureMode.AUTOMATIC)


def test_a_dispute_is_noted_and_published_once_and_leaves_the_order_where_it_is(shop: ScriptedShop) -> None:
    order = shop.buy()
    assert order.payment_id is not None
    shop.stripe.dispute(order.payment_id)

    first, again = shop.notice(order), shop.notice(order)

    assert first.charge.disputed
    assert again == first
    assert again.status is OrderStatus.SHIPPED
    assert shop.events(order).count(EventType.PAYMENT_DISPUTED) == 1


def test_a_refund_in_the_dashboard_is_noted_with_its_amount(shop: ScriptedShop) -> None:
    order = shop.buy()
    assert order.payment_id is not None
    shop.stripe.refund_in_dashboard(order.payment_id, 500)

    noted = shop.notice(order)

    assert noted.charge.refunded_minor == 500
    assert noted.status is OrderStatus.SHIPPED
    assert shop.events(order).count(EventType.PAYMENT_REFUNDED) == 1


def test_a_refund_in_the_dashboard_that_the_bank_sends_back_is_published(shop: ScriptedShop) -> None:
    order = shop.buy(card="pm_card_refundFail")
    assert order.payment_id is not None
    shop.stripe.refund_in_dashboard(order.payment_id, 500)
    shop.notice(order)

    shop.pass_time(days=6)
    noted = shop.notice(order)

    assert noted.charge.refunded_minor == 0
    assert shop.events(order)[-1] is EventType.PAYMENT_REFUND_FAILED


def test_a_bank_at_work_for_days_is_published_once() -> None:
    shop = ScriptedShop(policy=AUTOMATIC_CAPTURE)
    order = shop.buy(card=BANK_DEBIT)

    shop.pass_time(days=1)
    assert shop.now(order).charge.is_processing
    shop.pass_time(days=4)

    assert shop.now(order).status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    assert not shop.now(order).charge.is_processing
    assert shop.events(order).count(EventType.PAYMENT_PROCESSING) == 1
