"""How dunning ends: what becomes of open invoices and of access, and what customers hear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.dunning import SEED_AS_DAYS, DunningPolicy, LastStep
from payflows.subscriptions.episode import EPISODES, EpisodeStatus
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus
from simulations.subscriptions.catalogue import MASTERCARD, NO_FUNDS, PRO, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.dunned import FAILS_AT, PAID, behave, episode, episode_and_access, failed, merchant_with, outcomes
from tests.subscribers import held

S = SubscriptionStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return merchant_with()


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

    def test_it_ends_on_its_day_to_the_hour(self) -> None:
        merchant = merchant_with(replace(SEED_AS_DAYS, access_days=5, hour=9, time_zone="Europe/Berlin"))
        failed_at, until = episode_and_access(merchant)

        assert (failed_at.isoformat(), until.isoformat()) == ("2026-02-01T01:00:00+00:00", "2026-02-06T08:00:00+00:00")

    def test_the_last_step_may_leave_it_past_due(self) -> None:
        merchant = merchant_with(replace(SEED_AS_DAYS, last_step=LastStep.STAY_PAST_DUE))
        subscription = failed(merchant, days=20)

        assert merchant.now(subscription).status is S.PAST_DUE
        assert not merchant.access(subscription).allows(merchant.world.now())

    def test_what_was_left_past_due_and_paid_later_is_dunned_anew(self) -> None:
        merchant = merchant_with(replace(SEED_AS_DAYS, last_step=LastStep.STAY_PAST_DUE))
        subscription = failed(merchant, days=20)
        paid = merchant.update_card(subscription, MASTERCARD)
        behave(merchant, paid, NO_FUNDS)
        merchant.pass_time(days=12)

        assert merchant.now(paid).status is S.PAST_DUE
        assert [each.status for each in merchant.store.all(EPISODES)] == [EpisodeStatus.GIVEN_UP, EpisodeStatus.RUNNING]

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
