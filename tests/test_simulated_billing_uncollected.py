"""Stories about the pause of collection at the simulated Stripe: invoices are made, and not collected."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.subscriptions.billing import InvoiceStatus, PauseBehavior, PausedCollection
from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.settings import BillingSettings, CustomRetries
from tests.billing_fixture import ADA, HOUR, START, VISA, BillingFixture, latest_of

KEEP, VOID, WRITE_OFF = PauseBehavior.KEEP_AS_DRAFT, PauseBehavior.VOID, PauseBehavior.MARK_UNCOLLECTIBLE


@pytest.fixture
def account() -> BillingFixture:
    return BillingFixture()


def renewed_in_a_pause(account: BillingFixture, behavior: PauseBehavior) -> Invoice:
    subscription = account.active()
    account.pause_collection(subscription, behavior)
    return account.renew(subscription)


@pytest.mark.parametrize(
    ("behavior", "status"),
    [(KEEP, InvoiceStatus.DRAFT), (VOID, InvoiceStatus.VOID), (WRITE_OFF, InvoiceStatus.UNCOLLECTIBLE)],
)
def test_invoices_are_made_in_a_pause_and_not_collected(
    account: BillingFixture, behavior: PauseBehavior, status: InvoiceStatus
) -> None:
    """B45"""
    invoice = renewed_in_a_pause(account, behavior)

    subscription = account.stripe.subscription(invoice.subscription or "")
    assert (subscription.status, invoice.status) == ("active", status)
    assert (invoice.attempted, account.stripe.charges_of(invoice.id)) == (False, ())
    assert subscription.as_subscription().period_start == START.replace(month=2)


def test_what_was_kept_as_a_draft_stays_one_until_it_is_paid_by_us(account: BillingFixture) -> None:
    draft = renewed_in_a_pause(account, KEEP)
    subscription = account.stripe.subscription(draft.subscription or "")

    account.resume_collection(subscription)
    account.pass_time(days=3)
    assert (draft.status, draft.auto_advance) == (InvoiceStatus.DRAFT, False)

    assert account.pay(draft).status is InvoiceStatus.PAID
    assert account.renew(subscription).status is InvoiceStatus.PAID


def test_an_invoice_that_was_open_before_is_still_collected(account: BillingFixture) -> None:
    """B45"""
    account = BillingFixture(settings=BillingSettings(retries=CustomRetries((3,))))
    subscription = account.past_due()
    account.pause_collection(subscription, VOID)
    account.let_card_become(subscription, VISA)

    account.pass_time(days=3)

    assert (subscription.status, latest_of(subscription).status) == ("active", InvoiceStatus.PAID)


def test_a_draft_that_was_made_before_is_still_collected(account: BillingFixture) -> None:
    subscription = account.with_a_draft()

    account.pause_collection(subscription, VOID)

    account.pass_time(HOUR)
    assert latest_of(subscription).status is InvoiceStatus.PAID


def test_what_is_written_off_takes_the_balance_first_and_what_that_covers_is_paid(account: BillingFixture) -> None:
    """B45"""
    account.stripe.adjust_balance(ADA, -1000, "usd")
    subscription = account.active()
    account.stripe.adjust_balance(ADA, -4000, "usd")
    account.pause_collection(subscription, WRITE_OFF)

    paid, written_off = account.renew(subscription), account.renew(subscription)

    assert (paid.status, paid.amount_due) == (InvoiceStatus.PAID, 0)
    assert (written_off.status, written_off.amount_due) == (InvoiceStatus.UNCOLLECTIBLE, 2000)
    assert account.stripe.customer(ADA).balance == 0


def test_what_is_voided_leaves_the_balance(account: BillingFixture) -> None:
    subscription = account.active()
    account.stripe.adjust_balance(ADA, -6000, "usd")

    account.pause_collection(subscription, VOID)
    invoice = account.renew(subscription)

    assert (invoice.status, account.stripe.customer(ADA).balance) == (InvoiceStatus.VOID, -6000)


def test_a_pause_of_collection_ends_by_itself(account: BillingFixture) -> None:
    subscription = account.active()
    resumes_at = START.replace(month=2, day=20)
    account.pause_collection(subscription, VOID, resumes_at=resumes_at)

    account.pass_until(resumes_at, plus_seconds=-1)
    assert subscription.as_subscription().paused_collection == PausedCollection(VOID, resumes_at)
    account.pass_time(1)

    assert subscription.as_subscription().paused_collection is None
    assert account.renew(subscription).status is InvoiceStatus.PAID


def test_a_pause_of_collection_ends_at_a_whole_second(account: BillingFixture) -> None:
    subscription = account.active()
    resumes_at = START.replace(month=2, day=20)

    paused = account.pause_collection(subscription, VOID, resumes_at=resumes_at.replace(microsecond=999_999))

    assert paused.paused_collection == PausedCollection(VOID, resumes_at)


def test_a_later_pause_is_not_ended_by_an_earlier_ones_time(account: BillingFixture) -> None:
    subscription = account.active()
    account.pause_collection(subscription, VOID, resumes_at=START.replace(month=2, day=20))
    account.pause_collection(subscription, KEEP)

    account.pass_until(START.replace(month=3))

    assert subscription.as_subscription().paused_collection == PausedCollection(KEEP)


def test_a_pause_of_collection_cannot_end_in_the_past(account: BillingFixture) -> None:
    with pytest.raises(CallRejected, match="future"):
        account.pause_collection(account.active(), VOID, resumes_at=START)


@pytest.mark.parametrize(
    ("behavior", "status"),
    [(KEEP, InvoiceStatus.DRAFT), (VOID, InvoiceStatus.VOID), (WRITE_OFF, InvoiceStatus.UNCOLLECTIBLE)],
)
def test_a_last_invoice_goes_as_the_pause_says(
    account: BillingFixture, behavior: PauseBehavior, status: InvoiceStatus
) -> None:
    account.stripe.add_meter("calls")
    price = account.stripe.billing.book.prices.find("price_monthly").unit_amount
    account.stripe.add_price("price_usage", product="pro", amount=price, interval="month", meter="calls")
    subscription = account.active(metered="price_usage")
    account.use()
    account.pass_time(HOUR)
    account.pause_collection(subscription, behavior)

    account.cancel(subscription, invoice_now=True)

    last = latest_of(subscription)
    assert (last.total, last.status, last.attempted) == (3000, status, False)


def test_a_change_is_not_invoiced_in_a_pause(account: BillingFixture) -> None:
    """Not modelled: Stripe's pages do not say what becomes of a pending update whose invoice is not collected."""
    subscription = account.active()
    account.pause_collection(subscription, VOID)

    with pytest.raises(CallRejected, match="while the collection is paused"):
        account.change(subscription, quantity=2)
    assert account.change_at_renewal(subscription, quantity=2).quantity == 2
