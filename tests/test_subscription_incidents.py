"""Public incidents about subscriptions, trials and renewal: one test for each thread, which it names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payflows.errors import AlreadySubscribed, TrialUsed
from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.messages import SUBSCRIPTIONS, EventType
from payflows.subscriptions.model import TRANSITIONS, SubscriptionStatus
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.subscriptions.catalogue import MASTERCARD, NO_FUNDS, PRO_YEARLY, THREE_D_SECURE, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant

S = SubscriptionStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


def redeliver(merchant: ScriptedMerchant, event_type: str) -> None:
    """Have Stripe deliver an old event once more."""
    assert merchant.sender is not None
    merchant.world.run(merchant.sender.deliver(merchant.sender.latest(event_type)))
    merchant.pass_time(minutes=1)


def test_an_old_webhook_revives_nothing(merchant: ScriptedMerchant) -> None:
    """langfuse/langfuse#17388: the snapshot of an older `active` was stored after `deleted`."""
    subscription = merchant.subscribe()
    cancelled = merchant.cancel(subscription)

    redeliver(merchant, "customer.subscription.updated")

    assert merchant.now(subscription) == cancelled
    assert merchant.access(subscription).reason is AccessReason.ENDED


def test_updates_and_deletions_in_any_order_end_the_same() -> None:
    """jikig-ai/soleur#2190: what arrived last overwrote what had come before."""
    ends = set()
    for order in (("updated", "deleted"), ("deleted", "updated")):
        merchant = ScriptedMerchant()
        assert merchant.sender is not None
        subscription = merchant.subscribe()
        merchant.sender.hold()
        merchant.stripe.change_card_in_dashboard(subscription.stripe_id or "", MASTERCARD)
        merchant.stripe.cancel_subscription_in_dashboard(subscription.stripe_id or "")
        for name in order:
            redeliver(merchant, f"customer.subscription.{name}")
        ends.add((merchant.now(subscription).status, merchant.now(subscription).payment_method))
        assert TRANSITIONS[merchant.now(subscription).status] == {}
    assert len(ends) == 1


def test_a_double_submit_is_one_subscription(merchant: ScriptedMerchant) -> None:
    """laravel/cashier-stripe#1604: two equal subscriptions were made; one was shown, and both were billed."""
    first = merchant.subscribe()

    assert merchant.subscribe() == first
    with pytest.raises(AlreadySubscribed):
        merchant.subscribe(signup_id="signup-2")

    merchant.pass_time(days=32)
    assert len(merchant.invoices(first)) == len(merchant.stripe.movements) == 2


def test_what_there_is_already_is_refused_before_stripe_is_asked(merchant: ScriptedMerchant) -> None:
    """gitpod-io/gitpod#15246: the page had not seen the new subscription, and offered another."""
    subscription = merchant.subscribe()
    before = len(merchant.calls)

    with pytest.raises(AlreadySubscribed, match=subscription.id):
        merchant.subscribe(signup_id="signup-2")

    assert len(merchant.calls) == before


def test_another_plan_of_the_product_is_not_a_second_subscription(merchant: ScriptedMerchant) -> None:
    """strelov1/freehire#2740: an upgrade opened a second checkout, and two plans ran side by side."""
    merchant.subscribe()

    with pytest.raises(AlreadySubscribed):
        merchant.subscribe(plan=PRO_YEARLY, signup_id="upgrade")

    assert [each.signup.plan_id for each in merchant.store.all(SUBSCRIPTIONS)] == ["pro"]


def test_while_the_old_one_is_unpaid_there_is_no_new_one(merchant: ScriptedMerchant) -> None:
    """restrictcontentpro/restrict-content-pro#962: subscribing again revived the old one, which was unpaid, too."""
    old = merchant.subscribe()
    merchant.card_runs_empty(old)
    merchant.pass_time(days=33)
    assert merchant.now(old).status is S.PAST_DUE
    with pytest.raises(AlreadySubscribed):
        merchant.subscribe(MASTERCARD, signup_id="signup-2")

    merchant.cancel(old)
    new = merchant.subscribe(MASTERCARD, signup_id="signup-2")
    merchant.pass_time(days=32)

    assert (merchant.now(old).status, merchant.now(new).status) == (S.CANCELLED, S.ACTIVE)
    assert [invoice.status for invoice in merchant.invoices(old)] == [InvoiceStatus.PAID, InvoiceStatus.VOID]


@pytest.mark.parametrize("with_webhooks", [True, False])
def test_access_goes_on_when_the_renewal_after_a_trial_is_paid(with_webhooks: bool) -> None:
    """invertase/stripe-firebase-extensions#580: the period's end was not moved after the trial."""
    merchant = ScriptedMerchant() if with_webhooks else ScriptedMerchant(webhooks=None)
    trial = merchant.subscribe(trial_days=14)

    merchant.pass_time(days=14, hours=4)

    now = merchant.now(trial)
    assert now.period is not None
    assert (now.status, now.period.start) == (S.ACTIVE, trial.trial_end)
    merchant.pass_time(days=25)
    assert merchant.access(trial).allows(merchant.world.now())


def test_the_period_has_its_dates(merchant: ScriptedMerchant) -> None:
    """stripe/stripe-dotnet#3089: the dates moved to the items, and programs read nothing. On real shapes: see S5."""
    subscription = merchant.subscribe()

    assert subscription.period is not None
    assert (subscription.period.start, subscription.period.end) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
    )


def test_the_31st_stays_the_31st() -> None:
    """polarsource/polar#10664: 31 January became 28 February, and stayed on the 28th for ever."""
    merchant = ScriptedMerchant(start=datetime(2027, 10, 31, 9, tzinfo=UTC))
    subscription = merchant.subscribe()

    merchant.pass_time(days=250)

    days = [invoice.period_start.day for invoice in merchant.invoices(subscription)]
    assert days == [31, 30, 31, 31, 29, 31, 30, 31, 30]  # 2028 is a leap year


def test_a_third_trial_is_refused_as_the_second(merchant: ScriptedMerchant) -> None:
    """better-auth/better-auth#4539, #6863: another free trial; its cure looked at one arbitrary row."""
    merchant.cancel(merchant.subscribe(trial_days=14))
    merchant.cancel(merchant.subscribe(signup_id="signup-2"))

    for number in (3, 4):
        with pytest.raises(TrialUsed):
            merchant.subscribe(trial_days=14, signup_id=f"signup-{number}")


@pytest.mark.parametrize("with_webhooks", [True, False])
def test_a_trial_ends_by_itself(with_webhooks: bool) -> None:
    """managoat/fountain#153: the trial was only a date in a database, and nothing ended it."""
    merchant = ScriptedMerchant() if with_webhooks else ScriptedMerchant(webhooks=None)
    trial = merchant.subscribe(None, trial_days=7)

    merchant.pass_time(days=7, hours=3)

    assert merchant.now(trial).status is S.CANCELLED
    assert not merchant.access(trial).is_granted


@pytest.mark.parametrize("card", [NO_FUNDS, THREE_D_SECURE])
def test_what_is_never_paid_never_begins(merchant: ScriptedMerchant, card: str) -> None:
    """Automattic/woocommerce-payments#6251: the subscription went on though its checkout had failed."""
    subscription = merchant.subscribe(card)

    merchant.pass_time(days=2)

    assert merchant.path(subscription)[-1] == S.INCOMPLETE_EXPIRED
    assert EventType.STARTED not in merchant.events(subscription)
    assert merchant.stripe.movements == []
    assert merchant.subscribe(VISA, signup_id="signup-2").status is S.ACTIVE


def test_access_ends_with_the_grace_and_not_with_the_last_retry() -> None:
    """laravel/cashier-stripe#203: after the trial, access lasted until the last retry had failed."""
    merchant = ScriptedMerchant(policy=SubscriptionPolicy(past_due_access_days=3))
    trial = merchant.subscribe(trial_days=14)
    merchant.card_runs_empty(trial)

    merchant.pass_time(days=14, hours=3)
    access = merchant.access(trial)
    assert access.reason is AccessReason.BEING_COLLECTED
    assert access.until == merchant.world.now() + timedelta(days=3, hours=-3)

    merchant.pass_time(days=3)
    assert merchant.now(trial).status is S.PAST_DUE
    assert merchant.access(trial).reason is AccessReason.UNPAID
