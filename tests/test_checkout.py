"""Stories of one order in a calm world: bought, declined, authenticated, cancelled, refunded."""

from __future__ import annotations

import pytest

from payflows.checkout.model import TRANSITIONS, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import CheckoutIdReused, NotPossibleNow, UnknownOrder
from payflows.events.model import EventType, MailKind
from payflows.goods import HoldStatus, ShipmentStatus
from payflows.money import Money
from payflows.payments import CaptureMode, PaymentStatus
from simulations.shop import HOME, MERCHANT
from simulations.story import (
    ADA,
    BANK_DEBIT,
    BOB,
    FAILING_DEBIT,
    NO_FUNDS,
    THREE_D_SECURE,
    VISA,
    StoryShop,
    cart,
)

AUTOMATIC = CheckoutPolicy(capture=CaptureMode.AUTOMATIC)


def test_a_cart_is_held_paid_and_shipped(shop: StoryShop) -> None:
    order = shop.buy(cart("mug", 2), card=VISA)

    assert order.status is OrderStatus.SHIPPED
    assert shop.charged(order) == order.purchase.price.total == Money(2_900 + 232 + 490, "usd")
    assert shop.path(order) == [
        "pending",
        "inventory_reserved",
        "payment_processing",
        "authorised",
        "paid",
        "shipped",
    ]
    shop.settle()
    assert shop.now(order).status is OrderStatus.DELIVERED


def test_with_automatic_capture_the_money_is_taken_at_confirmation() -> None:
    shop = StoryShop(policy=AUTOMATIC)

    order = shop.buy()

    assert "authorised" not in shop.path(order)
    assert order.status is OrderStatus.SHIPPED
    shop.settle()


def test_every_customer_is_told_what_happened(shop: StoryShop) -> None:
    order = shop.buy()
    shop.settle()

    assert shop.events(order) == [
        EventType.ORDER_PLACED,
        EventType.PAYMENT_AUTHORISED,
        EventType.PAYMENT_SUCCEEDED,
        EventType.ORDER_SHIPPED,
        EventType.ORDER_DELIVERED,
    ]
    assert shop.mails(order) == [MailKind.ORDER_CONFIRMED, MailKind.ORDER_SHIPPED]


def test_the_same_checkout_id_is_the_same_purchase(shop: StoryShop) -> None:
    first = shop.buy(checkout_id="tab-1")

    again = shop.buy(checkout_id="tab-1")

    assert again.id == first.id
    assert shop.charged(first) == first.purchase.price.total
    assert len(list(shop.store.orders())) == 1


def test_the_same_checkout_id_with_another_cart_is_refused(shop: StoryShop) -> None:
    order = shop.buy(cart("mug", 2), checkout_id="tab-1")

    with pytest.raises(CheckoutIdReused):
        shop.buy(cart("mug", 3), checkout_id="tab-1")

    assert shop.charged(order) == order.purchase.price.total


def test_two_customers_may_use_the_same_checkout_id(shop: StoryShop) -> None:
    hers = shop.buy(checkout_id="checkout-1", customer=ADA)
    his = shop.buy(checkout_id="checkout-1", customer=BOB)

    assert hers.id != his.id
    shop.settle()


def test_what_is_not_on_the_shelf_is_not_sold(shop: StoryShop) -> None:
    order = shop.buy(cart("lamp", 3))

    assert (order.status, order.reason) == (OrderStatus.CANCELLED, Reason.OUT_OF_STOCK)
    assert shop.stripe.payments_of_order(order.id) == ()
    assert shop.inventory.available("lamp") == 2


def test_the_last_lamp_is_sold_once() -> None:
    shop = StoryShop(stock={"lamp": 1})

    hers = shop.buy(cart("lamp", 1), customer=ADA)
    his = shop.buy(cart("lamp", 1), customer=BOB)

    assert [hers.status, his.status] == [OrderStatus.SHIPPED, OrderStatus.CANCELLED]
    shop.settle()


class TestDeclines:
    def test_a_declined_card_leaves_room_for_another(self, shop: StoryShop) -> None:
        declined = shop.buy(card=NO_FUNDS)

        assert declined.status is OrderStatus.CUSTOMER_ACTION
        assert str(declined.attempt.decline) == "insufficient_funds"
        paid = shop.pay_again(declined, card=VISA)
        assert paid.status is OrderStatus.SHIPPED
        assert shop.charged(paid) == paid.purchase.price.total
        shop.settle()

    def test_a_second_tab_that_saw_an_older_try_changes_nothing(self, shop: StoryShop) -> None:
        first = shop.buy(card=NO_FUNDS)
        second = shop.pay_again(first, card=NO_FUNDS)
        assert second.attempt.number == 2

        stale = shop.pay_again(second, card=VISA, seen_try=1)

        assert stale == second
        assert shop.charged(stale).minor == 0

    def test_an_old_decline_does_not_count_against_a_new_card(self, shop: StoryShop) -> None:
        declined = shop.buy(card=NO_FUNDS)
        shop.stripe.lose_request_of("confirm_payment", times=3)

        waiting = shop.pay_again(declined, card=VISA)

        assert waiting.status is OrderStatus.PAYMENT_PROCESSING
        shop.pass_time(minutes=2)
        assert shop.now(waiting).status is OrderStatus.SHIPPED
        shop.settle()

    def test_after_three_cards_the_order_fails_and_the_stock_is_back(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS)
        for _ in range(2):
            order = shop.pay_again(order, card=NO_FUNDS)

        assert (order.status, order.reason) == (OrderStatus.PAYMENT_FAILED, Reason.CARDS_DECLINED)
        assert shop.inventory.available("mug") == 10
        assert [payment.status for payment in shop.stripe.payments_of_order(order.id)] == [PaymentStatus.CANCELED]
        assert MailKind.PAYMENT_FAILED in shop.mails(order)

    def test_a_failed_order_cannot_be_paid_any_more(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS)
        shop.pass_time(hours=2)
        assert shop.now(order).reason is Reason.DEADLINE_PASSED

        late = shop.pay_again(order, card=VISA)

        assert late.status is OrderStatus.PAYMENT_FAILED
        assert shop.charged(order).minor == 0
        shop.settle()

    def test_the_hold_lasts_as_long_as_the_card_may_be_changed(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        shop.pass_time(minutes=50)

        assert shop.inventory.holds()[order.id].status is HoldStatus.HELD
        assert shop.pay_again(order).status is OrderStatus.SHIPPED

    def test_no_card_is_tried_beyond_the_limit(self) -> None:
        shop = StoryShop(policy=CheckoutPolicy(cards=1))
        order = shop.buy(card=THREE_D_SECURE)

        with pytest.raises(NotPossibleNow, match="1 cards"):
            shop.pay_again(order, card=VISA)


class TestThreeDSecure:
    def test_the_customer_authenticates_and_comes_back(self, shop: StoryShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)
        assert order.status is OrderStatus.CUSTOMER_ACTION
        assert order.payment_id is not None

        shop.stripe.authenticate(order.payment_id)

        assert shop.come_back(order).status is OrderStatus.SHIPPED
        shop.settle()

    def test_a_notice_does_as_well_when_the_customer_does_not_come_back(self, shop: StoryShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)
        assert order.payment_id is not None

        shop.stripe.authenticate(order.payment_id)

        assert shop.notice(order).status is OrderStatus.SHIPPED
        shop.settle()

    def test_who_fails_it_may_take_another_card(self, shop: StoryShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)
        assert order.payment_id is not None
        shop.stripe.fail_authentication(order.payment_id)

        told = shop.come_back(order)

        assert str(told.attempt.decline) == "payment_intent_authentication_failure"
        assert shop.pay_again(told, card=VISA).status is OrderStatus.SHIPPED
        shop.settle()

    def test_who_walks_away_leaves_neither_stock_nor_payment_behind(self, shop: StoryShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)

        shop.settle()

        assert shop.now(order).reason is Reason.DEADLINE_PASSED
        assert shop.inventory.available("mug") == 10

    def test_another_card_instead_of_an_answer_to_the_bank(self, shop: StoryShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)

        paid = shop.pay_again(order, card=VISA)

        assert paid.status is OrderStatus.SHIPPED
        shop.settle()


class TestBankDebits:
    def test_a_debit_rests_in_processing_until_it_settles(self) -> None:
        shop = StoryShop(policy=AUTOMATIC)
        order = shop.buy(card=BANK_DEBIT)
        assert order.status is OrderStatus.PAYMENT_PROCESSING

        shop.pass_time(days=1)
        assert shop.inventory.holds()[order.id].status is HoldStatus.HELD
        shop.settle()

        assert shop.now(order).status is OrderStatus.DELIVERED

    def test_a_debit_that_fails_late_takes_nothing(self) -> None:
        shop = StoryShop(policy=AUTOMATIC)
        order = shop.buy(card=FAILING_DEBIT)

        shop.settle()

        assert shop.now(order).status is OrderStatus.PAYMENT_FAILED
        assert shop.inventory.available("mug") == 10

    def test_a_debit_cannot_be_authorised_first(self, shop: StoryShop) -> None:
        order = shop.buy(card=BANK_DEBIT)

        assert (order.status, order.reason) == (OrderStatus.PAYMENT_FAILED, Reason.PAYMENT_REFUSED)
        shop.settle()


class TestCancelling:
    def test_an_unpaid_order_is_cancelled_with_its_intent(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        cancelled = shop.cancel(order)

        assert (cancelled.status, cancelled.reason) == (OrderStatus.CANCELLED, Reason.CANCEL_ASKED)
        assert [payment.status for payment in shop.stripe.payments_of_order(order.id)] == [PaymentStatus.CANCELED]
        shop.settle()

    def test_a_paid_order_gives_the_money_back(self) -> None:
        shop = StoryShop(pickup_seconds=1_800)
        order = shop.buy()
        assert order.status is OrderStatus.PAID

        cancelled = shop.cancel(order)

        assert cancelled.status is OrderStatus.CANCELLED
        assert cancelled.money_returned
        assert shop.charged(order).minor == 0
        assert shop.carrier.shipments()[order.id].status is ShipmentStatus.VOIDED
        assert shop.inventory.available("mug") == 10
        assert MailKind.MONEY_RETURNED in shop.mails(order)
        shop.settle()

    def test_what_the_carrier_has_cannot_be_cancelled(self, shop: StoryShop) -> None:
        order = shop.buy()

        with pytest.raises(NotPossibleNow):
            shop.cancel(order)

    def test_cancelling_twice_is_cancelling_once(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        once, twice = shop.cancel(order), shop.cancel(order)

        assert once == twice

    def test_a_parcel_fetched_meanwhile_stays_shipped(self) -> None:
        shop = StoryShop(pickup_seconds=1_800)
        order = shop.buy()
        shop.pass_time(seconds=1_800)  # the carrier has it, and its notice has not come yet

        told = shop.cancel(order)

        assert told.status is OrderStatus.SHIPPED
        assert shop.charged(order) == order.purchase.price.total


class TestRefunds:
    def test_a_delivered_order_is_refunded_and_stays_delivered(self, shop: StoryShop) -> None:
        order = shop.buy()
        shop.settle()

        refunded = shop.refund(order)

        assert refunded.status is OrderStatus.DELIVERED
        assert refunded.money_returned
        assert shop.charged(order).minor == 0
        shop.settle()

    def test_a_refund_asked_twice_is_made_once(self, shop: StoryShop) -> None:
        order = shop.buy()

        shop.refund(order)
        shop.refund(order)

        assert len(shop.stripe.intent(order.payment_id or "").refunds) == 1

    def test_an_unpaid_order_has_nothing_to_refund(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        with pytest.raises(NotPossibleNow, match="nothing to refund"):
            shop.refund(order)

    def test_a_pending_refund_is_waited_for(self) -> None:
        shop = StoryShop(pickup_seconds=1_800)
        order = shop.buy(card="pm_card_pendingRefund")

        waiting = shop.cancel(order)

        assert waiting.status is OrderStatus.REFUNDING
        shop.settle()
        assert shop.now(order).status is OrderStatus.CANCELLED

    def test_a_refund_that_fails_after_it_had_succeeded_goes_to_a_person(self) -> None:
        shop = StoryShop(pickup_seconds=1_800, janitor_seconds=3_600)
        order = shop.buy(card="pm_card_refundFail")
        cancelled = shop.cancel(order)
        assert cancelled.status is OrderStatus.CANCELLED

        shop.pass_time(days=40)
        told = shop.notice(order)

        assert told.review is not None
        assert told.review.reason == "refund failed"
        assert told.refund_id is not None
        assert told.refund_id in told.review.detail

    def test_a_customer_cannot_refund(self, shop: StoryShop) -> None:
        order = shop.buy()

        with pytest.raises(UnknownOrder):
            shop.world.run(shop.flow.refund_order(ADA, order.id))  # type: ignore[arg-type]


class TestOtherHands:
    def test_a_dashboard_refund_before_shipping_stops_the_parcel(self) -> None:
        shop = StoryShop(pickup_seconds=1_800)
        order = shop.buy()
        assert order.payment_id is not None

        shop.stripe.refund_in_dashboard(order.payment_id)
        told = shop.notice(order)

        assert (told.status, told.reason) == (OrderStatus.CANCELLED, Reason.MONEY_RETURNED)
        shop.settle()

    def test_a_disputed_payment_is_not_shipped_and_a_person_is_told(self) -> None:
        shop = StoryShop(pickup_seconds=1_800)
        order = shop.buy()
        assert order.payment_id is not None

        shop.stripe.dispute(order.payment_id)
        told = shop.notice(order)

        assert told.status is OrderStatus.REFUNDING
        assert told.review is not None
        assert "charge_disputed" in told.review.detail
        assert shop.carrier.shipments()[order.id].status is ShipmentStatus.VOIDED

    def test_a_payment_cancelled_in_the_dashboard_ends_the_order(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS)
        assert order.payment_id is not None

        shop.stripe.cancel_in_dashboard(order.payment_id)
        told = shop.notice(order)

        assert (told.status, told.reason) == (OrderStatus.PAYMENT_FAILED, Reason.PAYMENT_CANCELLED)
        shop.settle()

    def test_a_parcel_that_cannot_be_brought_is_paid_back(self) -> None:
        shop = StoryShop(refuses=("US",))

        order = shop.buy(address=HOME)

        assert (order.status, order.reason) == (OrderStatus.CANCELLED, Reason.NOT_SHIPPABLE)
        assert shop.charged(order).minor == 0
        shop.settle()


class TestOwnership:
    def test_nobody_sees_or_touches_another_customers_order(self, shop: StoryShop) -> None:
        order = shop.buy(card=NO_FUNDS, customer=ADA)
        flow = shop.flow

        for touch in (
            flow.order(BOB, order.id),
            flow.advance(BOB, order.id),
            flow.cancel_order(BOB, order.id),
            flow.transitions(BOB, order.id),
            flow.pay_again(BOB, order.id, seen_try=1, payment_method=VISA),
        ):
            with pytest.raises(UnknownOrder):
                shop.world.run(touch)
        assert shop.now(order) == order

    def test_the_merchant_sees_every_order(self, shop: StoryShop) -> None:
        order = shop.buy()

        assert shop.world.run(shop.flow.order(MERCHANT, order.id)) == order


def test_the_table_names_every_status_and_final_ones_lead_nowhere() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)
    assert {status for status in OrderStatus if status.is_final} == {
        OrderStatus.DELIVERED,
        OrderStatus.PAYMENT_FAILED,
        OrderStatus.CANCELLED,
    }
