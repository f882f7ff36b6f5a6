"""Stories of orders that come to nothing: cancelled, refunded, disputed, or stopped by other hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from payflows.checkout.goods import Hold, Quantity, ShipmentStatus
from payflows.checkout.messages import EventType, MailKind
from payflows.checkout.model import OrderStatus, Reason
from payflows.errors import CallNotSent, InvalidState, NotFound
from payflows.payments.model import PaymentStatus
from simulations.checkout.scripted_shop import ADA, BOB, NO_FUNDS, ScriptedShop
from simulations.checkout.shop import HOME


class TestCancelling:
    def test_an_unpaid_order_is_cancelled_with_its_intent(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        cancelled = shop.cancel(order)

        assert (cancelled.status, cancelled.reason) == (OrderStatus.CANCELLED, Reason.CANCEL_ASKED)
        assert [payment.status for payment in shop.stripe.payments_of_order(order.id)] == [PaymentStatus.CANCELED]
        shop.settle()

    def test_a_paid_order_gives_the_money_back(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800)
        order = shop.buy()
        assert order.status is OrderStatus.PAID

        cancelled = shop.cancel(order)

        assert cancelled.status is OrderStatus.CANCELLED
        assert cancelled.refunded
        assert shop.charged(order).minor == 0
        assert shop.carrier.shipments()[order.id].status is ShipmentStatus.VOIDED
        assert shop.inventory.available("mug") == 10
        assert MailKind.MONEY_RETURNED in shop.mails(order)
        shop.settle()

    def test_what_the_carrier_has_cannot_be_cancelled(self, shop: ScriptedShop) -> None:
        order = shop.buy()

        with pytest.raises(InvalidState):
            shop.cancel(order)

    def test_cancelling_twice_is_cancelling_once(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        once, twice = shop.cancel(order), shop.cancel(order)

        assert once == twice

    def test_a_parcel_fetched_meanwhile_stays_shipped(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800)
        order = shop.buy()
        shop.pass_time(seconds=1_800)  # the carrier has it, and its notice has not come yet

        now = shop.cancel(order)

        assert now.status is OrderStatus.SHIPPED
        assert shop.charged(order) == order.purchase.price.total


def test_an_order_whose_goods_could_not_be_asked_for_in_time_asks_for_nothing_more(shop: ScriptedShop) -> None:
    async def away(hold_id: str, goods: Sequence[Quantity], *, expires_at: datetime) -> Hold:
        raise CallNotSent("the inventory is away")

    hold = shop.inventory.hold
    shop.inventory.hold = away  # type: ignore[method-assign]
    order = shop.buy()
    shop.pass_time(minutes=61)
    shop.inventory.hold = hold  # type: ignore[method-assign]

    shop.settle()

    assert shop.path(order) == ["pending", "abandoning", "payment_failed"]
    assert not shop.inventory.movements
    assert "create_payment" not in {call.method for call in shop.calls}


async def notice_lost(order_id: str) -> None:
    """The carrier's notice comes, and we are down."""


def test_what_has_failed_is_not_cancelled_again(shop: ScriptedShop) -> None:
    failed = shop.cancel(shop.buy(card=NO_FUNDS))
    assert failed.status is OrderStatus.CANCELLED
    lost = shop.buy(card=NO_FUNDS, customer=BOB)
    shop.pass_time(hours=2)
    ended = shop.now(lost)
    assert ended.status is OrderStatus.PAYMENT_FAILED

    assert shop.cancel(lost) == ended
    assert shop.cancel(failed) == failed


class TestRefunds:
    def test_a_delivered_order_is_refunded_and_stays_delivered(self, shop: ScriptedShop) -> None:
        order = shop.buy()
        shop.settle()

        refunded = shop.refund(order)

        assert refunded.status is OrderStatus.DELIVERED
        assert refunded.refunded
        assert shop.charged(order).minor == 0
        shop.settle()

    def test_an_order_that_has_not_been_shipped_is_cancelled_by_its_refund(self) -> None:
        shop = ScriptedShop(pickup_seconds=4 * 3_600)
        order = shop.buy()
        assert order.status is OrderStatus.PAID

        shop.refund(order)
        shop.settle()

        now = shop.now(order)
        assert (now.status, now.refunded, now.reason) == (OrderStatus.CANCELLED, True, Reason.CANCEL_ASKED)
        assert shop.charged(order).minor == 0

    def test_an_order_that_has_been_shipped_is_not_cancelled_by_its_refund(self, shop: ScriptedShop) -> None:
        refunded = shop.refund(shop.buy())

        assert (refunded.status, refunded.refunded, refunded.cancel_asked) == (OrderStatus.SHIPPED, True, False)

    def test_a_refund_asked_twice_is_made_once(self, shop: ScriptedShop) -> None:
        order = shop.buy()

        shop.refund(order)
        shop.refund(order)

        assert len(shop.stripe.intent(order.payment_id or "").refunds) == 1

    def test_an_unpaid_order_has_nothing_to_refund(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        with pytest.raises(InvalidState, match="nothing to refund"):
            shop.refund(order)

    def test_a_pending_refund_is_waited_for(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800)
        order = shop.buy(card="pm_card_pendingRefund")

        waiting = shop.cancel(order)

        assert waiting.status is OrderStatus.REFUNDING
        shop.settle()
        assert shop.now(order).status is OrderStatus.CANCELLED

    def test_a_refund_that_fails_after_it_had_succeeded_goes_to_a_person(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800, poll_seconds=3_600)
        order = shop.buy(card="pm_card_refundFail")
        cancelled = shop.cancel(order)
        assert cancelled.status is OrderStatus.CANCELLED

        shop.pass_time(days=40)
        now = shop.notice(order)

        assert now.review is not None
        assert now.review.reason == "refund failed"
        assert now.charge.refund_id is not None
        assert now.charge.refund_id in now.review.detail

    def test_a_customer_cannot_refund(self, shop: ScriptedShop) -> None:
        order = shop.buy()

        with pytest.raises(NotFound):
            shop.world.run(shop.flow.refund_order(ADA, order.id))  # type: ignore[arg-type]


class TestOtherHands:
    def test_a_dashboard_refund_before_shipping_stops_the_parcel(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800)
        order = shop.buy()
        assert order.payment_id is not None

        shop.stripe.refund_in_dashboard(order.payment_id)
        now = shop.notice(order)

        assert (now.status, now.reason) == (OrderStatus.CANCELLED, Reason.MONEY_RETURNED)
        shop.settle()
        assert shop.events(order).count(EventType.PAYMENT_REFUNDED) == 1

    def test_a_disputed_payment_is_not_shipped_and_is_put_up_for_review(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800)
        order = shop.buy()
        assert order.payment_id is not None

        shop.stripe.dispute(order.payment_id)
        now = shop.notice(order)

        assert now.status is OrderStatus.REFUNDING
        assert now.review is not None
        assert "charge_disputed" in now.review.detail
        assert shop.carrier.shipments()[order.id].status is ShipmentStatus.VOIDED

    def test_a_payment_cancelled_in_the_dashboard_ends_the_order(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=NO_FUNDS)
        assert order.payment_id is not None

        shop.stripe.cancel_in_dashboard(order.payment_id)
        now = shop.notice(order)

        assert (now.status, now.reason) == (OrderStatus.PAYMENT_FAILED, Reason.PAYMENT_CANCELLED)
        shop.settle()

    def test_a_parcel_that_is_gone_when_its_money_came_back_is_known_to_have_lost_it(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800, poll_seconds=None)
        order = shop.buy()
        shop.pass_time(hours=1)  # the carrier has it, and our worker is down

        shop.stripe.refund_in_dashboard(order.payment_id or "")
        now = shop.notice(order)

        assert (now.status, now.charge.refunded_minor) == (OrderStatus.SHIPPED, 3_622)

    def test_so_it_is_without_a_notice_about_the_money(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800, poll_seconds=None)
        order = shop.buy()
        shop.tell_of_parcel = notice_lost  # type: ignore[method-assign]
        shop.pass_time(hours=1)
        shop.stripe.refund_in_dashboard(order.payment_id or "")

        assert shop.come_back(order).status is OrderStatus.SHIPPED
        shop.pass_time(minutes=2)
        shop.world.run(shop.app.worker.run_due())

        assert shop.now(order).charge.refunded_minor == 3_622

    def test_a_parcel_that_cannot_be_brought_is_paid_back(self) -> None:
        shop = ScriptedShop(refuses=("US",))

        order = shop.buy(address=HOME)

        assert (order.status, order.reason) == (OrderStatus.CANCELLED, Reason.NOT_SHIPPABLE)
        assert shop.charged(order).minor == 0
        shop.settle()
