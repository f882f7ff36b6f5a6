"""Stories about the life of a subscription at the simulated Stripe: its first invoice, and trials."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.payments.model import PaymentStatus
from payflows.subscriptions.billing import FIRST_INVOICE, InvoiceStatus, SetupStatus, SubscriptionTerms, TrialEnd
from tests.billing_fixture import (
    ADA,
    BANK,
    DECLINED,
    FAILS_LATER,
    HOUR,
    MONTHLY,
    PRICE,
    START,
    VISA,
    WITH_3DS,
    BillingFixture,
    first_of,
    latest_of,
)


@pytest.fixture
def account() -> BillingFixture:
    return BillingFixture()


# The first invoice


def test_the_first_invoice_is_final_in_the_answer_and_nothing_is_charged(account: BillingFixture) -> None:
    """B1, B2"""
    subscription = account.subscribe()

    answer = subscription.as_subscription()
    invoice = answer.latest_invoice
    assert answer.status == "incomplete"
    assert invoice is not None
    assert (invoice.status, invoice.billing_reason, invoice.attempted) == (InvoiceStatus.OPEN, FIRST_INVOICE, False)
    assert (invoice.amount_due, invoice.owner_id, answer.owner_id) == (PRICE, "sub-1", "sub-1")
    assert invoice.payment_id is not None
    assert account.stripe.intent(invoice.payment_id).charges == []
    assert (answer.period_start, answer.period_end) == (START, START.replace(month=2))


def test_paying_the_first_invoice_makes_it_active_and_its_card_the_default(account: BillingFixture) -> None:
    subscription = account.subscribe()

    payment = account.confirm_first(subscription)

    answer = subscription.as_subscription()
    assert payment.covers(PRICE)
    assert answer.status == "active"
    assert answer.payment_method not in (None, VISA)
    assert answer.latest_invoice is not None
    assert (answer.latest_invoice.status, answer.latest_invoice.amount_paid) == (InvoiceStatus.PAID, PRICE)


def test_a_declined_first_payment_leaves_it_incomplete_and_another_card_pays(account: BillingFixture) -> None:
    """B2"""
    subscription = account.subscribe()

    with pytest.raises(PaymentDeclined):
        account.confirm_first(subscription, DECLINED)

    assert subscription.status == "incomplete"
    assert subscription.as_subscription().payment_method is None
    assert (first_of(subscription).attempt_count, first_of(subscription).next_payment_attempt) == (1, None)
    account.confirm_first(subscription)
    assert subscription.status == "active"


def test_unpaid_for_23_hours_it_expires_and_its_invoice_is_void(account: BillingFixture) -> None:
    """B3"""
    subscription = account.subscribe()
    account.pass_time(23 * HOUR - 1)
    assert subscription.status == "incomplete"

    account.pass_time(1)

    assert subscription.status == "incomplete_expired"
    assert first_of(subscription).status is InvoiceStatus.VOID
    with pytest.raises(CallRejected, match="status of canceled"):
        account.confirm_first(subscription)
    account.pass_time(days=400)
    assert len(subscription.invoices) == 1


def test_while_incomplete_its_card_and_its_end_cannot_be_set(account: BillingFixture) -> None:
    """B4"""
    subscription = account.subscribe()

    for change in (account.use_card, account.cancel_at_period_end):
        with pytest.raises(CallRejected, match="incomplete"):
            change(subscription)

    assert subscription.as_subscription().payment_method is None


def test_cancelled_before_it_was_paid_it_has_expired(account: BillingFixture) -> None:
    subscription = account.subscribe()

    answer = account.cancel(subscription)

    assert (answer.status, answer.ended_at) == ("incomplete_expired", START)
    assert first_of(subscription).status is InvoiceStatus.VOID


def test_voiding_the_first_invoice_ends_it_too(account: BillingFixture) -> None:
    subscription = account.subscribe()

    account.void(first_of(subscription))

    assert subscription.status == "incomplete_expired"


def test_a_first_payment_that_must_be_authenticated_waits_for_its_customer(account: BillingFixture) -> None:
    subscription = account.subscribe()

    payment = account.confirm_first(subscription, WITH_3DS)

    assert payment.status is PaymentStatus.REQUIRES_ACTION
    assert subscription.status == "incomplete"
    account.stripe.authenticate(payment.id)
    assert subscription.status == "active"


def test_a_bank_debit_makes_it_active_while_it_is_processing(account: BillingFixture) -> None:
    """B12"""
    subscription = account.active(card=BANK)

    assert subscription.status == "active"
    assert (first_of(subscription).status, first_of(subscription).attempted) == (InvoiceStatus.OPEN, True)
    assert subscription.default_payment_method is not None
    account.pass_time(days=4)
    assert first_of(subscription).status is InvoiceStatus.PAID


def test_a_first_bank_debit_that_bounces_voids_the_invoice_and_leaves_it_active(account: BillingFixture) -> None:
    """B12"""
    subscription = account.active(card="pm_usBankAccount_noAccount")

    account.pass_time(days=4)

    assert first_of(subscription).status is InvoiceStatus.VOID
    assert subscription.status == "active"


def test_the_intent_of_an_invoice_can_only_be_cancelled_by_voiding_that(account: BillingFixture) -> None:
    subscription = account.subscribe()
    payment_id = first_of(subscription).as_invoice().payment_id
    assert payment_id is not None

    with pytest.raises(CallRejected, match="void the invoice"):
        account.run(account.stripe.cancel_payment(payment_id, key="k"))
    with pytest.raises(CallRejected, match="void the invoice"):
        account.stripe.cancel_in_dashboard(payment_id)

    account.void(first_of(subscription))
    assert account.stripe.intent(payment_id).status is PaymentStatus.CANCELED


# Trials


def test_a_trial_begins_immediately_with_an_invoice_of_nothing_that_is_paid(account: BillingFixture) -> None:
    """B15, B18"""
    subscription = account.subscribe(trial_days=14)

    answer = subscription.as_subscription()
    invoice = answer.latest_invoice
    end = START + timedelta(days=14)
    assert (answer.status, answer.trial_end, answer.period_end) == ("trialing", end, end)
    assert subscription.to_stripe()["billing_cycle_anchor"] == end.timestamp()
    assert subscription.to_stripe()["trial_start"] == START.timestamp()
    assert invoice is not None
    assert (invoice.status, invoice.total.minor, invoice.payment_id) == (InvoiceStatus.PAID, 0, None)
    assert answer.setup_id is not None


@pytest.mark.parametrize(("days", "notice"), [(14, 11), (2, 0), (1, 0)])
def test_a_trials_end_is_announced_three_days_before(account: BillingFixture, days: int, notice: int) -> None:
    """B19"""
    said: list[datetime] = []
    account.stripe.on_event(lambda _: said.append(account.clock.now()), ["customer.subscription.trial_will_end"])
    account.trialing(days=days)

    account.pass_time(days=30)

    assert said == [START + timedelta(days=notice)]


def test_an_end_with_the_period_leaves_the_trials_end_alone(account: BillingFixture) -> None:
    """B20"""
    subscription = account.trialing()

    answer = account.cancel_at_period_end(subscription)

    assert answer.trial_end == answer.cancel_at == START + timedelta(days=14)
    account.pass_time(days=14)
    assert (subscription.status, len(subscription.invoices)) == ("canceled", 1)


def test_a_customer_has_500_subscriptions_at_most(account: BillingFixture) -> None:
    """B13"""
    subscriptions = [account.subscribe(f"sub-{number}") for number in range(500)]

    with pytest.raises(CallRejected, match="customer_max_subscriptions"):
        account.subscribe("sub-500")

    account.cancel(subscriptions[0])
    account.subscribe("sub-501")


def test_the_same_create_under_the_same_key_makes_one_subscription(account: BillingFixture) -> None:
    terms = SubscriptionTerms(ADA, MONTHLY)
    account.stripe.lose_answer_of("create_subscription")
    with pytest.raises(OutcomeUnknown):
        account.run(account.stripe.create_subscription("sub-1", terms, key="once"))

    answer = account.run(account.stripe.create_subscription("sub-1", terms, key="once"))

    [made] = account.stripe.subscriptions_of("sub-1")
    assert made.id == answer.id
    found = account.run(account.stripe.list_subscriptions(ADA, subscription_id="sub-1"))
    assert [each.id for each in found] == [made.id]


def test_terms_that_cannot_be_are_refused_and_nothing_is_made(account: BillingFixture) -> None:
    for wrong in (
        SubscriptionTerms(ADA, "price_unknown"),
        SubscriptionTerms(ADA, MONTHLY, quantity=0),
        SubscriptionTerms(ADA, MONTHLY, trial_days=731),
    ):
        with pytest.raises(CallRejected):
            account.run(account.stripe.create_subscription("sub-1", wrong, key=account.key()))

    assert account.stripe.subscriptions_of("sub-1") == ()


def test_a_set_up_card_becomes_the_default(account: BillingFixture) -> None:
    subscription = account.trialing()

    answer = subscription.as_subscription()
    assert answer.setup_id is None
    assert answer.payment_method is not None


def test_a_set_up_may_need_the_customer(account: BillingFixture) -> None:
    subscription = account.trialing(WITH_3DS)
    setup_id = subscription.as_subscription().setup_id
    assert setup_id is not None
    assert account.run(account.stripe.retrieve_setup(setup_id)).status is SetupStatus.REQUIRES_ACTION
    assert account.run(account.stripe.retrieve_setup_action(setup_id)) is not None

    account.stripe.authenticate_setup(setup_id)

    assert account.run(account.stripe.retrieve_setup(setup_id)).status is SetupStatus.SUCCEEDED
    assert account.run(account.stripe.retrieve_setup_action(setup_id)) is None
    assert subscription.as_subscription().payment_method is not None


def test_at_a_trials_end_it_is_active_first_and_charged_an_hour_later(account: BillingFixture) -> None:
    """B16"""
    subscription = account.trialing(FAILS_LATER)

    account.pass_time(days=14)

    assert (subscription.status, latest_of(subscription).status) == ("active", InvoiceStatus.DRAFT)
    account.pass_time(HOUR)
    assert (subscription.status, latest_of(subscription).status) == ("past_due", InvoiceStatus.OPEN)


@pytest.mark.parametrize(
    ("trial_end", "status", "invoices"),
    [(TrialEnd.CANCEL, "canceled", 1), (TrialEnd.PAUSE, "paused", 1), (TrialEnd.CREATE_INVOICE, "active", 2)],
)
def test_a_trial_without_a_card_ends_as_was_agreed(
    account: BillingFixture, trial_end: TrialEnd, status: str, invoices: int
) -> None:
    """B17"""
    subscription = account.trialing(None, trial_end=trial_end)

    account.pass_time(days=14)

    assert (subscription.status, len(subscription.invoices)) == (status, invoices)
