"""What an adversary found in the checkout, each as a story."""

from __future__ import annotations

from datetime import timedelta

from payflows.checkout.goods import ShipmentStatus
from payflows.checkout.messages import EventType, MailKind
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.money import Money
from payflows.payments.model import CaptureMode, PaymentStatus
from simulations.checkout.scripted_shop import (
    BANK_DEBIT,
    FAILING_DEBIT,
    NO_FUNDS,
    THREE_D_SECURE,
    VISA,
    ScriptedShop,
    cart,
)

AUTOMATIC = CheckoutPolicy(capture=CaptureMode.AUTOMATIC)
REFUND_FAILS, REFUND_TAKES_DAYS = "pm_card_refundFail", "pm_card_pendingRefund"


def looks_at(shop: ScriptedShop, order: Order) -> int:
    return sum(call.method == "retrieve_payment" for call in shop.calls if call.args[0] == order.payment_id)


def look_around_until_quiet(shop: ScriptedShop) -> None:
    while shop.unsettled():
        shop.world.run(shop.app.worker.run_due())
        shop.pass_time(minutes=10)


async def refund_in_dashboard(shop: ScriptedShop, order: Order, *, after_seconds: float) -> None:
    assert order.payment_id is not None
    await shop.world.sleep(after_seconds)
    shop.stripe.refund_in_dashboard(order.payment_id)


async def notice_lost(order_id: str) -> None:
    """The carrier's notice comes, and we are down."""


class TestPayments:
    def test_a_bank_debit_is_read_hourly(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC, poll_seconds=600)

        order = shop.buy(card=BANK_DEBIT)
        shop.pass_time(hours=24)

        assert shop.now(order).status is OrderStatus.PAYMENT_PROCESSING
        assert looks_at(shop, order) < 50  # twice where the hold is renewed as well
        shop.settle()
        assert shop.now(order).status is OrderStatus.DELIVERED

    def test_a_debit_that_fails_after_its_stock_was_lost_ends_the_order(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC, poll_seconds=None)
        order = shop.buy(card=FAILING_DEBIT)
        shop.pass_time(hours=6)  # the hold is not renewed

        look_around_until_quiet(shop)

        assert (shop.now(order).status, shop.now(order).reason) == (OrderStatus.CANCELLED, Reason.STOCK_GONE)
        assert shop.stripe.intent(order.payment_id or "").status is PaymentStatus.CANCELED

    def test_a_debit_that_is_paid_after_its_stock_was_lost_is_paid_back_and_nothing_is_shipped(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC, poll_seconds=None)
        order = shop.buy(card=BANK_DEBIT)
        shop.pass_time(days=5)  # our worker is down, so that the hold is not renewed

        now = shop.notice(order)

        assert (now.status, now.reason) == (OrderStatus.REFUNDING, Reason.STOCK_GONE)
        look_around_until_quiet(shop)
        assert shop.now(order).status is OrderStatus.CANCELLED
        assert shop.charged(order).minor == 0
        assert shop.carrier.shipments()[order.id].status is ShipmentStatus.VOIDED

    def test_who_cancelled_is_not_asked_for_another_card(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC, poll_seconds=600)
        order = shop.buy(card=FAILING_DEBIT)

        shop.cancel(order)
        shop.settle()

        assert shop.path(order)[-2:] == ["abandoning", "cancelled"]
        assert MailKind.CARD_NEEDED not in shop.mails(order)

    def test_a_card_tried_after_a_failed_3d_secure_is_not_taken_for_the_first_card(self, shop: ScriptedShop) -> None:
        declined = shop.buy(card=NO_FUNDS)
        asked = shop.pay_again(declined, card=THREE_D_SECURE)
        assert asked.payment_id is not None
        shop.stripe.fail_authentication(asked.payment_id)

        paid = shop.pay_again(asked, card=VISA)

        assert paid.status is OrderStatus.SHIPPED
        assert paid.attempt.decline is None

    def test_an_impatient_customer_in_an_outage_causes_no_review(self) -> None:
        shop = ScriptedShop(policy=CheckoutPolicy(review_after_seconds=3_600))
        shop.stripe.refuse_connections(until=shop.world.now().replace(minute=20))

        order = shop.buy()
        for _ in range(20):
            order = shop.buy()
            shop.pass_time(seconds=5)

        assert order.review is None
        shop.pass_time(minutes=30)
        assert shop.now(order).status is OrderStatus.SHIPPED

    def test_the_same_things_in_another_order_are_the_same_cart(self, shop: ScriptedShop) -> None:
        first = shop.buy((*cart("mug", 2), *cart("lamp", 1)))

        again = shop.buy((*cart("lamp", 1), *cart("mug", 2)))

        assert again == first


class TestParcels:
    def test_one_that_was_delivered_while_we_were_down_is_delivered(self) -> None:
        shop = ScriptedShop(pickup_seconds=60, transit_seconds=600, poll_seconds=None)
        order = shop.buy()
        shop.tell_of_parcel = notice_lost  # type: ignore[method-assign]
        shop.pass_time(hours=2)

        shop.world.run(shop.app.worker.run_due())

        assert shop.path(order)[-2:] == ["shipped", "delivered"]


class TestLeftOverIntents:
    def test_an_intent_made_by_a_call_that_stripe_forgot_is_cancelled(self, shop: ScriptedShop) -> None:
        shop.stripe.answer_500_to("create_payment", with_effect=True)

        order = shop.buy()
        shop.settle()

        statuses = [payment.status for payment in shop.stripe.payments_of_order(order.id)]
        assert statuses == [PaymentStatus.CANCELED, PaymentStatus.SUCCEEDED]

    def test_it_is_looked_for_twice_an_hour_apart(self, shop: ScriptedShop) -> None:
        shop.stripe.lose_answer_of("create_payment")
        order = shop.buy()

        shop.pass_time(minutes=70)
        once = shop.now(order).charge
        shop.pass_time(minutes=60)
        twice = shop.now(order).charge

        assert once.orphan_checked_at is not None
        assert once.orphan_possible
        assert twice.orphan_checked_at is not None
        assert twice.orphan_checked_at - once.orphan_checked_at >= timedelta(hours=1)
        assert not twice.orphan_possible

    def test_a_stored_500_does_not_keep_it_open(self, shop: ScriptedShop) -> None:
        shop.stripe.answer_500_to("create_payment", with_effect=True, stored=True)
        shop.stripe.answer_500_to("cancel_payment", stored=True)

        order = shop.buy()
        shop.pass_time(minutes=65)

        assert shop.stripe.payments_of_order(order.id)[0].status is PaymentStatus.CANCELED
        shop.settle()


class TestMoneyThatGoesBack:
    def test_after_a_dispute_is_won_the_money_goes_back_immediately(self) -> None:
        shop = ScriptedShop(pickup_seconds=3_600)
        order = shop.buy()
        assert order.payment_id is not None
        shop.stripe.dispute(order.payment_id)
        assert shop.notice(order).review is not None

        shop.stripe.close_dispute(order.payment_id, won=True)

        assert shop.notice(order).status is OrderStatus.CANCELLED
        assert shop.charged(order).minor == 0
        shop.settle()

    def test_a_refund_that_the_dashboard_was_quicker_with_needs_no_review(self) -> None:
        shop = ScriptedShop(pickup_seconds=3_600)
        order = shop.buy()
        shop.stripe.slow_down("refund_payment", 5)
        shop.world.start(refund_in_dashboard(shop, order, after_seconds=2))

        cancelled = shop.cancel(order)

        assert (cancelled.status, cancelled.review) == (OrderStatus.CANCELLED, None)
        shop.settle()

    def test_a_dashboard_refund_that_fails_is_made_good(self) -> None:
        shop = ScriptedShop(pickup_seconds=3_600, poll_seconds=600)
        order = shop.buy(card=REFUND_FAILS)
        assert order.payment_id is not None
        shop.stripe.refund_in_dashboard(order.payment_id)
        assert shop.notice(order).status is OrderStatus.CANCELLED
        shop.pass_time(days=5)
        assert shop.charged(order) == order.purchase.price.total

        shop.notice(order)

        assert shop.charged(order).minor == 0

    def test_a_part_that_comes_back_is_given_back_again(self) -> None:
        shop = ScriptedShop(transit_seconds=600, poll_seconds=600)
        order = shop.buy(card=REFUND_FAILS)
        assert order.payment_id is not None
        shop.stripe.refund_in_dashboard(order.payment_id, 500)
        shop.pass_time(days=1)
        shop.refund(order)
        shop.pass_time(days=4)
        assert shop.charged(order) == Money(500, "usd")

        returned = shop.notice(order)

        assert (returned.refunded, returned.review) == (True, None)
        assert shop.charged(order).minor == 0

    def test_a_person_is_given_what_was_received_and_what_went_back(self) -> None:
        shop = ScriptedShop(poll_seconds=None)
        order = shop.buy()
        assert order.payment_id is not None
        shop.stripe.dispute(order.payment_id)

        review = shop.refund(order).review

        assert review is not None
        assert review.detail.startswith(f"{order.payment_id}: 36.22 usd received, 0.00 usd returned; ")

    def test_a_card_that_takes_no_refund_is_given_to_a_person(self) -> None:
        shop = ScriptedShop(transit_seconds=600, poll_seconds=600)
        order = shop.buy(card=REFUND_FAILS)
        assert order.payment_id is not None
        shop.stripe.refund_in_dashboard(order.payment_id, 500)
        shop.pass_time(days=1)
        shop.refund(order)

        for _ in range(20):
            shop.pass_time(days=1)
            shop.notice(order)

        review = shop.now(order).review
        assert review is not None
        assert review.reason == "refund failed"
        assert len(shop.stripe.intent(order.payment_id).refunds) == 3

    def test_the_notice_of_a_failed_refund_is_not_lost_in_an_outage(self) -> None:
        shop = ScriptedShop(poll_seconds=600)
        order = shop.refund(shop.buy(card=REFUND_FAILS))
        assert order.refunded
        shop.pass_time(days=5)
        shop.stripe.refuse_connections(until=shop.world.now().replace(hour=1))
        shop.notice(order)

        shop.pass_time(hours=2)

        review = shop.now(order).review
        assert review is not None
        assert review.reason == "refund failed"

    def test_what_was_in_the_way_for_a_day_is_forgotten_once_it_works(self) -> None:
        shop = ScriptedShop(transit_seconds=600, poll_seconds=60)
        order = shop.buy()
        shop.pass_time(hours=1)
        shop.stripe.refuse_connections(until=shop.world.now().replace(day=3))
        shop.refund(order)
        shop.pass_time(hours=30)
        assert shop.now(order).review is not None
        assert EventType.ORDER_NEEDS_REVIEW in shop.events(order)

        shop.pass_time(hours=20)

        assert shop.now(order).refunded
        assert shop.now(order).review is None
        shop.settle()

    def test_a_pending_refund_that_could_not_be_read_has_not_failed(self) -> None:
        shop = ScriptedShop(poll_seconds=60)
        order = shop.refund(shop.buy(card=REFUND_TAKES_DAYS))
        shop.stripe.refuse_connections(until=shop.world.now().replace(day=3))
        shop.pass_time(hours=30)
        assert shop.now(order).review is not None

        asked_again = shop.refund(order)

        assert (asked_again.charge.refund_id, asked_again.charge.failed_refund_id) == (order.charge.refund_id, None)
        shop.settle()
        assert shop.now(order).refunded
