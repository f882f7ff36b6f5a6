"""Money that moves without us: refunds in the dashboard, captures of a part, slow banks. The order notes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from payflows.checkout.goods import Hold, HoldStatus
from payflows.checkout.messages import EventType, MailKind
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import CallNotSent, InvalidPolicy, InvalidState
from payflows.payments.model import CaptureMode
from simulations.checkout.scripted_shop import BANK_DEBIT, THREE_D_SECURE, ScriptedShop
from simulations.checkout.shop import MERCHANT

AUTOMATIC_CAPTURE = CheckoutPolicy(capture=CaptureMode.AUTOMATIC)


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


class TestAPartReturned:
    def test_before_pickup_it_leaves_the_order_standing_and_is_published_with_its_amount(self) -> None:
        shop = ScriptedShop(pickup_seconds=4 * 3_600)
        order = shop.buy()
        shop.stripe.refund_in_dashboard(order.payment_id or "", 500)

        noted = shop.notice(order)

        assert (noted.status, noted.charge.refunded_minor) == (OrderStatus.PAID, 500)
        assert shop.events(order)[-1] is EventType.PAYMENT_REFUNDED
        shop.settle()
        assert shop.now(order).status is OrderStatus.DELIVERED
        assert shop.charged(order).minor == order.purchase.price.total.minor - 500

    def test_a_second_part_that_makes_it_the_whole_ends_the_order(self) -> None:
        shop = ScriptedShop(pickup_seconds=4 * 3_600)
        order = shop.buy()
        shop.stripe.refund_in_dashboard(order.payment_id or "", 500)
        shop.notice(order)

        shop.stripe.refund_in_dashboard(order.payment_id or "")
        now = shop.notice(order)

        assert (now.status, now.reason) == (OrderStatus.CANCELLED, Reason.MONEY_RETURNED)
        shop.settle()

    def test_who_cancels_after_it_gets_the_rest(self) -> None:
        shop = ScriptedShop(pickup_seconds=4 * 3_600)
        order = shop.buy()
        shop.stripe.refund_in_dashboard(order.payment_id or "", 500)

        now = shop.cancel(order)

        assert (now.status, now.reason) == (OrderStatus.CANCELLED, Reason.CANCEL_ASKED)
        assert shop.charged(order).minor == 0
        shop.settle()

    def test_after_a_refund_failed_the_rest_may_go_back_by_hand(self, shop: ScriptedShop) -> None:
        order = shop.buy(card="pm_card_refundFail")
        shop.refund(order)
        shop.pass_time(days=6)
        assert shop.notice(order).review is not None

        shop.stripe.refund_in_dashboard(order.payment_id or "")
        now = shop.notice(order)

        assert (now.refunded, now.review) == (True, None)


class TestAPartCaptured:
    """By hand, after the customer has authenticated and before the shop has looked."""

    @pytest.fixture
    def order(self, shop: ScriptedShop) -> Order:
        order = shop.buy(card=THREE_D_SECURE)
        shop.stripe.authenticate(order.payment_id or "")
        shop.stripe.capture_in_dashboard(order.payment_id or "", 1_000)
        return order

    def test_it_is_not_paid_and_a_person_is_asked(self, shop: ScriptedShop, order: Order) -> None:
        now = shop.notice(order)

        assert now.status is OrderStatus.CUSTOMER_ACTION
        assert now.review is not None
        received = f"{order.payment_id} received 10.00 usd of 36.22 usd, 0.00 usd of it returned"
        assert now.review.detail == received
        assert shop.carrier.shipments() == {}

    @pytest.mark.parametrize("ask", [ScriptedShop.refund, ScriptedShop.cancel])
    def test_it_goes_back_when_the_order_is_refunded_or_cancelled(
        self, shop: ScriptedShop, order: Order, ask: Callable[[ScriptedShop, Order], Order]
    ) -> None:
        shop.notice(order)

        now = ask(shop, order)

        assert (now.status, now.reason, now.review) == (OrderStatus.CANCELLED, Reason.CANCEL_ASKED, None)
        assert shop.charged(order).minor == 0
        assert shop.inventory.available("mug") == 10
        shop.settle()

    def test_once_it_has_gone_back_by_hand_the_order_ends(self, shop: ScriptedShop, order: Order) -> None:
        shop.notice(order)

        shop.stripe.refund_in_dashboard(order.payment_id or "")
        now = shop.notice(order)

        assert (now.status, now.reason) == (OrderStatus.CANCELLED, Reason.MONEY_RETURNED)
        shop.settle()

    def test_an_order_without_money_has_still_nothing_to_refund(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)

        with pytest.raises(InvalidState, match="nothing to refund"):
            shop.refund(order)


def test_a_customer_who_was_mailed_that_the_money_is_back_hears_that_it_is_not() -> None:
    shop = ScriptedShop(pickup_seconds=1_800)
    order = shop.cancel(shop.buy(card="pm_card_refundFail"))
    assert MailKind.MONEY_RETURNED in shop.mails(order)

    shop.pass_time(days=6)
    shop.notice(order)

    assert shop.mails(order)[-1] is MailKind.MONEY_NOT_RETURNED
    assert EventType.PAYMENT_REFUND_FAILED in shop.events(order)


class TestABankThatNeverSettles:
    DEBIT = "pm_usBankAccount_processing"

    def test_a_person_is_asked_once_after_three_weeks_and_the_order_goes_on_when_it_settles(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC_CAPTURE)
        order = shop.buy(card=self.DEBIT)

        shop.pass_time(days=20)
        assert shop.now(order).review is None
        shop.pass_time(days=2)
        asked = shop.now(order)
        shop.pass_time(days=2)

        assert asked.review is not None
        assert asked.review.reason == "processing for too long"
        assert shop.now(order).review == asked.review
        assert shop.events(order).count(EventType.ORDER_NEEDS_REVIEW) == 1
        shop.stripe.settle_debit(order.payment_id or "")
        shop.settle()
        assert (shop.now(order).status, shop.now(order).review) == (OrderStatus.DELIVERED, None)

    def test_also_when_it_was_cancelled(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC_CAPTURE)
        order = shop.cancel(shop.buy(card=self.DEBIT))
        assert order.cancel_asked

        shop.pass_time(days=22)

        assert shop.now(order).review is not None

    def test_the_patience_has_bounds(self) -> None:
        with pytest.raises(InvalidPolicy, match="processing_review_seconds"):
            CheckoutPolicy(processing_review_seconds=0)


def test_a_refund_that_fails_while_goods_and_stripe_are_away_is_known_before_the_order_is_over() -> None:
    """The notice of it could not be read: it is read before goods are put back and the customer gets a mail."""

    async def away(hold_id: str) -> Hold:
        raise CallNotSent("the inventory is away")

    shop = ScriptedShop(pickup_seconds=1_800, poll_seconds=600)
    order, release = shop.buy(card="pm_card_refundFail"), shop.inventory.release
    shop.inventory.release = away  # type: ignore[method-assign]
    assert shop.cancel(order).refunded
    shop.pass_time(days=5)
    shop.stripe.refuse_connections(until=shop.world.now() + timedelta(hours=2))
    assert shop.notice(order).charge.recheck_due
    shop.inventory.release = release  # type: ignore[method-assign]

    shop.pass_time(days=1)

    now = shop.now(order)
    assert (now.status, now.refunded) == (OrderStatus.REFUNDING, False)
    assert now.review is not None
    assert now.review.reason == "refund failed"
    assert shop.inventory.holds()[order.id].status is HoldStatus.COMMITTED


class TestAFailedRefundThatIsMadeGoodAnotherWay:
    """By bank transfer, say: Stripe cannot give it back."""

    def test_after_a_dispute_that_was_lost_in_part_the_goods_go_back(self) -> None:
        shop = ScriptedShop(pickup_seconds=4 * 3_600)
        order = shop.buy()
        shop.stripe.dispute(order.payment_id or "")
        shop.notice(order)
        shop.stripe.lose_part_of_dispute(order.payment_id or "", reinstated_minor=3_122)
        assert shop.notice(order).status is OrderStatus.REFUNDING

        settled = shop.settle_refund(order)

        assert (settled.status, settled.reason) == (OrderStatus.CANCELLED, Reason.PAYMENT_DISPUTED)
        assert (settled.refunded, settled.review) == (True, None)
        assert shop.inventory.available("mug") == 10
        assert shop.mails(order)[-2:] == [MailKind.MONEY_RETURNED, MailKind.ORDER_CANCELLED]
        shop.settle()

    def test_what_the_bank_sent_back_is_not_refunded_again(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800, poll_seconds=60)
        order = shop.cancel(shop.buy(card="pm_card_refundFail"))
        shop.pass_time(days=6)
        assert shop.notice(order).review is not None

        shop.settle_refund(order)
        shop.pass_time(days=6)

        now = shop.notice(order)
        assert (now.refunded, now.review) == (True, None)
        assert len(shop.stripe.intent(order.payment_id or "").refunds) == 1
        assert shop.settle_refund(order) == now  # again, it is the same
        shop.settle()

    def test_where_no_refund_has_failed_there_is_nothing_to_settle(self, shop: ScriptedShop) -> None:
        order = shop.buy()

        with pytest.raises(InvalidState, match="no refund of this order, which is shipped, has failed"):
            shop.world.run(shop.flow.settle_refund(MERCHANT, order.id))
