"""Stories about the last invoice of a subscription that ends at the simulated Stripe, and what waited for one."""

from __future__ import annotations

import pytest

from payflows.subscriptions.billing import CHANGE, InvoiceStatus
from simulations.stripe import BillingSettings, CustomRetries
from tests.billing_fixture import DECLINED, HOUR, BillingFixture, first_of, latest_of
from tests.changing_account import MAX, account_with, amounts, balance, halfway


@pytest.fixture
def account() -> BillingFixture:
    return account_with()


def test_cancelled_now_what_waits_is_dropped(account: BillingFixture) -> None:
    """B10"""
    subscription = account.active()
    halfway(account, subscription)
    account.stripe.change_items_in_dashboard(subscription.id, MAX)

    account.cancel(subscription)

    assert (len(subscription.invoices), subscription.pending_items, balance(account)) == (1, [], 0)


def test_cancelled_now_with_a_last_invoice_what_waits_is_collected(account: BillingFixture) -> None:
    """B10"""
    subscription = account.active()
    halfway(account, subscription)
    account.stripe.change_items_in_dashboard(subscription.id, MAX)

    answer = account.cancel(subscription, invoice_now=True)

    last = latest_of(subscription)
    assert (answer.status, amounts(subscription), last.status) == ("canceled", [-1500, 3000], InvoiceStatus.PAID)
    assert (last.amount_paid, last.billing_reason) == (1500, CHANGE)


def test_a_last_invoice_that_is_not_paid_stays_open_and_is_not_tried_again() -> None:
    account = account_with(BillingSettings(retries=CustomRetries((3,))))
    subscription = account.failing()
    account.stripe.change_items_in_dashboard(subscription.id, MAX)

    answer = account.cancel(subscription, invoice_now=True)
    account.pass_time(days=10)

    last = latest_of(subscription)
    assert (answer.status, subscription.status, last.status) == ("canceled", "canceled", InvoiceStatus.OPEN)
    assert (last.attempt_count, last.next_payment_attempt) == (1, None)


def test_without_anything_to_bill_there_is_no_last_invoice(account: BillingFixture) -> None:
    subscription = account.active()

    account.cancel(subscription, invoice_now=True)

    assert len(subscription.invoices) == 1


def test_after_a_change_unused_time_is_credited_by_what_was_debited_for_it(account: BillingFixture) -> None:
    """B36"""
    subscription = account.active()
    halfway(account, subscription)
    account.change(subscription, MAX)
    account.pass_time(days=15.5 / 2)

    account.cancel(subscription, prorate=True)

    assert (amounts(subscription), balance(account)) == ([-1500], -1500)


def test_ended_with_its_period_what_waits_is_collected_on_a_last_invoice(account: BillingFixture) -> None:
    """B11"""
    subscription = account.active()
    halfway(account, subscription)
    account.stripe.change_items_in_dashboard(subscription.id, MAX)
    account.cancel_at_period_end(subscription)

    account.pass_until(subscription.as_subscription().period_end)
    last = latest_of(subscription)
    assert (subscription.status, last.status, amounts(subscription)) == ("canceled", "draft", [-1500, 3000])
    account.pass_time(HOUR)

    assert (last.status, last.amount_paid) == (InvoiceStatus.PAID, 1500)
    assert first_of(subscription) is not last


def test_a_card_that_is_declined_later_leaves_the_last_invoice_open(account: BillingFixture) -> None:
    subscription = account.failing(DECLINED)
    account.stripe.change_items_in_dashboard(subscription.id, MAX)
    account.cancel_at_period_end(subscription)

    account.renew(subscription)

    assert (subscription.status, latest_of(subscription).status) == ("canceled", InvoiceStatus.OPEN)
