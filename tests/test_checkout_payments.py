"""Stories of how a card may go wrong in a calm world: declined, authenticated, debited late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.checkout.goods import HoldStatus
from payflows.checkout.messages import MailKind
from payflows.checkout.model import OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import InvalidState
from payflows.money import Money
from payflows.payments.model import CaptureMode, PaymentStatus
from simulations.checkout.scripted_shop import BANK_DEBIT, FAILING_DEBIT, NO_FUNDS, THREE_D_SECURE, VISA, ScriptedShop

AUTOMATIC = CheckoutPolicy(capture=CaptureMode.AUTOMATIC)


class TestDeclines:
    def test_a_declined_card_leaves_room_for_another(self, shop: ScriptedShop) -> None:
        declined = shop.buy(card=NO_FUNDS)

        assert declined.status is OrderStatus.CUSTOMER_ACTION
        assert str(declined.attempt.decline) == "insufficient_funds"
        paid = shop.pay_again(declined, card=VISA)
        assert paid.status is OrderStatus.SHIPPED
        assert shop.charged(paid) == paid.purchase.price.total
        shop.settle()

    def test_a_second_tab_that_saw_an_older_try_changes_nothing(self, shop: ScriptedShop) -> None:
        first = shop.buy(card=NO_FUNDS)
        second = shop.pay_again(first, card=NO_FUNDS)
        assert second.attempt.number == 2

        stale = shop.pay_again(second, card=VISA, expected_try=1)

        assert stale == second
        assert shop.charged(stale).minor == 0

    def test_an_old_decline_does_not_count_against_a_new_card(self, shop: ScriptedShop) -> None:
        declined = shop.buy(card=NO_FUNDS)
        shop.stripe.lose_request_of("confirm_payment", times=3)

        waiting = shop.pay_again(declined, card=VISA)

        assert waiting.status is OrderStatus.PAYMENT_PROCESSING
        shop.pass_time(minutes=2)
        assert shop.now(waiting).status is OrderStatus.SHIPPED
        shop.settle()

    def test_after_three_cards_the_order_fails_and_the_stock_is_back(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=NO_FUNDS)
        for _ in range(2):
            order = shop.pay_again(order, card=NO_FUNDS)

        assert (order.status, order.reason) == (OrderStatus.PAYMENT_FAILED, Reason.CARDS_DECLINED)
        assert shop.inventory.available("mug") == 10
        assert [payment.status for payment in shop.stripe.payments_of_order(order.id)] == [PaymentStatus.CANCELED]
        assert MailKind.PAYMENT_FAILED in shop.mails(order)

    def test_a_failed_order_cannot_be_paid_any_more(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=NO_FUNDS)
        shop.pass_time(hours=2)
        assert shop.now(order).reason is Reason.DEADLINE_PASSED

        late = shop.pay_again(order, card=VISA)

        assert late.status is OrderStatus.PAYMENT_FAILED
        assert shop.charged(order).minor == 0
        shop.settle()

    def test_the_hold_lasts_as_long_as_the_card_may_be_changed(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=NO_FUNDS)

        shop.pass_time(minutes=50)

        assert shop.inventory.holds()[order.id].status is HoldStatus.HELD
        assert shop.pay_again(order).status is OrderStatus.SHIPPED

    def test_no_card_is_tried_beyond_the_limit(self) -> None:
        shop = ScriptedShop(policy=CheckoutPolicy(max_tries=1))
        order = shop.buy(card=THREE_D_SECURE)

        with pytest.raises(InvalidState, match="1 cards"):
            shop.pay_again(order, card=VISA)


class TestThreeDSecure:
    def test_the_customer_authenticates_and_comes_back(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)
        assert order.status is OrderStatus.CUSTOMER_ACTION
        assert order.payment_id is not None

        shop.stripe.authenticate(order.payment_id)

        assert shop.come_back(order).status is OrderStatus.SHIPPED
        shop.settle()

    def test_a_notice_does_as_well_when_the_customer_does_not_come_back(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)
        assert order.payment_id is not None

        shop.stripe.authenticate(order.payment_id)

        assert shop.notice(order).status is OrderStatus.SHIPPED
        shop.settle()

    def test_who_fails_it_may_take_another_card(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)
        assert order.payment_id is not None
        shop.stripe.fail_authentication(order.payment_id)

        failed = shop.come_back(order)

        assert str(failed.attempt.decline) == "payment_intent_authentication_failure"
        assert shop.pay_again(failed, card=VISA).status is OrderStatus.SHIPPED
        shop.settle()

    def test_who_walks_away_leaves_neither_stock_nor_payment_behind(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)

        shop.settle()

        assert shop.now(order).reason is Reason.DEADLINE_PASSED
        assert shop.inventory.available("mug") == 10

    def test_another_card_instead_of_an_answer_to_the_bank(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)

        paid = shop.pay_again(order, card=VISA)

        assert paid.status is OrderStatus.SHIPPED
        shop.settle()


class TestBankDebits:
    def test_a_debit_rests_in_processing_until_it_settles(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC)
        order = shop.buy(card=BANK_DEBIT)
        assert order.status is OrderStatus.PAYMENT_PROCESSING

        shop.pass_time(days=1)
        assert shop.inventory.holds()[order.id].status is HoldStatus.HELD
        shop.settle()

        assert shop.now(order).status is OrderStatus.DELIVERED

    def test_a_debit_that_fails_late_takes_nothing(self) -> None:
        shop = ScriptedShop(policy=AUTOMATIC)
        order = shop.buy(card=FAILING_DEBIT)

        shop.settle()

        assert shop.now(order).status is OrderStatus.PAYMENT_FAILED
        assert shop.inventory.available("mug") == 10

    def test_a_debit_cannot_be_authorised_first(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=BANK_DEBIT)

        assert (order.status, order.reason) == (OrderStatus.PAYMENT_FAILED, Reason.PAYMENT_REFUSED)
        shop.settle()


class TestWhatIsWantedBeforeTheNextStep:
    """A step that was cut off goes on with what is wanted by then."""

    def test_an_order_cancelled_while_it_is_only_authorised_is_never_captured(self) -> None:
        shop = ScriptedShop(poll_seconds=None)
        shop.stripe.lose_request_of("capture_payment", times=3)
        order = shop.buy()
        assert shop.now(order).status is OrderStatus.AUTHORISED

        cancelled = shop.cancel(order)

        assert cancelled.status is OrderStatus.CANCELLED
        assert shop.stripe.captured_for(order.id) == Money(0, "usd")

    def test_no_card_is_tried_once_the_deadline_is_over(self) -> None:
        shop = ScriptedShop(policy=CheckoutPolicy(hold_seconds=86_400), poll_seconds=None)
        shop.stripe.lose_request_of("confirm_payment", times=3)
        order = shop.buy()
        assert shop.now(order).status is OrderStatus.PAYMENT_PROCESSING
        shop.pass_time(hours=2)
        shop.calls.clear()

        shop.world.run(shop.app.worker.run_due())

        assert "confirm_payment" not in [call.method for call in shop.calls]
        assert shop.charged(order) == Money(0, "usd")

    def test_a_look_before_its_time_makes_no_call(self, shop: ScriptedShop) -> None:
        order = shop.buy()
        shop.settle()
        shop.calls.clear()

        shop.come_back(order)

        assert [call.method for call in shop.calls] == []


def test_a_failed_authentication_leaves_the_customer_where_they_were(shop: ScriptedShop) -> None:
    order = shop.buy(card=THREE_D_SECURE)
    shop.pass_time(minutes=5)
    shop.stripe.fail_authentication(order.payment_id or "")

    declined = shop.notice(order)

    assert (declined.status, declined.changed_at) == (OrderStatus.CUSTOMER_ACTION, order.changed_at)
    assert declined.attempt.decline is not None


def test_the_last_card_that_is_not_authenticated_ends_the_order(shop: ScriptedShop) -> None:
    order = shop.buy(card=NO_FUNDS)
    order = shop.pay_again(order, card=NO_FUNDS)
    order = shop.pay_again(order, card=THREE_D_SECURE)
    assert order.status is OrderStatus.CUSTOMER_ACTION
    shop.stripe.fail_authentication(order.payment_id or "")

    ended = shop.notice(order)

    assert (ended.status, ended.reason) == (OrderStatus.PAYMENT_FAILED, Reason.CARDS_DECLINED)
    shop.settle()


def test_a_hold_is_renewed_once_half_of_it_is_over(shop: ScriptedShop) -> None:
    order, now = shop.buy(card=THREE_D_SECURE), shop.world.now()

    assert order.hold_until == now + timedelta(minutes=15)
    assert order.renew_hold_at == now + timedelta(minutes=7.5)
