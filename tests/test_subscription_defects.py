"""The known defects of subscription code, one test each: what a careless program gets wrong, and what holds here."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from payflows.errors import InvalidSubscription, PortError, TrialUsed
from payflows.kernel.messages import Mail
from payflows.store.mailbox import InMemoryMailer
from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.billing import InvoiceStatus, TrialEnd
from payflows.subscriptions.messages import EventType, MailKind
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.subscriptions.catalogue import ADA, BOB, MASTERCARD, NO_FUNDS, PRO, TEAM, THREE_D_SECURE, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests import stripe_billing_json as shown
from tests.gateway_calls import gateway_answering

S = SubscriptionStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


def test_s1_a_trial_is_not_stored_as_active(merchant: ScriptedMerchant) -> None:
    trial = merchant.subscribe(trial_days=14)

    assert (trial.status, trial.access.reason) == (S.TRIALING, AccessReason.TRIAL)
    assert merchant.stripe.movements == []


@pytest.mark.parametrize("lost", ["lose_answer_of", "lose_request_of"])
def test_s2_a_lost_answer_neither_loses_a_subscription_nor_makes_a_second_one(
    merchant: ScriptedMerchant, lost: str
) -> None:
    getattr(merchant.stripe, lost)("create_subscription")

    subscription = merchant.subscribe()
    merchant.pass_time(days=1)

    assert merchant.now(subscription).status is S.ACTIVE
    living = [each for each in merchant.stripe.subscriptions_of(subscription.id) if not each.has_ended]
    assert [each.id for each in living] == [merchant.now(subscription).stripe_id]
    assert len(merchant.stripe.movements) == 1


@pytest.mark.parametrize("card", [NO_FUNDS, THREE_D_SECURE])
def test_s3_without_its_first_payment_there_is_no_access(merchant: ScriptedMerchant, card: str) -> None:
    subscription = merchant.subscribe(card)

    assert subscription.status is S.INCOMPLETE
    assert not subscription.access.allows(merchant.world.now())


def test_s4_seats_are_stored_with_their_price_and_are_what_stripe_bills(merchant: ScriptedMerchant) -> None:
    """No usage is reported here, so no item's id is needed; the one item is known by its price and its seats."""
    subscription = merchant.subscribe(plan=TEAM, seats=3)

    billed = merchant.stripe.subscription(subscription.stripe_id or "").as_subscription()
    assert (billed.price_id, billed.quantity) == (subscription.signup.price_id, subscription.signup.seats)
    assert [invoice.total for invoice in merchant.invoices(subscription)] == [TEAM.total(3)]


@pytest.mark.anyio
async def test_s5_the_period_is_read_from_the_item() -> None:
    """Stripe's subscriptions have had none themselves since the basil versions."""
    answer = shown.subscription()
    assert "current_period_end" not in answer

    async with gateway_answering(200, answer) as gateway:
        read = await gateway.billing.retrieve_subscription("sub_1")

    assert read.period_end.timestamp() == shown.END


def test_s18_cancelled_with_the_period_keeps_its_access_until_then(merchant: ScriptedMerchant) -> None:
    subscription = merchant.subscribe()
    assert subscription.period is not None

    cancelled = merchant.cancel(subscription, at_period_end=True)

    assert (cancelled.status, cancelled.access.until) == (S.ACTIVE, subscription.period.end)
    merchant.pass_time(days=30)
    assert merchant.access(subscription).allows(merchant.world.now())
    merchant.pass_time(days=2)
    assert merchant.now(subscription).status is S.CANCELLED
    assert not merchant.access(subscription).is_granted


@pytest.mark.parametrize("lost", ["lose_answer_of", "lose_request_of", "answer_500_to"])
def test_s19_whatever_is_lost_both_sides_end(merchant: ScriptedMerchant, lost: str) -> None:
    subscription = merchant.subscribe()
    getattr(merchant.stripe, lost)("cancel_subscription")

    merchant.cancel(subscription)
    merchant.pass_time(hours=1)

    assert merchant.now(subscription).status is S.CANCELLED
    assert merchant.stripe.subscription(subscription.stripe_id or "").has_ended


def test_s19_cancelling_twice_is_cancelling_once(merchant: ScriptedMerchant) -> None:
    subscription = merchant.subscribe()
    once = merchant.cancel(subscription)

    assert merchant.cancel(subscription) == once
    assert merchant.mails(subscription).count(MailKind.CANCELLED) == 1


def test_s23_all_times_are_aware_utc_of_the_clock() -> None:
    start = datetime(2031, 5, 6, tzinfo=UTC)
    merchant = ScriptedMerchant(start=start)

    subscription = merchant.subscribe(trial_days=14)

    times = [getattr(subscription, field.name) for field in fields(subscription)]
    moments = [time for time in times if isinstance(time, datetime)]
    assert len(moments) > 2
    assert all(moment.tzinfo is UTC for moment in moments)
    assert subscription.trial_end == start + timedelta(days=14)
    assert subscription.changed_at == start


class TestS24:
    """Stripe's notices: paid, updated, deleted, a trial's end."""

    def test_a_paid_renewal_moves_the_period(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()

        merchant.pass_time(days=32)

        assert subscription.period is not None
        period = merchant.now(subscription).period
        assert period is not None
        assert period.start == subscription.period.end
        assert EventType.RENEWED in merchant.events(subscription)

    def test_what_is_changed_in_the_dashboard_is_ours_too(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()

        changed = merchant.stripe.change_card_in_dashboard(subscription.stripe_id or "", MASTERCARD)
        merchant.pass_time(minutes=1)

        assert merchant.now(subscription).payment_method == changed.payment_method != subscription.payment_method

    def test_what_is_deleted_there_ends_here(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()

        merchant.stripe.cancel_subscription_in_dashboard(subscription.stripe_id or "")
        merchant.pass_time(minutes=1)

        assert merchant.now(subscription).status is S.CANCELLED

    def test_a_customer_hears_three_days_before_a_trial_ends(self, merchant: ScriptedMerchant) -> None:
        trial = merchant.subscribe(trial_days=14)

        merchant.pass_time(days=10.9)
        assert MailKind.TRIAL_ENDING not in merchant.mails(trial)
        merchant.pass_time(days=0.2)
        assert merchant.mails(trial).count(MailKind.TRIAL_ENDING) == 1

    def test_a_trial_without_a_card_may_pause(self) -> None:
        merchant = ScriptedMerchant(policy=SubscriptionPolicy(trial_end=TrialEnd.PAUSE))
        trial = merchant.subscribe(None, trial_days=7)

        merchant.pass_time(days=8)

        assert merchant.now(trial).status is S.PAUSED
        assert merchant.access(trial).reason is AccessReason.PAUSED


class DownMailer(InMemoryMailer):
    """A mailer that cannot be reached."""

    async def send(self, mail: Mail, *, to: str) -> None:
        raise PortError("no mail today")


def test_s25_mail_that_fails_stops_no_subscription() -> None:
    merchant = ScriptedMerchant(mailer=DownMailer())

    subscription = merchant.subscribe()
    merchant.pass_time(days=1)

    assert merchant.now(subscription).status is S.ACTIVE
    assert merchant.mails(subscription) == []
    assert len(merchant.stripe.movements) == 1


@pytest.mark.parametrize("days", [-1, 731, 10**9])
def test_s26_a_trial_is_of_0_to_730_days(merchant: ScriptedMerchant, days: int) -> None:
    with pytest.raises(InvalidSubscription, match="trial_days"):
        merchant.subscribe(trial_days=days)

    assert merchant.calls == []
    assert merchant.subscribe(trial_days=730).status is S.TRIALING


def test_s26_there_is_one_trial_of_a_product(merchant: ScriptedMerchant) -> None:
    merchant.cancel(merchant.subscribe(trial_days=14))

    with pytest.raises(TrialUsed):
        merchant.subscribe(trial_days=14, signup_id="signup-2")

    assert merchant.subscribe(signup_id="signup-3").status is S.ACTIVE
    assert merchant.subscribe(trial_days=14, customer=BOB).status is S.TRIALING


def test_s27_a_card_and_a_cancellation_at_the_same_moment_are_both_done(merchant: ScriptedMerchant) -> None:
    subscription = merchant.subscribe()
    flow, world = merchant.flow, merchant.world

    world.start(flow.update_card(ADA, subscription.id, expected_update=0, payment_method=MASTERCARD))
    world.start(flow.cancel_subscription(ADA, subscription.id, at_period_end=True))
    merchant.pass_time(hours=1)

    now = merchant.now(subscription)
    theirs = merchant.stripe.subscription(subscription.stripe_id or "").as_subscription()
    assert (now.cancel_at, now.payment_method) == (theirs.cancel_at, theirs.payment_method)
    assert now.cancel_at is not None
    assert now.payment_method != subscription.payment_method


# What was found on the way.


def test_a_card_that_stripe_cannot_take_now_is_tried_again_later_and_not_immediately(
    merchant: ScriptedMerchant,
) -> None:
    subscription = merchant.subscribe()
    merchant.card_runs_empty(subscription)
    merchant.pass_time(days=33)
    merchant.stripe.answer_500_to("attach_payment_method", until=merchant.world.now() + timedelta(hours=2))
    before = len(merchant.calls)

    waiting = merchant.update_card(subscription, MASTERCARD)

    assert waiting.status is S.PAST_DUE
    assert len(merchant.calls) - before < 10
    merchant.pass_time(hours=3)
    assert merchant.now(subscription).status is S.ACTIVE
    assert all(invoice.status is InvoiceStatus.PAID for invoice in merchant.invoices(subscription))


def test_the_card_of_a_trial_is_set_up_while_the_customer_signs_up(merchant: ScriptedMerchant) -> None:
    trial = merchant.subscribe(VISA, trial_days=14)

    assert (trial.card_update, trial.payment_method is None) == (None, False)


def test_a_trial_whose_bank_asks_says_so_while_the_customer_signs_up(merchant: ScriptedMerchant) -> None:
    trial = merchant.subscribe(THREE_D_SECURE, trial_days=14)

    action = merchant.world.run(merchant.flow.customer_action(ADA, trial.id))

    assert action.client_secret
    assert merchant.at_the_bank(trial).payment_method is not None


def test_the_price_is_the_catalogues(merchant: ScriptedMerchant) -> None:
    subscription = merchant.subscribe()

    assert [movement.signed_minor for movement in merchant.stripe.movements] == [PRO.amount.minor]
    assert subscription.signup.total == PRO.amount
