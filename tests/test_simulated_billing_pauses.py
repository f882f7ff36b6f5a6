"""Stories about subscriptions that are paused and resumed at the simulated Stripe."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.subscriptions.billing import InvoiceStatus, PauseBehavior, TrialEnd
from simulations.stripe.billing.settings import BillingMode, BillingSettings, CustomRetries
from simulations.stripe.billing.subscriptions import Subscription
from tests.billing_fixture import ADA, BANK, DECLINED, HOUR, START, BillingFixture, first_of, latest_of
from tests.stripe_openapi import validator_of


@pytest.fixture
def account() -> BillingFixture:
    return BillingFixture()


def paused_half_way(account: BillingFixture) -> Subscription:
    """A subscription of 31 days, paused in the middle of them."""
    subscription = account.active()
    account.pass_time(days=15.5)
    account.pause(subscription)
    return subscription


def resuming(account: BillingFixture) -> Subscription:
    """Paused half way, and ten days later its resumption waits to be paid."""
    subscription = paused_half_way(account)
    account.pass_time(days=10)
    account.resume(subscription)
    return subscription


def test_paused_it_makes_no_invoices_and_credits_unused_time_later(account: BillingFixture) -> None:
    """B46"""
    subscription = paused_half_way(account)

    answer = subscription.as_subscription()
    assert (answer.status, answer.period_end) == ("paused", account.clock.now())
    assert [item.amount for item in subscription.pending_items] == [-1500]
    account.pass_time(days=400)
    assert (subscription.status, len(subscription.invoices)) == ("paused", 1)


def test_what_was_used_is_billed_with_the_resumption_and_nothing_of_the_pause(account: BillingFixture) -> None:
    account.stripe.add_meter("calls")
    price = account.stripe.billing.book.prices.find("price_monthly").unit_amount
    account.stripe.add_price("price_usage", product="pro", amount=price, interval="month", meter="calls")
    subscription = account.active(metered="price_usage")
    account.use(2, usage_id="before")
    account.pass_time(days=15.5)
    account.pause(subscription)
    account.use(3, usage_id="meanwhile")
    account.pass_time(days=10)

    account.resume(subscription)

    assert [line.amount for line in latest_of(subscription).lines] == [-1500, 6000, 3000]
    account.pay(latest_of(subscription))
    account.use(4, usage_id="after")
    assert account.renew(subscription).lines[-1].quantity == 4
    standings = {record.usage.id: record.standing.value for record in account.stripe.usage_of(ADA, "calls")}
    assert standings == {"before": "billed", "meanwhile": "unbilled", "after": "billed"}


def test_to_resume_charges_nothing_and_a_payment_begins_a_new_period(account: BillingFixture) -> None:
    """B47"""
    subscription = resuming(account)
    invoice, resumed_at = latest_of(subscription), account.clock.now()
    assert (subscription.status, invoice.status, invoice.amount_due) == ("paused", InvoiceStatus.OPEN, 1500)
    assert (invoice.attempted, account.stripe.charges_of(invoice.id)) == (False, ())
    account.pass_time(HOUR)

    account.pay(invoice)

    answer = subscription.as_subscription()
    assert (answer.status, answer.period_start, answer.period_end) == (
        "active",
        resumed_at,
        resumed_at.replace(month=resumed_at.month + 1),
    )
    assert account.renew(subscription).as_invoice().period_start == answer.period_end


def test_credit_that_covers_it_resumes_it_immediately(account: BillingFixture) -> None:
    subscription = paused_half_way(account)
    account.stripe.adjust_balance(ADA, -5000, "usd")

    account.resume(subscription)

    assert (subscription.status, latest_of(subscription).status) == ("active", InvoiceStatus.PAID)


def test_written_off_it_resumes_too(account: BillingFixture) -> None:
    subscription = resuming(account)

    account.stripe.mark_uncollectible(latest_of(subscription).id)

    assert subscription.status == "active"


def test_a_payment_that_fails_makes_it_past_due_and_is_not_retried() -> None:
    """B47"""
    account = BillingFixture(settings=BillingSettings(retries=CustomRetries((3, 5))))
    subscription = resuming(account)
    account.let_card_become(subscription, DECLINED)

    account.declined_pay(latest_of(subscription))

    assert (subscription.status, latest_of(subscription).next_payment_attempt) == ("past_due", None)
    account.pass_time(days=20)
    assert len(account.stripe.charges_of(latest_of(subscription).id)) == 1
    account.use_card(subscription)
    account.pay(latest_of(subscription))
    assert subscription.status == "active"


def test_while_a_bank_is_at_work_on_it_it_is_active(account: BillingFixture) -> None:
    subscription = resuming(account)

    account.pay(latest_of(subscription), account.attach(BANK))

    assert subscription.status == "active"
    account.pass_time(days=2)
    assert latest_of(subscription).status is not InvoiceStatus.VOID


def test_not_tried_within_23_hours_it_is_voided_and_stays_paused(account: BillingFixture) -> None:
    """B47"""
    subscription = resuming(account)

    account.pass_time(23 * HOUR)

    assert (subscription.status, latest_of(subscription).status) == ("paused", InvoiceStatus.VOID)
    assert [item.amount for item in subscription.pending_items] == [-1500]
    account.resume(subscription)
    account.pay(latest_of(subscription))
    assert subscription.status == "active"


def test_one_that_was_paused_at_its_trials_end_is_resumed(account: BillingFixture) -> None:
    """B17"""
    subscription = account.trialing(None, trial_end=TrialEnd.PAUSE)
    account.pass_time(days=20)
    details = subscription.to_stripe()["status_details"]
    assert details["paused"]["subscription"]["type"] == "trial_end_without_payment_method"  # type: ignore[index]

    account.resume(subscription)
    account.pay(latest_of(subscription), account.attach())

    assert (subscription.status, latest_of(subscription).amount_paid) == ("active", 3000)
    assert subscription.as_subscription().period_start == account.clock.now()


def test_its_older_invoices_go_on_and_leave_it_paused(account: BillingFixture) -> None:
    subscription = account.past_due()
    account.pause(subscription)

    account.use_card(subscription)
    account.pay(latest_of(subscription))

    assert (subscription.status, latest_of(subscription).status) == ("paused", InvoiceStatus.PAID)


def test_a_change_that_waits_is_dropped_by_a_pause(account: BillingFixture) -> None:
    subscription = account.failing()
    account.change(subscription, quantity=2)

    account.pause(subscription)

    assert (subscription.pending_update, latest_of(subscription).status) == (None, InvoiceStatus.VOID)


def test_a_paused_subscription_can_be_cancelled_also_while_it_resumes(account: BillingFixture) -> None:
    subscription = resuming(account)
    account.cancel(subscription)

    account.pass_time(days=2)

    assert (subscription.status, latest_of(subscription).status) == ("canceled", InvoiceStatus.OPEN)
    account.pay(latest_of(subscription), account.attach())
    assert subscription.status == "canceled"


def test_only_what_runs_is_paused_and_only_what_is_paused_resumed(account: BillingFixture) -> None:
    """B46"""
    paused, ending = paused_half_way(account), account.active("sub-2")
    account.cancel_at_period_end(ending)
    for refused in (account.subscribe("sub-3"), account.trialing(), paused, ending):
        with pytest.raises(CallRejected):
            account.pause(refused)
    with pytest.raises(CallRejected, match="paused"):
        account.resume(ending)
    with pytest.raises(CallRejected, match="is being resumed"):
        account.resume(resuming(account))


def test_in_classic_mode_nothing_is_paused() -> None:
    """B46"""
    account = BillingFixture(settings=BillingSettings(billing_mode=BillingMode.CLASSIC))

    with pytest.raises(CallRejected, match="flexible"):
        account.pause(account.active())


def test_a_paused_one_is_stripes_object_too(account: BillingFixture) -> None:
    subscription = paused_half_way(account)
    account.pause_collection(subscription, PauseBehavior.VOID, resumes_at=START.replace(month=5))

    words = subscription.to_stripe()

    validator_of("subscription").validate(words)
    assert words["pause_collection"] == {"behavior": "void", "resumes_at": START.replace(month=5).timestamp()}
    paused_at = int(account.clock.now().timestamp())
    assert words["status_details"] == {
        "paused": {
            "subscription": {"type": "pause_requested"},
            "transitioned_at": paused_at,
            "type": "subscription",
        }
    }
    assert first_of(subscription).status is InvoiceStatus.PAID
