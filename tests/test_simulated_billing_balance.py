"""Stories about a customer's balance at the simulated Stripe, and about what is taken back of invoices."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.subscriptions.billing import InvoiceStatus
from tests.billing_fixture import ADA, BANK, HOUR, START, YEARLY, BillingFixture, first_of, latest_of


@pytest.fixture
def account() -> BillingFixture:
    return BillingFixture()


def balance(account: BillingFixture) -> int:
    return account.stripe.customer(ADA).balance


# The customer's balance


def test_credit_is_applied_when_the_next_invoice_is_finalised(account: BillingFixture) -> None:
    """B24"""
    subscription = account.active()
    account.pass_until(START.replace(month=2))
    account.stripe.adjust_balance(ADA, -1000, "usd")

    account.pass_time(HOUR)

    invoice = latest_of(subscription)
    assert (invoice.starting_balance, invoice.ending_balance, balance(account)) == (-1000, 0, 0)
    assert (invoice.total, invoice.amount_due, invoice.amount_paid) == (3000, 2000, 2000)


def test_credit_is_not_applied_to_an_invoice_that_is_open(account: BillingFixture) -> None:
    """B24"""
    subscription = account.past_due()

    account.stripe.adjust_balance(ADA, -1000, "usd")

    assert (latest_of(subscription).amount_due, balance(account)) == (3000, -1000)


def test_an_invoice_that_credit_covers_is_paid_without_a_charge(account: BillingFixture) -> None:
    account.stripe.adjust_balance(ADA, -5000, "usd")

    subscription = account.subscribe()

    invoice = first_of(subscription)
    assert (subscription.status, invoice.status, invoice.payment) == ("active", InvoiceStatus.PAID, None)
    assert (invoice.amount_due, invoice.ending_balance, balance(account)) == (0, -2000, -2000)


def test_a_debt_is_collected_with_the_next_invoice(account: BillingFixture) -> None:
    """B49: a debt is above 0"""
    account.stripe.adjust_balance(ADA, 500, "usd")

    subscription = account.active()

    assert (first_of(subscription).amount_paid, balance(account)) == (3500, 0)


def test_what_is_too_little_to_charge_is_left_to_the_next_invoice(account: BillingFixture) -> None:
    account.stripe.adjust_balance(ADA, -2980, "usd")

    invoice = first_of(account.subscribe())

    assert (invoice.status, invoice.amount_due, balance(account)) == (InvoiceStatus.PAID, 0, 20)


def test_the_balance_is_the_sum_of_transactions_that_never_change(account: BillingFixture) -> None:
    """B49"""
    account.stripe.adjust_balance(ADA, -1000, "usd")
    subscription = account.subscribe()
    seen = list(account.stripe.customer(ADA).transactions)

    account.void(first_of(subscription))

    transactions = account.stripe.customer(ADA).transactions
    assert transactions[: len(seen)] == seen
    assert [each.amount for each in transactions] == [-1000, 1000, -1000]
    assert [each.type for each in transactions] == ["adjustment", "applied_to_invoice", "unapplied_from_invoice"]
    assert balance(account) == sum(each.amount for each in transactions)


# Credit notes


def test_a_credit_note_gives_a_part_of_a_paid_invoice_back(account: BillingFixture) -> None:
    subscription = account.active()
    invoice = first_of(subscription)
    part = Money(1200, "usd")

    call = account.stripe.credit_invoice(invoice.id, subscription_id="sub-1", amount=part, key="credit")
    note = account.run(call)

    assert (note.invoice_id, note.owner_id, note.amount) == (invoice.id, "sub-1", part)
    assert account.run(account.stripe.list_credit_notes(invoice.id)) == (note,)
    assert invoice.payment is not None
    assert invoice.payment.intent.as_payment().returned == part
    assert invoice.status is InvoiceStatus.PAID


def test_what_a_credit_note_gives_back_must_sum_to_its_amount(account: BillingFixture) -> None:
    """B48"""
    invoice = first_of(account.active())

    with pytest.raises(CallRejected, match="must equal"):
        account.stripe.credit_in_dashboard(invoice.id, 1000, refund=400, to_balance=500)

    account.stripe.credit_in_dashboard(invoice.id, 1000, refund=400, to_balance=500, out_of_band=100)
    assert balance(account) == -500
    with pytest.raises(CallRejected, match="More would be credited"):
        account.stripe.credit_in_dashboard(invoice.id, 2001, out_of_band=2001)


def test_what_was_paid_from_the_balance_is_credited_there_and_not_refunded(account: BillingFixture) -> None:
    account.stripe.adjust_balance(ADA, -2_000, "usd")
    invoice = first_of(account.active())
    assert (invoice.amount_paid, balance(account)) == (1_000, 0)

    with pytest.raises(CallRejected, match="More would be refunded"):
        account.stripe.credit_in_dashboard(invoice.id, 1_001, refund=1_001)
    account.stripe.credit_in_dashboard(invoice.id, 2_500, refund=1_000, to_balance=1_500)

    assert balance(account) == -1_500
    with pytest.raises(CallRejected, match="More would be credited"):
        account.stripe.credit_in_dashboard(invoice.id, 501, to_balance=501)


def test_a_credit_note_first_lowers_what_is_still_to_be_paid(account: BillingFixture) -> None:
    """B48"""
    subscription = account.past_due()
    invoice = latest_of(subscription)

    account.stripe.credit_in_dashboard(invoice.id, 1000)

    assert (invoice.amount_due, invoice.to_stripe()["amount_remaining"]) == (2000, 2000)
    account.use_card(subscription)
    assert account.pay(invoice).amount_paid.minor == 2000


def test_what_is_no_longer_owed_or_under_way_is_not_credited(account: BillingFixture) -> None:
    under_way = first_of(account.active("sub-2", card=BANK))
    with pytest.raises(CallRejected, match="processing"):
        account.stripe.credit_in_dashboard(under_way.id, 1000)

    voided = latest_of(account.past_due())
    account.void(voided)
    with pytest.raises(CallRejected, match="is void"):
        account.stripe.credit_in_dashboard(voided.id, 1000, out_of_band=1000)
    with pytest.raises(CallRejected, match="must equal"):
        account.stripe.credit_in_dashboard(first_of(account.active("sub-3")).id, 0)


def test_an_open_invoice_that_is_credited_whole_is_paid(account: BillingFixture) -> None:
    subscription = account.past_due()

    account.stripe.credit_in_dashboard(latest_of(subscription).id, 3000)

    assert latest_of(subscription).status is InvoiceStatus.PAID
    assert subscription.status == "active"


# Unused time


def test_cancelled_now_without_proration_nothing_is_credited(account: BillingFixture) -> None:
    """B10"""
    subscription = account.active()

    account.cancel(subscription)

    assert (len(subscription.invoices), balance(account)) == (1, 0)


def test_cancelled_with_proration_the_unused_time_goes_to_the_balance(account: BillingFixture) -> None:
    subscription = account.active(price=YEARLY)
    account.pass_time(days=73)

    answer = account.cancel(subscription, prorate=True)

    last = latest_of(subscription)
    assert answer.status == "canceled"
    assert (last.total, last.status, last.payment) == (-24000, InvoiceStatus.PAID, None)
    assert balance(account) == -24000
    [line] = last.lines
    assert (line.is_proration, line.period_start, line.period_end) == (True, last.created, subscription.period_end)
    assert not last.auto_advance
    assert last.as_invoice().total.minor == 0


@given(seconds=st.integers(0, 31 * 24 * 3600 - 1))
def test_unused_time_is_credited_to_the_second_and_rounded_once(seconds: int) -> None:
    account = BillingFixture()
    subscription = account.active(quantity=3)
    account.pass_time(seconds)

    account.cancel(subscription, prorate=True)

    period = timedelta(days=31)
    left: Fraction = 1 - Fraction(seconds, int(period.total_seconds()))
    assert abs(-balance(account) - 9000 * left) <= Fraction(1, 2)


def test_an_invoice_that_was_voided_is_not_credited_again(account: BillingFixture) -> None:
    subscription = account.past_due()
    account.void(latest_of(subscription))

    account.cancel(subscription, prorate=True)

    assert balance(account) == 0
