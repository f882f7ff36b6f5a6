"""Dunning in the flow: what is tried when, what stops it, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.dunning import SEED_AS_DAYS, DunningPolicy, LastStep
from payflows.subscriptions.episode import EPISODES, AttemptOutcome, DunningEpisode, EpisodeStatus
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.stripe.billing.settings import BillingSettings, CustomRetries
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.subscriptions.catalogue import MASTERCARD, MERCHANT, NO_FUNDS, PRO, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import held

S = SubscriptionStatus
LOST = "pm_card_visa_chargeDeclinedLostCard"
ANOTHER_EMPTY = "pm_card_chargeCustomerFail"
FAILS_AT = 31 + 1 / 24
"""Days from a sign-up in January until its renewal is charged, an hour after it was made."""


def merchant_with(dunning: DunningPolicy = SEED_AS_DAYS, **more: object) -> ScriptedMerchant:
    return ScriptedMerchant(policy=SubscriptionPolicy(dunning=dunning), **more)  # type: ignore[arg-type]  # by name


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return merchant_with()


def failed(merchant: ScriptedMerchant, *, like: str = NO_FUNDS, days: float = 0.5) -> Subscription:
    """Return one whose renewal failed these days ago."""
    subscription = merchant.subscribe()
    behave(merchant, subscription, like)
    merchant.pass_time(days=FAILS_AT + days)
    return merchant.now(subscription)


def behave(merchant: ScriptedMerchant, subscription: Subscription, like: str) -> None:
    card = merchant.now(subscription).payment_method
    assert card is not None
    merchant.stripe.replace_card_behaviour(card, PAYMENT_METHODS[like])


def episode(merchant: ScriptedMerchant) -> DunningEpisode:
    (only,) = merchant.store.all(EPISODES)
    return only


def outcomes(merchant: ScriptedMerchant) -> list[tuple[int, AttemptOutcome]]:
    return [(each.day, each.outcome) for each in episode(merchant).attempts]


def charges(merchant: ScriptedMerchant, subscription: Subscription) -> int:
    return len(merchant.stripe.charges_of(merchant.invoices(subscription)[-1].id))


DECLINED, PAID, SKIPPED = AttemptOutcome.DECLINED, AttemptOutcome.PAID, AttemptOutcome.SKIPPED


class TestSchedule:
    def test_attempts_come_on_the_days_of_the_policy_and_then_it_ends(self, merchant: ScriptedMerchant) -> None:
        """S9, S13: a failing attempt counted double; rows were scheduled, and nothing came."""
        subscription = failed(merchant, days=16)

        assert outcomes(merchant) == [(3, DECLINED), (7, DECLINED), (14, DECLINED)]
        assert charges(merchant, subscription) == 1 + 3
        made = [each.made_at - episode(merchant).failed_at for each in episode(merchant).attempts]
        assert made == [timedelta(days=3), timedelta(days=7), timedelta(days=14)]
        assert (episode(merchant).status, merchant.now(subscription).status) == (EpisodeStatus.GIVEN_UP, S.CANCELLED)

    def test_a_card_with_money_again_pays(self, merchant: ScriptedMerchant) -> None:
        subscription = failed(merchant, days=4)
        behave(merchant, subscription, VISA)
        merchant.pass_time(days=4)

        assert outcomes(merchant) == [(3, DECLINED), (7, PAID)]
        assert (merchant.now(subscription).status, merchant.now(subscription).dunning_id) == (S.ACTIVE, None)
        assert held(merchant) == 2 * PRO.amount.minor

    def test_a_notice_that_comes_again_changes_nothing(self, merchant: ScriptedMerchant) -> None:
        """S7: four deliveries cancelled the customer."""
        subscription = failed(merchant, days=4)
        invoice = merchant.invoices(subscription)[-1]
        before = episode(merchant)

        for _ in range(4):
            merchant.world.run(merchant.flow.invoice_changed(MERCHANT, invoice.id))

        assert episode(merchant) == before
        assert charges(merchant, subscription) == 2

    def test_a_late_notice_of_the_failure_does_not_undo_the_payment(self, merchant: ScriptedMerchant) -> None:
        """S8: past due was written whatever the state was by then."""
        subscription = failed(merchant)
        merchant.update_card(subscription, MASTERCARD)

        merchant.world.run(merchant.flow.invoice_changed(MERCHANT, merchant.invoices(subscription)[-1].id))
        merchant.pass_time(minutes=1)

        assert merchant.now(subscription).status is S.ACTIVE
        assert episode(merchant).status is EpisodeStatus.RECOVERED

    def test_hours_are_the_policys(self) -> None:
        merchant = merchant_with(replace(SEED_AS_DAYS, hour=9, time_zone="Europe/Berlin"))
        failed(merchant, days=5)

        assert episode(merchant).attempts[0].made_at.isoformat() == "2026-02-04T08:00:00+00:00"


class TestCards:
    def test_another_card_does_not_begin_anew(self, merchant: ScriptedMerchant) -> None:
        """S10: the count began anew with every card, and dunning never ended."""
        subscription = failed(merchant, days=4)
        updated = merchant.update_card(subscription, ANOTHER_EMPTY)
        merchant.pass_time(days=12)

        assert updated.payment_method != subscription.payment_method
        assert [day for day, _ in outcomes(merchant)] == [3, 7, 14]
        assert merchant.now(subscription).status is S.CANCELLED

    def test_a_lost_card_is_never_tried_again(self, merchant: ScriptedMerchant) -> None:
        """S11; sourcegraph/cody#1600: the decline decides about attempts, and not about reminders."""
        subscription = failed(merchant, like=LOST, days=8)

        assert outcomes(merchant) == [(3, SKIPPED), (7, SKIPPED)]
        assert {each.code for each in episode(merchant).attempts} == {"lost_card"}
        assert charges(merchant, subscription) == 1
        assert episode(merchant).notices_sent == 3

    def test_after_a_lost_card_another_one_is_tried(self, merchant: ScriptedMerchant) -> None:
        subscription = failed(merchant, like=LOST, days=4)
        merchant.update_card(subscription, ANOTHER_EMPTY)
        merchant.pass_time(days=4)

        assert outcomes(merchant) == [(3, SKIPPED), (7, DECLINED)]
        assert charges(merchant, subscription) == 1 + 1 + 1

    def test_while_stripe_retries_too_nothing_is_tried(self) -> None:
        """S12: both charged the customer."""
        merchant = merchant_with(billing=BillingSettings(retries=CustomRetries((5, 7))))
        failed(merchant, days=4)

        assert [(each.outcome, each.code) for each in episode(merchant).attempts] == [(SKIPPED, "stripe_retries")]

    def test_a_lost_answer_is_looked_up(self, merchant: ScriptedMerchant) -> None:
        """S15: an error was swallowed; it was paid, and tried again."""
        subscription = failed(merchant, days=2.9)
        behave(merchant, subscription, VISA)
        merchant.stripe.lose_answer_of("pay_invoice")
        merchant.pass_time(days=1)

        assert outcomes(merchant) == [(3, PAID)]
        assert held(merchant) == 2 * PRO.amount.minor
        assert charges(merchant, subscription) == 2


class TestOpenInvoices:
    LONG = DunningPolicy.from_days([3, 10, 24, 30], name="long", notices=(0, 10))

    def test_a_renewal_that_falls_due_joins_the_episode(self) -> None:
        """S10, S17: two open invoices were dunned side by side; a success left the other unpaid."""
        merchant = merchant_with(self.LONG)
        subscription = failed(merchant, days=29)
        assert [each.status for each in merchant.invoices(subscription)][1:] == [InvoiceStatus.OPEN] * 2

        behave(merchant, subscription, VISA)
        merchant.pass_time(days=2)

        assert [each.status for each in merchant.invoices(subscription)] == [InvoiceStatus.PAID] * 3
        assert outcomes(merchant)[-2:] == [(30, PAID), (30, PAID)]
        assert merchant.now(subscription).status is S.ACTIVE

    def test_a_customer_who_cancels_is_left_alone(self, merchant: ScriptedMerchant) -> None:
        """S16, S20: a customer who had cancelled was charged, and the invoice stayed collectable."""
        subscription = failed(merchant, days=4)
        behave(merchant, subscription, VISA)
        merchant.cancel(subscription)
        merchant.pass_time(days=12)

        assert episode(merchant).status is EpisodeStatus.STOPPED
        assert merchant.invoices(subscription)[-1].status is InvoiceStatus.VOID
        assert held(merchant) == PRO.amount.minor

    def test_what_is_open_is_voided_at_the_end_and_not_before(self, merchant: ScriptedMerchant) -> None:
        """S20; bitwarden/server#7589: open for ever, or voided at the first failure."""
        subscription = failed(merchant, days=13.9)
        assert merchant.invoices(subscription)[-1].status is InvoiceStatus.OPEN

        merchant.pass_time(days=0.2)

        assert merchant.invoices(subscription)[-1].status is InvoiceStatus.VOID

    def test_credit_that_an_invoice_took_is_the_customers_again(self, merchant: ScriptedMerchant) -> None:
        """bitwarden/server#736: voiding the invoice swallowed it."""
        merchant.stripe.adjust_balance("cus_ada", -500, "usd")
        subscription = merchant.subscribe()
        merchant.stripe.adjust_balance("cus_ada", -700, "usd")
        merchant.card_runs_empty(subscription)
        merchant.pass_time(days=FAILS_AT + 16)

        assert merchant.now(subscription).status is S.CANCELLED
        assert merchant.stripe.customer("cus_ada").balance == -700

    def test_a_draft_of_who_is_given_up_is_not_collected_later(self) -> None:
        """Kilo-Org/cloud#5409: drafts of a cancelled customer were made final and charged."""
        merchant = merchant_with(DunningPolicy.from_days([3, 27], name="to the draft", notices=()))
        subscription = failed(merchant, days=40)

        assert merchant.now(subscription).status is S.CANCELLED
        assert {each.status for each in merchant.invoices(subscription)[1:]} == {InvoiceStatus.VOID}


class TestAccess:
    def test_it_lasts_while_it_is_being_collected(self, merchant: ScriptedMerchant) -> None:
        """superset-sh/superset#6732: the first decline took the product away."""
        subscription = failed(merchant, days=13)

        assert merchant.access(subscription).reason is AccessReason.BEING_COLLECTED
        assert merchant.access(subscription).allows(merchant.world.now())

    def test_access_and_collection_have_one_clock(self, merchant: ScriptedMerchant) -> None:
        """themegrill/user-registration#1425: a job ended what a later attempt still paid for."""
        subscription = failed(merchant, days=14.5)

        assert not merchant.access(subscription).is_granted
        assert episode(merchant).status is EpisodeStatus.GIVEN_UP

    def test_a_policy_may_end_it_sooner(self) -> None:
        merchant = merchant_with(replace(SEED_AS_DAYS, access_days=5))
        subscription = failed(merchant, days=7)

        assert not merchant.access(subscription).allows(merchant.world.now())
        assert episode(merchant).status is EpisodeStatus.RUNNING

    def test_the_last_step_may_leave_it_past_due(self) -> None:
        merchant = merchant_with(replace(SEED_AS_DAYS, last_step=LastStep.STAY_PAST_DUE))
        subscription = failed(merchant, days=20)

        assert merchant.now(subscription).status is S.PAST_DUE
        assert not merchant.access(subscription).allows(merchant.world.now())

    def test_the_last_step_may_pause_it(self) -> None:
        merchant = merchant_with(replace(SEED_AS_DAYS, last_step=LastStep.PAUSE))
        subscription = failed(merchant, days=20)

        assert merchant.now(subscription).paused is not None
        assert merchant.access(subscription).reason is AccessReason.PAUSED


class TestMessages:
    def test_reminders_come_on_the_policys_days_and_nothing_else_does(self, merchant: ScriptedMerchant) -> None:
        subscription = failed(merchant, days=16)
        events = merchant.events(subscription)

        assert events.count(EventType.PAYMENT_REMINDED) == 3
        assert events.count(EventType.PAYMENT_FAILED) == 4
        kinds = [mail.kind for mail in merchant.mailer.sent.values()]
        assert kinds.count("subscription_payment_reminder") == 3
        assert "subscription_payment_failed" not in kinds
        assert kinds.count("subscription_cancelled") == 1

    def test_who_has_paid_hears_of_it(self, merchant: ScriptedMerchant) -> None:
        merchant.update_card(failed(merchant), MASTERCARD)
        merchant.pass_time(minutes=2)

        assert [mail.kind for mail in merchant.mailer.sent.values()].count("subscription_payment_restored") == 1
