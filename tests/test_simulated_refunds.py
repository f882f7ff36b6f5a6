"""Stories about refunds at the simulated Stripe. Disputes are in `test_simulated_disputes.py`."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import PaymentStatus, RefundStatus
from payflows.testing.gateway_customer import PRICE
from tests.stripe_fixture import NOTHING, ORDER, STATUSES, StripeFixture

DAY = 24 * 3600


@pytest.fixture
def account() -> StripeFixture:
    return StripeFixture()


def test_all_of_it_goes_back_immediately(account: StripeFixture) -> None:
    payment = account.paid()

    refund = account.refund(payment)

    assert (refund.status, refund.amount) == (RefundStatus.SUCCEEDED, PRICE)
    assert account.read(payment).returned == PRICE
    assert account.stripe.net_for(ORDER) == NOTHING
    assert account.stripe.captured_for(ORDER) == PRICE


def test_it_goes_back_only_once(account: StripeFixture) -> None:
    payment = account.paid()
    account.refund(payment)

    with pytest.raises(CallRejected) as refused:
        account.refund(payment)

    assert refused.value.code == "charge_already_refunded"
    assert len(account.intent(payment).refunds) == 1


@pytest.mark.parametrize("status", [status for status in STATUSES if status is not PaymentStatus.SUCCEEDED])
def test_what_was_never_taken_cannot_go_back(account: StripeFixture, status: PaymentStatus) -> None:
    payment = account.in_status(status)

    with pytest.raises(CallRejected):
        account.refund(payment)

    assert account.stripe.movements == []


def test_after_a_part_from_the_dashboard_the_rest_goes_back(account: StripeFixture) -> None:
    payment = account.paid()
    account.stripe.refund_in_dashboard(payment.id, 1000)

    refund = account.refund(payment)

    assert refund.amount == Money(3999, "usd")
    assert account.read(payment).returned == PRICE


@pytest.mark.parametrize("amount_minor", [1, PRICE.minor])
def test_the_dashboard_refunds_as_little_or_as_much_as_one_likes(account: StripeFixture, amount_minor: int) -> None:
    payment = account.paid()

    account.stripe.refund_in_dashboard(payment.id, amount_minor)

    assert account.read(payment).returned.minor == amount_minor


@pytest.mark.parametrize("amount_minor", [0, -1, PRICE.minor + 1])
def test_the_dashboard_cannot_refund_more_than_there_is(account: StripeFixture, amount_minor: int) -> None:
    payment = account.paid()

    with pytest.raises(CallRejected):
        account.stripe.refund_in_dashboard(payment.id, amount_minor)

    assert account.stripe.net_for(ORDER) == PRICE


def test_ours_are_listed_newest_first_and_those_of_the_dashboard_are_not(account: StripeFixture) -> None:
    payment = account.paid("pm_card_refundFail")
    account.stripe.refund_in_dashboard(payment.id, 1000)
    first = account.refund(payment)
    account.clock.pass_time(5 * DAY)
    second = account.refund(payment)

    listed = account.refunds(payment)

    assert [refund.id for refund in listed] == [second.id, first.id]
    assert account.refunds(payment, "another-order") == ()


def test_a_pending_refund_counts_as_gone_and_settles_later(account: StripeFixture) -> None:
    payment = account.paid("pm_card_pendingRefund")

    refund = account.refund(payment)
    assert (refund.status, account.read(payment).returned) == (RefundStatus.PENDING, PRICE)
    account.clock.pass_time(2 * DAY)

    assert [listed.status for listed in account.refunds(payment)] == [RefundStatus.SUCCEEDED]
    assert account.stripe.net_for(ORDER) == NOTHING


def test_a_refund_that_fails_after_it_had_succeeded_brings_the_money_back_to_us(account: StripeFixture) -> None:
    payment = account.paid("pm_card_refundFail")
    assert account.refund(payment).status is RefundStatus.SUCCEEDED

    account.clock.pass_time(5 * DAY)

    assert [listed.status for listed in account.refunds(payment)] == [RefundStatus.FAILED]
    assert account.read(payment).returned == NOTHING
    assert account.stripe.net_for(ORDER) == PRICE
    assert account.refund(payment).amount == PRICE
