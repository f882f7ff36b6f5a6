"""Dunning in the flow: what is tried when, with which card, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payflows.subscriptions.dunning import SEED_AS_DAYS
from payflows.subscriptions.episode import EpisodeStatus
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus
from simulations.stripe.billing.settings import BillingSettings, CustomRetries
from simulations.subscriptions.catalogue import MASTERCARD, MERCHANT, PRO, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.dunned import (
    ANOTHER_EMPTY,
    DECLINED,
    LOST,
    PAID,
    SKIPPED,
    behave,
    charges,
    episode,
    failed,
    merchant_with,
    outcomes,
)
from tests.subscribers import held

S = SubscriptionStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return merchant_with()


def test_ids_and_keys_stay_the_same_from_release_to_release(merchant: ScriptedMerchant) -> None:
    """A deploy may come between a call and its repeat: with another key the repeat would be made."""
    subscription = merchant.subscribe()
    merchant.card_runs_empty(subscription)

    merchant.pass_time(days=63)

    assert [(call.method, call.kwargs["key"]) for call in merchant.calls if "key" in call.kwargs] == [
        ("create_subscription", "subs_50a8f55f80a2a9077403:create:1"),
        ("confirm_payment", "in_902618f53e183697c019ee51:confirm-1:1"),
        ("pay_invoice", "in_1a5c5963453db859c0af7ce5:pay-2:1"),
        ("pay_invoice", "in_1a5c5963453db859c0af7ce5:pay-3:1"),
        ("pay_invoice", "in_1a5c5963453db859c0af7ce5:pay-4:1"),
        ("cancel_subscription", "subs_50a8f55f80a2a9077403:cancel:1"),
        ("void_invoice", "in_1a5c5963453db859c0af7ce5:void:1"),
    ]


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
        assert (merchant.now(subscription).status, episode(merchant).status) == (S.ACTIVE, EpisodeStatus.RECOVERED)
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
        """S8: past due was written over any later state."""
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


class TestMissedDays:
    def test_days_that_were_missed_are_made_up_for_by_one_attempt_and_one_reminder(
        self, merchant: ScriptedMerchant
    ) -> None:
        """Stripe cannot be reached from the second day to the eighth."""
        subscription = failed(merchant, days=2)
        merchant.stripe.refuse_connections(until=merchant.world.now() + timedelta(days=6))
        merchant.pass_time(days=6.1)

        assert outcomes(merchant) == [(7, DECLINED)]
        assert charges(merchant, subscription) == 1 + 1

        merchant.pass_time(days=7)

        assert [day for day, _ in outcomes(merchant)] == [7, 14]
        assert merchant.now(subscription).status is S.CANCELLED

    def test_of_reminders_that_were_missed_the_last_is_sent(self, merchant: ScriptedMerchant) -> None:
        subscription = failed(merchant, days=0.1)
        merchant.stripe.refuse_connections(until=merchant.world.now() + timedelta(days=8))
        merchant.pass_time(days=8.1)

        assert episode(merchant).notices_done == 3
        assert merchant.events(subscription).count(EventType.PAYMENT_REMINDED) == 2


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
        assert episode(merchant).notices_done == 3

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
