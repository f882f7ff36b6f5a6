"""Stories about payments that Stripe retries by itself, where the account has chosen that, and what it does then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.subscriptions.billing import InvoiceStatus
from simulations.stripe import AfterRetries, BillingSettings, CustomRetries, SmartRetries
from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.payments.cards import PAYMENT_METHODS, PaymentMethod
from tests.billing_fixture import DECLINED, HARD, VISA, WITH_3DS, BillingFixture, latest_of

CUSTOM = CustomRetries((3, 5, 7))


def account_with(
    retries: CustomRetries | SmartRetries | None = None, after: AfterRetries = AfterRetries.LEAVE_PAST_DUE
) -> BillingFixture:
    return BillingFixture(settings=BillingSettings(retries=retries, after_retries=after))


def attempts_at(account: BillingFixture, invoice: Invoice) -> list[float]:
    """When the bank was asked, in days after the first time."""
    at = [charge.created for charge in account.stripe.charges_of(invoice.id)]
    return [(each - at[0]) / 86_400 for each in at]


def test_custom_retries_count_days_from_the_attempt_before() -> None:
    """B31"""
    account = account_with(CUSTOM)
    subscription = account.past_due()
    invoice = latest_of(subscription)
    assert invoice.as_invoice().next_payment_attempt == account.clock.now() + timedelta(days=3)

    account.pass_time(days=16)

    assert attempts_at(account, invoice) == [0, 3, 8, 15]
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (4, None)
    assert subscription.status == "past_due"


def test_more_than_three_custom_retries_are_refused() -> None:
    with pytest.raises(InvalidPolicy, match="up to 3"):
        CustomRetries((1, 2, 3, 4))


def test_smart_retries_are_made_within_their_window() -> None:
    """B31"""
    account = account_with(SmartRetries(retries=8, within_days=14))
    invoice = latest_of(account.past_due())

    account.pass_time(days=15)

    at = attempts_at(account, invoice)
    assert (len(at), invoice.attempt_count) == (9, 9)
    assert at == sorted(set(at))
    assert at[-1] <= 14


def test_a_retry_that_works_ends_them() -> None:
    account = account_with(CUSTOM)
    subscription = account.past_due()
    account.let_card_become(subscription, VISA)

    account.pass_time(days=20)

    invoice = latest_of(subscription)
    assert (subscription.status, invoice.status, invoice.attempt_count) == ("active", InvoiceStatus.PAID, 2)
    assert attempts_at(account, invoice) == [0, 3]


def test_only_the_first_attempt_and_automatic_ones_are_counted_and_others_move_no_date() -> None:
    """B29"""
    account = account_with(CUSTOM)
    invoice = latest_of(account.past_due())
    planned = invoice.next_payment_attempt

    account.pass_time(days=1)
    account.declined_pay(invoice)

    assert (invoice.attempt_count, invoice.next_payment_attempt) == (1, planned)
    account.pass_time(days=2)
    assert (invoice.attempt_count, len(account.stripe.charges_of(invoice.id))) == (2, 3)


@pytest.mark.parametrize("card", [HARD, WITH_3DS])
def test_after_a_hard_decline_retries_are_counted_and_not_made_until_there_is_another_card(card: str) -> None:
    """B27, B28"""
    account = account_with(CUSTOM)
    subscription = account.past_due(card)
    invoice = latest_of(subscription)
    charges = len(account.stripe.charges_of(invoice.id))

    account.pass_time(days=3)

    assert (invoice.attempt_count, len(account.stripe.charges_of(invoice.id))) == (2, charges)
    assert invoice.next_payment_attempt is not None
    account.use_card(subscription)
    account.pass_time(days=5)
    assert (invoice.status, invoice.attempt_count) == (InvoiceStatus.PAID, 3)


def test_without_a_card_nothing_is_retried() -> None:
    """B34"""
    account = account_with(CUSTOM)
    subscription = account.active()
    assert subscription.default_payment_method is not None
    account.stripe.remove_card(subscription.default_payment_method)

    invoice = account.renew(subscription)

    assert (invoice.attempted, invoice.next_payment_attempt) == (True, None)


def test_the_subscriptions_card_is_charged_before_its_customers() -> None:
    """B30: a card that was updated in the wrong place keeps failing."""
    account = account_with(CUSTOM)
    subscription = account.past_due()
    account.stripe.set_customer_default(subscription.customer.id, VISA)

    account.pass_time(days=3)

    assert latest_of(subscription).attempt_count == 2
    assert subscription.status == "past_due"
    assert subscription.default_payment_method is not None
    account.stripe.remove_card(subscription.default_payment_method)
    account.pass_time(days=5)
    assert subscription.status == "active"


@pytest.mark.parametrize("retries", [None, CustomRetries((3,))])
def test_at_the_end_it_is_cancelled_where_that_was_chosen(retries: CustomRetries | None) -> None:
    """B33"""
    account = account_with(retries, AfterRetries.CANCEL)
    subscription = account.past_due()

    account.pass_time(days=4)

    assert (subscription.status, subscription.cancellation_reason) == ("canceled", "payment_failed")
    assert latest_of(subscription).status is InvoiceStatus.OPEN


def test_unpaid_it_is_billed_by_drafts_that_stay_drafts() -> None:
    """B8, B33"""
    account = account_with(None, AfterRetries.MARK_UNPAID)
    subscription = account.past_due()
    assert subscription.status == "unpaid"

    draft = account.renew(subscription)
    account.pass_time(days=3)

    assert (draft.status, draft.auto_advance, draft.payment) == (InvoiceStatus.DRAFT, False, None)
    assert subscription.status == "unpaid"


def test_unpaid_is_left_by_paying_the_latest_invoice() -> None:
    """B8"""
    account = account_with(None, AfterRetries.MARK_UNPAID)
    subscription = account.past_due()
    draft = account.renew(subscription)
    account.use_card(subscription)

    account.pay(subscription.invoices[1])
    assert subscription.status == "unpaid"
    account.finalize(draft)
    account.pay(draft)

    assert subscription.status == "active"


def test_the_failed_payments_event_says_when_the_next_one_comes() -> None:
    """B32"""
    account = account_with(CUSTOM)
    seen: list[object] = []
    account.stripe.on_event(
        lambda event: seen.append(event.subject["next_payment_attempt"]), ["invoice.payment_failed"]
    )

    account.past_due()
    account.pass_time(days=16)

    assert [at is not None for at in seen] == [True, True, True, False]


class BrokeInMarch:
    """An issuer whose cards have no money in one month."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    def answer(self, payment_method: str, amount: Money, attempt: int, at: datetime) -> PaymentMethod:
        self.asked.append((payment_method, amount.minor, attempt))
        return PAYMENT_METHODS[DECLINED if at.month == 3 else VISA]


def test_a_scenarios_issuer_answers_for_the_cards() -> None:
    issuer = BrokeInMarch()
    account = BillingFixture(issuer=issuer, settings=BillingSettings(retries=CUSTOM))
    subscription = account.active()

    account.renew(subscription)
    account.renew(subscription)

    assert [invoice.status for invoice in subscription.invoices] == ["paid", "paid", "open"]
    account.pass_time(days=3)
    assert issuer.asked[-1] == (subscription.default_payment_method, 3000, 2)
