"""Stories about renewals at the simulated Stripe, and about how subscriptions end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payflows.errors import CallRejected
from payflows.subscriptions.billing import RENEWAL, InvoiceStatus
from tests.billing_fixture import HOUR, PRICE, START, VISA, WITH_3DS, BillingFixture, latest_of


@pytest.fixture
def account() -> BillingFixture:
    return BillingFixture()


# Renewals


def test_a_renewal_is_a_draft_for_an_hour_and_then_charged(account: BillingFixture) -> None:
    """B21"""
    subscription = account.active()

    account.pass_until(START.replace(month=2))

    draft = latest_of(subscription).as_invoice()
    assert (draft.status, draft.billing_reason, draft.attempted) == (InvoiceStatus.DRAFT, RENEWAL, False)
    assert (draft.payment_id, draft.hosted_invoice_url) == (None, None)
    assert subscription.as_subscription().period_end == START.replace(month=3)
    account.pass_time(HOUR - 1)
    assert latest_of(subscription).status is InvoiceStatus.DRAFT
    account.pass_time(1)
    paid = latest_of(subscription).as_invoice()
    assert (paid.status, paid.amount_paid, paid.attempted) == (InvoiceStatus.PAID, PRICE, True)
    assert subscription.status == "active"


def test_seats_are_billed_in_one_line(account: BillingFixture) -> None:
    subscription = account.active(quantity=7)

    assert account.renew(subscription).as_invoice().amount_paid.minor == 7 * PRICE.minor


def test_every_period_begins_on_the_anchors_day_or_on_a_shorter_months_last() -> None:
    account = BillingFixture(start=datetime(2027, 10, 31, 9, tzinfo=UTC))
    subscription = account.active()

    ends = [account.renew(subscription).as_invoice().period_end.date() for _ in range(5)]

    assert [(end.month, end.day) for end in ends] == [(12, 31), (1, 31), (2, 29), (3, 31), (4, 30)]


def test_a_declined_renewal_makes_it_past_due_and_is_not_tried_again(account: BillingFixture) -> None:
    """B6"""
    subscription = account.past_due()

    invoice = latest_of(subscription).as_invoice()
    assert subscription.status == "past_due"
    assert (invoice.status, invoice.attempted, invoice.next_payment_attempt) == (InvoiceStatus.OPEN, True, None)
    account.pass_time(days=20)
    assert len(account.stripe.charges_of(invoice.id)) == 1


def test_a_renewal_without_a_card_is_past_due_too(account: BillingFixture) -> None:
    """B6, B34"""
    subscription = account.active()
    assert subscription.default_payment_method is not None
    account.stripe.remove_card(subscription.default_payment_method)

    invoice = account.renew(subscription)

    assert subscription.status == "past_due"
    assert (invoice.attempt_count, account.stripe.charges_of(invoice.id)) == (1, ())


def test_a_renewal_that_must_be_authenticated_waits_on_stripes_page(account: BillingFixture) -> None:
    subscription = account.past_due(WITH_3DS)

    invoice = latest_of(subscription).as_invoice()
    assert subscription.status == "past_due"
    assert invoice.hosted_invoice_url is not None
    assert invoice.payment_id is not None
    account.stripe.authenticate(invoice.payment_id)
    assert subscription.status == "active"


def test_a_customer_pays_on_stripes_page_with_another_card(account: BillingFixture) -> None:
    subscription = account.past_due()
    before = subscription.default_payment_method

    account.stripe.pay_on_hosted_page(latest_of(subscription).id, VISA)

    assert (subscription.status, latest_of(subscription).status) == ("active", InvoiceStatus.PAID)
    assert subscription.default_payment_method != before


def test_a_past_due_subscription_goes_on_to_be_billed(account: BillingFixture) -> None:
    subscription = account.past_due()

    account.renew(subscription)

    assert [invoice.status for invoice in subscription.invoices] == ["paid", "open", "open"]


def test_paying_the_latest_invoice_makes_it_active(account: BillingFixture) -> None:
    subscription = account.past_due()
    account.renew(subscription)
    account.use_card(subscription)

    account.pay(latest_of(subscription))

    assert subscription.status == "active"
    assert [invoice.status for invoice in subscription.invoices] == ["paid", "open", "paid"]


def test_a_voided_invoice_is_passed_over_by_the_status(account: BillingFixture) -> None:
    """B7"""
    subscription = account.past_due()

    account.void(latest_of(subscription))

    assert subscription.status == "active"


def test_an_invoice_that_was_written_off_leaves_it_active(account: BillingFixture) -> None:
    subscription = account.past_due()

    account.stripe.mark_uncollectible(latest_of(subscription).id)

    assert subscription.status == "active"


# The end


def test_cancelled_now_its_open_invoice_stays_open_and_is_collected_no_more(account: BillingFixture) -> None:
    """B9"""
    subscription = account.past_due()

    answer = account.cancel(subscription)

    invoice = latest_of(subscription)
    assert (answer.status, answer.ended_at) == ("canceled", account.clock.now())
    assert (invoice.status, invoice.auto_advance) == (InvoiceStatus.OPEN, False)
    account.pass_time(days=400)
    assert len(account.stripe.charges_of(invoice.id)) == 1


def test_paying_it_later_does_not_revive_a_cancelled_subscription(account: BillingFixture) -> None:
    subscription = account.past_due()
    card = account.attach()
    account.cancel(subscription)

    account.pay(latest_of(subscription), card)

    assert latest_of(subscription).status is InvoiceStatus.PAID
    assert subscription.status == "canceled"


def test_a_draft_goes_on_after_a_cancellation_and_charges(account: BillingFixture) -> None:
    """Only what is final already is stopped: a renewal in its hour is charged to a customer who has left."""
    subscription = account.active()
    account.pass_until(START.replace(month=2))

    account.cancel(subscription)

    account.pass_time(HOUR)
    assert latest_of(subscription).status is InvoiceStatus.PAID


def test_a_draft_that_was_finalised_by_hand_is_not_collected(account: BillingFixture) -> None:
    subscription = account.active()
    account.pass_until(START.replace(month=2))

    answer = account.finalize(latest_of(subscription))

    account.pass_time(days=1)
    assert answer.status is InvoiceStatus.OPEN
    assert account.stripe.charges_of(answer.id) == ()
    assert subscription.status == "past_due"


def test_cancelled_with_its_period_it_stays_active_until_then(account: BillingFixture) -> None:
    """B11"""
    subscription = account.active()

    answer = account.cancel_at_period_end(subscription)

    assert (answer.status, answer.cancel_at) == ("active", START.replace(month=2))
    assert (subscription.canceled_at, subscription.cancellation_reason) == (START.timestamp(), "cancellation_requested")
    account.pass_until(START.replace(month=2))
    assert (subscription.status, len(subscription.invoices)) == ("canceled", 1)


def test_a_cancellation_with_the_period_can_be_taken_back(account: BillingFixture) -> None:
    subscription = account.active()
    account.cancel_at_period_end(subscription)

    answer = account.cancel_at_period_end(subscription, cancel=False)

    assert answer.cancel_at is None
    assert (subscription.canceled_at, subscription.cancellation_reason) == (None, None)
    account.renew(subscription)
    assert (subscription.status, len(subscription.invoices)) == ("active", 2)


def test_an_ended_subscription_is_changed_no_more(account: BillingFixture) -> None:
    subscription = account.active()
    account.cancel(subscription)

    with pytest.raises(CallRejected, match="resource_missing"):
        account.cancel(subscription)
    with pytest.raises(CallRejected, match="canceled"):
        account.cancel_at_period_end(subscription)
    with pytest.raises(CallRejected, match="canceled"):
        account.use_card(subscription)


def test_a_deleted_customers_subscriptions_end(account: BillingFixture) -> None:
    subscription = account.active()

    account.stripe.delete_customer(subscription.customer.id)

    assert subscription.status == "canceled"
    with pytest.raises(CallRejected, match="No such customer"):
        account.subscribe("sub-2")
