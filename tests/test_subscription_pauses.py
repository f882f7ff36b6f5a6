"""Pauses: by collection or at Stripe, for a while or until the customer goes on; a trial that ended without a card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from payflows.errors import InvalidState, InvalidSubscription
from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.billing import InvoiceStatus, PauseBehavior, PausedCollection, TrialEnd
from payflows.subscriptions.messages import MailKind
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import PauseMeans, PausePolicy, SubscriptionPolicy
from simulations.subscriptions.catalogue import BASIC, NO_FUNDS, PRO, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import held, in_its_month, merchant_who, unpaid_renewal

S = SubscriptionStatus
Standing = Callable[[ScriptedMerchant], Subscription]


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


class TestAPause:
    """Of the collection, which is the usual one."""

    def test_takes_access_and_leaves_the_status(self, merchant: ScriptedMerchant) -> None:
        """S24: no status or notice of a pause was ever looked at."""
        paused = merchant.pause(in_its_month(merchant))

        assert (paused.status, paused.access.reason, paused.access.is_granted) == (S.ACTIVE, AccessReason.PAUSED, False)
        assert merchant.mails(paused).count(MailKind.PAUSED) == 1

    def test_costs_nothing_and_is_over_when_its_customer_says_so(self, merchant: ScriptedMerchant) -> None:
        paused = merchant.pause(in_its_month(merchant))
        merchant.pass_time(days=25)
        assert merchant.invoices(paused)[-1].status is InvoiceStatus.VOID

        resumed = merchant.resume(paused)
        merchant.pass_time(days=28)

        assert (resumed.paused, resumed.access) == (None, paused.access)  # the period that it goes on in was not paid
        assert merchant.access(paused).reason is AccessReason.PAID
        assert merchant.mails(paused).count(MailKind.RESUMED) == 1
        assert held(merchant) == 2 * PRO.amount.minor

    def test_is_over_by_itself_where_that_was_said(self, merchant: ScriptedMerchant) -> None:
        subscription = in_its_month(merchant)
        merchant.pause(subscription, resumes_at=merchant.world.now() + timedelta(days=3))

        merchant.pass_time(days=2)
        assert not merchant.access(subscription).is_granted
        merchant.pass_time(days=2)
        assert merchant.access(subscription).is_granted

    def test_is_over_by_itself_at_a_whole_second_since_stripe_has_no_others(self, merchant: ScriptedMerchant) -> None:
        """Compared with a fraction, what Stripe has would never be what is wanted: it was asked for again for good."""
        subscription = in_its_month(merchant)
        asked_for = merchant.world.now() + timedelta(days=3, microseconds=1)

        paused = merchant.pause(subscription, resumes_at=asked_for)
        merchant.pass_time(days=2)

        assert paused.pause_wanted is None
        assert [call.method for call in merchant.calls].count("pause_collection") == 1
        merchant.pass_time(days=2)
        assert merchant.access(subscription).is_granted

    def test_is_over_by_itself_without_a_webhook_too(self) -> None:
        merchant = ScriptedMerchant(webhooks=None)
        subscription = in_its_month(merchant)
        merchant.pause(subscription, resumes_at=merchant.world.now() + timedelta(days=3))

        merchant.pass_time(days=4)

        assert merchant.access(subscription).is_granted

    def test_twice_is_once(self, merchant: ScriptedMerchant) -> None:
        paused = merchant.pause(in_its_month(merchant))

        assert merchant.pause(paused) == paused
        resumed = merchant.resume(paused)
        assert merchant.mails(resumed).count(MailKind.PAUSED) == 1
        assert [call.method for call in merchant.calls].count("pause_collection") == 1

    @pytest.mark.parametrize("lost", ["lose_answer_of", "lose_request_of", "answer_500_to"])
    def test_is_one_here_and_there_whatever_is_lost(self, merchant: ScriptedMerchant, lost: str) -> None:
        subscription = in_its_month(merchant)
        getattr(merchant.stripe, lost)("pause_collection")
        getattr(merchant.stripe, lost)("resume_collection")

        merchant.pause(subscription)
        merchant.pass_time(hours=1)
        assert merchant.now(subscription).is_paused
        merchant.resume(subscription)
        merchant.pass_time(hours=1)
        assert not merchant.now(subscription).is_paused

    def test_by_the_dashboard_is_one_too(self, merchant: ScriptedMerchant) -> None:
        """S24: `paused` and `resumed` are read from Stripe."""
        subscription = in_its_month(merchant)

        pause = merchant.stripe.pause_collection(
            subscription.stripe_id or "", paused=PausedCollection(PauseBehavior.KEEP_AS_DRAFT), key="by hand"
        )
        merchant.world.run(pause)
        merchant.pass_time(minutes=5)

        assert merchant.access(subscription).reason is AccessReason.PAUSED


@pytest.mark.parametrize(
    ("behavior", "left"),
    [
        (PauseBehavior.VOID, InvoiceStatus.VOID),
        (PauseBehavior.MARK_UNCOLLECTIBLE, InvoiceStatus.UNCOLLECTIBLE),
    ],
)
def test_invoices_meanwhile_are_as_the_policy_says(behavior: PauseBehavior, left: InvoiceStatus) -> None:
    merchant = merchant_who(PausePolicy(invoices=behavior))
    paused = merchant.pause(in_its_month(merchant))

    merchant.pass_time(days=25)

    assert merchant.invoices(paused)[-1].status is left
    assert held(merchant) == PRO.amount.minor


def test_drafts_are_kept_where_the_policy_says_so() -> None:
    merchant = merchant_who(PausePolicy(invoices=PauseBehavior.KEEP_AS_DRAFT))
    paused = merchant.pause(in_its_month(merchant))

    merchant.pass_time(days=25)

    newest = merchant.stripe.invoices_of(paused.stripe_id or "")[-1]
    assert (newest.status, held(merchant)) == (InvoiceStatus.DRAFT, PRO.amount.minor)


def test_access_is_kept_where_the_policy_says_so() -> None:
    merchant = merchant_who(PausePolicy(keeps_access=True))

    assert merchant.pause(in_its_month(merchant)).access.reason is AccessReason.PAID


class TestAtStripe:
    """By the endpoint: its status is `paused`, and unused time is credited."""

    @pytest.fixture
    def merchant(self) -> ScriptedMerchant:
        return merchant_who(PausePolicy(means=PauseMeans.SUBSCRIPTION))

    def test_the_status_is_paused(self, merchant: ScriptedMerchant) -> None:
        paused = merchant.pause(in_its_month(merchant))

        assert (paused.status, paused.access.reason) == (S.PAUSED, AccessReason.PAUSED)

    def test_it_goes_on_with_what_was_not_used(self, merchant: ScriptedMerchant) -> None:
        paused = merchant.pause(in_its_month(merchant, days=15.5))
        merchant.pass_time(days=40)

        merchant.resume(paused)
        merchant.pass_time(hours=2)

        assert merchant.now(paused).status is S.ACTIVE
        assert held(merchant) == pytest.approx(PRO.amount.minor + PRO.amount.minor // 2, abs=1)

    def test_it_is_past_due_where_the_card_has_no_funds(self, merchant: ScriptedMerchant) -> None:
        """Docs, "Pause subscriptions": `resume_on_payment_attempt` goes on once it was tried, paid or not."""
        paused = merchant.pause(in_its_month(merchant))
        merchant.card_runs_empty(paused)

        merchant.resume(paused)
        merchant.pass_time(hours=2)

        assert (merchant.now(paused).status, merchant.access(paused).reason) == (
            S.PAST_DUE,
            AccessReason.BEING_COLLECTED,
        )
        assert merchant.mails(paused).count(MailKind.PAYMENT_FAILED) == 1

    def test_no_time_to_resume_at_is_taken(self, merchant: ScriptedMerchant) -> None:
        with pytest.raises(InvalidSubscription, match="takes no time"):
            merchant.pause(in_its_month(merchant), resumes_at=merchant.world.now() + timedelta(days=30))


class TestATrialWithoutACard:
    """It may pause where the policy says so."""

    @pytest.fixture
    def merchant(self) -> ScriptedMerchant:
        return ScriptedMerchant(policy=SubscriptionPolicy(trial_end=TrialEnd.PAUSE))

    @pytest.fixture
    def paused(self, merchant: ScriptedMerchant) -> Subscription:
        trial = merchant.subscribe(None, trial_days=7)
        merchant.pass_time(days=8)
        return merchant.now(trial)

    def test_does_not_go_on_without_one(self, merchant: ScriptedMerchant, paused: Subscription) -> None:
        with pytest.raises(InvalidState, match="no card"):
            merchant.resume(paused)

    def test_goes_on_with_one(self, merchant: ScriptedMerchant, paused: Subscription) -> None:
        merchant.update_card(paused, VISA)

        merchant.resume(paused)
        merchant.pass_time(hours=2)

        assert (merchant.now(paused).status, held(merchant)) == (S.ACTIVE, PRO.amount.minor)
        assert merchant.access(paused).reason is AccessReason.PAID


def a_trial(merchant: ScriptedMerchant) -> Subscription:
    return merchant.subscribe(trial_days=14)


def incomplete(merchant: ScriptedMerchant) -> Subscription:
    return merchant.subscribe(NO_FUNDS)


def cancelled(merchant: ScriptedMerchant) -> Subscription:
    return merchant.cancel(in_its_month(merchant))


def downgraded_for_later(merchant: ScriptedMerchant) -> Subscription:
    pro = in_its_month(merchant)
    return merchant.change_plan(pro, merchant.preview(pro, BASIC))


@pytest.mark.parametrize("standing", [a_trial, incomplete, cancelled, unpaid_renewal, downgraded_for_later])
def test_what_costs_nothing_or_must_be_settled_first_is_not_paused(
    merchant: ScriptedMerchant, standing: Standing
) -> None:
    with pytest.raises(InvalidState):
        merchant.pause(standing(merchant))


def test_it_is_not_paused_until_yesterday(merchant: ScriptedMerchant) -> None:
    with pytest.raises(InvalidSubscription, match="in the future"):
        merchant.pause(in_its_month(merchant), resumes_at=merchant.world.now() - timedelta(days=1))


def test_what_is_not_paused_is_not_resumed(merchant: ScriptedMerchant) -> None:
    with pytest.raises(InvalidState, match="is not paused"):
        merchant.resume(in_its_month(merchant))
