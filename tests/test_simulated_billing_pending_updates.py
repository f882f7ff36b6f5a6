"""Stories about changes that wait for their invoice to be paid, at the simulated Stripe."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.subscriptions.billing import InvoiceStatus, Items, PendingUpdate
from simulations.stripe import AfterRetries, BillingSettings, CustomRetries
from simulations.stripe.billing.subscriptions import Subscription
from tests.billing_fixture import BANK, DECLINED, HOUR, MONTHLY, START, VISA, WITH_3DS, BillingFixture, latest_of

MAX = "price_max"
LASTS = timedelta(hours=23)
DUNNED = BillingSettings(retries=CustomRetries((1, 1)), after_retries=AfterRetries.CANCEL)


@pytest.fixture
def account() -> BillingFixture:
    account = BillingFixture(settings=DUNNED)
    account.stripe.add_price(MAX, product="max", amount=Money(6000, "usd"), interval="month")
    return account


def pending(account: BillingFixture, card: str = DECLINED, *, days: float = 10) -> Subscription:
    """A subscription whose change waits, since its card says no."""
    subscription = account.failing(card)
    account.pass_until(START + timedelta(days=days))
    account.change(subscription, MAX, 2)
    assert subscription.pending_update is not None
    return subscription


@pytest.mark.parametrize("card", [DECLINED, WITH_3DS])
def test_a_change_whose_payment_fails_waits(account: BillingFixture, card: str) -> None:
    """B43"""
    subscription = account.failing(card)
    account.pass_time(days=10)

    answer = account.change(subscription, MAX, 2)

    assert answer.pending_update == PendingUpdate(Items(MAX, 2), account.clock.now() + LASTS)
    assert (answer.status, answer.price_id, answer.quantity) == ("active", MONTHLY, 1)
    assert answer.latest_invoice is not None
    assert (answer.latest_invoice.status, answer.latest_invoice.next_payment_attempt) == (InvoiceStatus.OPEN, None)


def test_without_a_card_it_waits_too(account: BillingFixture) -> None:
    subscription = account.active()
    account.stripe.remove_card(subscription.default_payment_method or "")

    account.change(subscription, MAX)

    assert (subscription.status, subscription.price.id) == ("active", MONTHLY)
    assert subscription.pending_update is not None


@pytest.mark.parametrize("paid_by", ["another card", "the hosted page", "outside", "credit"])
def test_once_its_invoice_is_paid_it_is_made(account: BillingFixture, paid_by: str) -> None:
    """B43"""
    subscription = pending(account)
    invoice = latest_of(subscription)
    account.pass_time(HOUR)

    match paid_by:
        case "another card":
            account.pay(invoice, account.attach(VISA))
        case "the hosted page":
            account.stripe.pay_on_hosted_page(invoice.id, VISA)
        case "outside":
            account.stripe.mark_paid_out_of_band(invoice.id)
        case "credit":
            account.stripe.credit_in_dashboard(invoice.id, invoice.amount_due)

    assert (subscription.pending_update, subscription.price.id, subscription.quantity) == (None, MAX, 2)
    account.pass_time(days=2)
    assert (invoice.status, subscription.status) == (InvoiceStatus.PAID, "active")


def test_it_is_made_when_the_customer_has_authenticated(account: BillingFixture) -> None:
    subscription = pending(account, WITH_3DS)

    account.stripe.authenticate(latest_of(subscription).as_invoice().payment_id or "")

    assert (subscription.pending_update, subscription.price.id) == (None, MAX)


def test_declined_again_it_waits_until_the_same_moment(account: BillingFixture) -> None:
    """B43"""
    subscription = pending(account)
    before = subscription.as_subscription().pending_update
    account.pass_time(HOUR)

    account.declined_pay(latest_of(subscription))

    assert subscription.as_subscription().pending_update == before


def test_after_23_hours_it_is_dropped_and_its_invoice_is_void(account: BillingFixture) -> None:
    """B44"""
    subscription = pending(account)
    invoice = latest_of(subscription)

    account.pass_time(23 * HOUR - 1)
    assert subscription.as_subscription().pending_update is not None
    account.pass_time(1)

    assert (subscription.as_subscription().pending_update, invoice.status) == (None, InvoiceStatus.VOID)
    assert (subscription.status, subscription.price.id, subscription.quantity) == ("active", MONTHLY, 1)


def test_it_is_dropped_with_the_period_which_is_renewed_as_before(account: BillingFixture) -> None:
    """B43, B44"""
    subscription = pending(account, days=30.5)
    before = subscription.as_subscription()
    assert before.pending_update == PendingUpdate(Items(MAX, 2), before.period_end)
    account.use_card(subscription)

    renewal = account.renew(subscription)

    assert [line.amount for line in renewal.lines] == [3000]
    assert (subscription.pending_update, subscription.invoices[-2].status) == (None, InvoiceStatus.VOID)
    assert (subscription.status, renewal.status) == ("active", InvoiceStatus.PAID)


def test_voiding_its_invoice_drops_it(account: BillingFixture) -> None:
    subscription = pending(account)

    account.void(latest_of(subscription))

    assert (subscription.pending_update, subscription.price.id, subscription.status) == (None, MONTHLY, "active")


def test_stripe_does_not_dun_it_and_the_status_does_not_follow_it(account: BillingFixture) -> None:
    subscription = pending(account)
    invoice = latest_of(subscription)

    account.pass_time(22 * HOUR)

    assert (invoice.attempt_count, invoice.next_payment_attempt, subscription.status) == (1, None, "active")


def test_a_later_change_takes_its_place(account: BillingFixture) -> None:
    subscription = pending(account)
    first = latest_of(subscription)

    answer = account.change(subscription, MAX, 3)

    assert first.status is InvoiceStatus.VOID
    assert answer.pending_update is not None
    assert answer.pending_update.to == Items(MAX, 3)
    assert latest_of(subscription).status is InvoiceStatus.OPEN


def test_its_credits_are_no_credits_before_it_is_made(account: BillingFixture) -> None:
    subscription = pending(account, days=15.5)
    assert account.preview(subscription, MAX, 2).total_minor == latest_of(subscription).total == 4500

    account.cancel(subscription, prorate=True)

    assert [line.amount for line in latest_of(subscription).lines] == [-1500]
    assert subscription.pending_update is None


def test_what_its_invoice_billed_besides_waits_again_when_it_is_dropped(account: BillingFixture) -> None:
    subscription = account.failing()
    account.pass_time(days=15.5)
    account.stripe.change_items_in_dashboard(subscription.id, MAX)
    account.change(subscription, MAX, 2)
    assert [line.amount for line in latest_of(subscription).lines] == [-1500, 3000, -3000, 6000]

    account.pass_time(24 * HOUR)

    assert [line.amount for line in subscription.pending_items] == [-1500, 3000]


def test_it_is_not_offered_to_those_who_pay_by_bank_debit(account: BillingFixture) -> None:
    subscription = account.active(card=BANK)

    with pytest.raises(CallRejected, match="bank debit"):
        account.change(subscription, MAX)


@pytest.mark.parametrize(("debit", "price"), [(BANK, MAX), ("pm_usBankAccount_noAccount", MONTHLY)])
def test_a_bank_debit_under_way_is_waited_for(account: BillingFixture, debit: str, price: str) -> None:
    subscription = pending(account)
    invoice = latest_of(subscription)
    account.stripe.pay_on_hosted_page(invoice.id, debit)

    with pytest.raises(CallRejected, match="is processing"):
        account.stripe.change_items_in_dashboard(subscription.id, MAX, 3)
    account.pass_time(24 * HOUR)
    assert (invoice.is_processing, subscription.pending_update is not None) == (True, True)
    account.pass_time(days=10)

    assert (subscription.pending_update, subscription.price.id) == (None, price)
    assert invoice.status == ("paid" if price == MAX else "void")
