"""Stories about money that goes back at the simulated Stripe: refunds and disputes."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import PaymentStatus, RefundStatus
from tests.till import NOTHING, ORDER, PRICE, STATUSES, Till

DAY = 24 * 3600


@pytest.fixture
def till() -> Till:
    return Till()


def test_all_of_it_goes_back_at_once(till: Till) -> None:
    payment = till.paid()

    refund = till.refund(payment)

    assert (refund.status, refund.amount) == (RefundStatus.SUCCEEDED, PRICE)
    assert till.read(payment).returned == PRICE
    assert not till.read(payment).still_covers(PRICE)
    assert till.stripe.net_for(ORDER) == NOTHING
    assert till.stripe.captured_for(ORDER) == PRICE


def test_it_goes_back_only_once(till: Till) -> None:
    payment = till.paid()
    till.refund(payment)

    with pytest.raises(CallRejected) as refused:
        till.refund(payment)

    assert refused.value.code == "charge_already_refunded"
    assert len(till.intent(payment).refunds) == 1


@pytest.mark.parametrize("status", [status for status in STATUSES if status is not PaymentStatus.SUCCEEDED])
def test_what_was_never_taken_cannot_go_back(till: Till, status: PaymentStatus) -> None:
    payment = till.in_status(status)

    with pytest.raises(CallRejected):
        till.refund(payment)

    assert till.stripe.movements == []


def test_after_a_part_from_the_dashboard_the_rest_goes_back(till: Till) -> None:
    payment = till.paid()
    till.stripe.refund_in_dashboard(payment.id, 1000)

    refund = till.refund(payment)

    assert refund.amount == Money(3999, "usd")
    assert till.read(payment).returned == PRICE


@pytest.mark.parametrize("amount_minor", [1, PRICE.minor])
def test_the_dashboard_refunds_as_little_or_as_much_as_one_likes(till: Till, amount_minor: int) -> None:
    payment = till.paid()

    till.stripe.refund_in_dashboard(payment.id, amount_minor)

    assert till.read(payment).returned.minor == amount_minor


@pytest.mark.parametrize("amount_minor", [0, -1, PRICE.minor + 1])
def test_the_dashboard_cannot_refund_more_than_there_is(till: Till, amount_minor: int) -> None:
    payment = till.paid()

    with pytest.raises(CallRejected):
        till.stripe.refund_in_dashboard(payment.id, amount_minor)

    assert till.stripe.net_for(ORDER) == PRICE


def test_ours_are_listed_newest_first_and_those_of_the_dashboard_are_not(till: Till) -> None:
    payment = till.paid("pm_card_refundFail")
    till.stripe.refund_in_dashboard(payment.id, 1000)
    first = till.refund(payment)
    till.clock.pass_time(5 * DAY)
    second = till.refund(payment)

    listed = till.refunds(payment)

    assert [refund.id for refund in listed] == [second.id, first.id]
    assert till.refunds(payment, "another-order") == ()


def test_a_pending_refund_counts_as_gone_and_settles_later(till: Till) -> None:
    payment = till.paid("pm_card_pendingRefund")

    refund = till.refund(payment)
    assert (refund.status, till.read(payment).returned) == (RefundStatus.PENDING, PRICE)
    till.clock.pass_time(2 * DAY)

    assert [listed.status for listed in till.refunds(payment)] == [RefundStatus.SUCCEEDED]
    assert till.stripe.net_for(ORDER) == NOTHING


def test_a_refund_that_fails_after_it_had_succeeded_brings_the_money_back_to_us(till: Till) -> None:
    payment = till.paid("pm_card_refundFail")
    assert till.refund(payment).status is RefundStatus.SUCCEEDED

    till.clock.pass_time(5 * DAY)

    assert [listed.status for listed in till.refunds(payment)] == [RefundStatus.FAILED]
    assert till.read(payment).returned == NOTHING
    assert till.stripe.net_for(ORDER) == PRICE
    assert till.refund(payment).amount == PRICE


def test_the_bank_takes_the_money_and_the_charge_cannot_be_refunded(till: Till) -> None:
    payment = till.paid()

    disputed = till.stripe.dispute(payment.id)

    assert disputed.disputed
    assert till.stripe.net_for(ORDER) == NOTHING
    with pytest.raises(CallRejected) as refused:
        till.refund(payment)
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize(("won", "kept"), [(True, PRICE), (False, NOTHING)])
def test_who_wins_has_the_money(till: Till, won: bool, kept: Money) -> None:
    payment = till.paid()
    till.stripe.dispute(payment.id)

    closed = till.stripe.close_dispute(payment.id, won=won)

    assert till.stripe.net_for(ORDER) == kept
    assert closed.disputed
    with pytest.raises(CallRejected):
        till.stripe.close_dispute(payment.id, won=won)


def test_what_was_won_may_be_refunded_and_what_was_lost_may_not(till: Till) -> None:
    won, lost = till.paid(order="won"), till.paid(order="lost")
    for payment in (won, lost):
        till.stripe.dispute(payment.id)
        till.stripe.close_dispute(payment.id, won=payment is won)

    assert till.refund(won, order="won").amount == PRICE
    with pytest.raises(CallRejected):
        till.refund(lost, order="lost")


def test_only_what_was_not_refunded_is_disputed(till: Till) -> None:
    payment = till.paid()
    till.stripe.refund_in_dashboard(payment.id, 999)

    till.stripe.dispute(payment.id)

    assert till.intent(payment).disputes[0].amount == 4000
    assert till.stripe.net_for(ORDER) == NOTHING


def test_the_disputing_card_complains_an_hour_after_the_capture(till: Till) -> None:
    payment = till.paid("pm_card_createDispute")

    till.clock.pass_time(3599)
    assert not till.read(payment).disputed
    till.clock.pass_time(1)

    assert till.read(payment).disputed


def test_a_disputing_account_complains_after_its_debit_has_settled(till: Till) -> None:
    payment = till.paid("pm_usBankAccount_dispute")

    till.clock.pass_time(4 * DAY + 3600)

    assert till.read(payment).disputed


def test_a_customer_who_was_refunded_has_nothing_to_complain_of(till: Till) -> None:
    payment = till.paid("pm_card_createDispute")
    till.refund(payment)

    till.clock.pass_time(DAY)

    assert not till.read(payment).disputed
