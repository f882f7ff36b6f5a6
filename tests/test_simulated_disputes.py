"""Stories about disputes at the simulated Stripe: what banks take, ask for, decide, and decide anew."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import DisputeStatus, Payment
from payflows.testing.gateway_customer import PRICE
from simulations.stripe.core.events import Json
from tests.stripe_fixture import NOTHING, ORDER, StripeFixture

DAY = 24 * 3600


@pytest.fixture
def account() -> StripeFixture:
    return StripeFixture()


def disputed(account: StripeFixture) -> Payment:
    return account.stripe.dispute(account.paid().id)


def statuses(account: StripeFixture, payment: Payment) -> list[DisputeStatus]:
    return [dispute.status for dispute in account.disputes(payment)]


def test_the_bank_takes_the_money_and_the_charge_cannot_be_refunded(account: StripeFixture) -> None:
    payment = account.paid()

    disputed = account.stripe.dispute(payment.id)

    assert disputed.disputed
    assert account.stripe.net_for(ORDER) == NOTHING
    with pytest.raises(CallRejected) as refused:
        account.refund(payment)
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize(("won", "kept"), [(True, PRICE), (False, NOTHING)])
def test_who_wins_has_the_money(account: StripeFixture, won: bool, kept: Money) -> None:
    payment = account.paid()
    account.stripe.dispute(payment.id)

    closed = account.stripe.close_dispute(payment.id, won=won)

    assert account.stripe.net_for(ORDER) == kept
    assert closed.disputed
    with pytest.raises(CallRejected):
        account.stripe.close_dispute(payment.id, won=won)


def test_what_was_won_may_be_refunded_and_what_was_lost_may_not(account: StripeFixture) -> None:
    won, lost = account.paid(order="won"), account.paid(order="lost")
    for payment in (won, lost):
        account.stripe.dispute(payment.id)
        account.stripe.close_dispute(payment.id, won=payment is won)

    assert account.refund(won, order="won").amount == PRICE
    with pytest.raises(CallRejected):
        account.refund(lost, order="lost")


def test_only_what_was_not_refunded_is_disputed(account: StripeFixture) -> None:
    payment = account.paid()
    account.stripe.refund_in_dashboard(payment.id, 999)

    account.stripe.dispute(payment.id)

    assert account.intent(payment).disputes[0].amount == 4000
    assert account.stripe.net_for(ORDER) == NOTHING


def test_the_disputing_card_complains_an_hour_after_the_capture(account: StripeFixture) -> None:
    payment = account.paid("pm_card_createDispute")

    account.clock.pass_time(3599)
    assert not account.read(payment).disputed
    account.clock.pass_time(1)

    assert account.read(payment).disputed


def test_a_disputing_account_complains_after_its_debit_has_settled(account: StripeFixture) -> None:
    payment = account.paid("pm_usBankAccount_dispute")

    account.clock.pass_time(4 * DAY + 3600)

    assert account.read(payment).disputed


def test_a_customer_who_was_refunded_has_nothing_to_complain_of(account: StripeFixture) -> None:
    payment = account.paid("pm_card_createDispute")
    account.refund(payment)

    account.clock.pass_time(DAY)

    assert not account.read(payment).disputed


# What disputes look like, and inquiries.


def test_a_dispute_is_listed_with_its_amount_and_status(account: StripeFixture) -> None:
    payment = disputed(account)

    [dispute] = account.disputes(payment)

    assert (dispute.payment_id, dispute.amount, dispute.status) == (payment.id, PRICE, DisputeStatus.NEEDS_RESPONSE)
    assert account.disputes(account.paid(order="another")) == ()


@pytest.mark.parametrize(("won", "status"), [(True, DisputeStatus.WON), (False, DisputeStatus.LOST)])
def test_a_charge_stays_disputed_and_only_the_dispute_says_how_it_ended(
    account: StripeFixture, won: bool, status: DisputeStatus
) -> None:
    payment = disputed(account)

    account.stripe.close_dispute(payment.id, won=won)

    assert account.read(payment).disputed
    assert statuses(account, payment) == [status]


def test_its_balance_transactions_say_what_it_took_and_gave_back(account: StripeFixture) -> None:
    payment = disputed(account)
    assert moved(account, payment) == [-PRICE.minor]

    account.stripe.close_dispute(payment.id, won=True)

    assert moved(account, payment) == [-PRICE.minor, PRICE.minor]


def moved(account: StripeFixture, payment: Payment) -> list[object]:
    """Return the amounts of its balance transactions."""
    transactions = account.intent(payment).disputes[0].to_stripe()["balance_transactions"]
    assert isinstance(transactions, list)
    return [transaction["amount"] for transaction in transactions]


def test_a_dispute_that_was_lost_may_still_be_won(account: StripeFixture) -> None:
    payment = disputed(account)
    account.stripe.close_dispute(payment.id, won=False)

    account.stripe.reverse_loss(payment.id)

    assert statuses(account, payment) == [DisputeStatus.WON]
    assert account.stripe.net_for(ORDER) == PRICE
    assert account.refund(payment).amount == PRICE


def test_only_a_loss_can_be_reversed(account: StripeFixture) -> None:
    payment = disputed(account)

    with pytest.raises(CallRejected):
        account.stripe.reverse_loss(payment.id)


def test_a_dispute_that_was_won_may_still_be_lost(account: StripeFixture) -> None:
    payment = disputed(account)
    account.stripe.close_dispute(payment.id, won=True)

    account.stripe.reverse_win(payment.id)

    assert statuses(account, payment) == [DisputeStatus.LOST]
    assert account.stripe.net_for(ORDER).minor == 0
    with pytest.raises(CallRejected):
        account.stripe.reverse_win(payment.id)


def test_an_inquiry_moves_no_money_and_its_charge_can_be_refunded(account: StripeFixture) -> None:
    payment = account.stripe.inquire(account.paid().id)

    assert payment.disputed
    assert statuses(account, payment) == [DisputeStatus.WARNING_NEEDS_RESPONSE]
    assert account.stripe.net_for(ORDER) == PRICE
    assert shown(account, payment)["is_charge_refundable"] is True
    assert account.refund(payment).amount == PRICE


def shown(account: StripeFixture, payment: Payment) -> Json:
    """Return its dispute as Stripe shows it."""
    return account.intent(payment).disputes[0].to_stripe()


def test_an_inquiry_is_closed_and_never_lost(account: StripeFixture) -> None:
    payment = account.stripe.inquire(account.paid().id)
    with pytest.raises(CallRejected, match="inquiry"):
        account.stripe.close_dispute(payment.id, won=False)

    account.stripe.close_dispute(payment.id, won=True)

    assert statuses(account, payment) == [DisputeStatus.WARNING_CLOSED]
    assert account.stripe.net_for(ORDER) == PRICE


def test_an_inquiry_may_become_a_dispute_of_what_is_left(account: StripeFixture) -> None:
    payment = account.stripe.inquire(account.paid().id)
    account.stripe.refund_in_dashboard(payment.id, 999)

    account.stripe.dispute(payment.id)

    [dispute] = account.disputes(payment)
    assert (dispute.amount, dispute.status) == (Money(4000, "usd"), DisputeStatus.NEEDS_RESPONSE)
    assert account.stripe.net_for(ORDER) == NOTHING
