"""Pauses beside what else goes on: an end with the period, usage that is owed, and invoices that wait as drafts."""

from __future__ import annotations

import pytest

from payflows.errors import InvalidState
from payflows.subscriptions.billing import TrialEnd
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import PauseMeans, PausePolicy, SubscriptionPolicy
from simulations.subscriptions.scripted_merchant import ScriptedMerchant

S = SubscriptionStatus


def merchant_who(pauses: PausePolicy) -> ScriptedMerchant:
    return ScriptedMerchant(policy=SubscriptionPolicy(pause=pauses))


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


def in_its_month(merchant: ScriptedMerchant, days: float = 10) -> Subscription:
    subscription = merchant.subscribe()
    merchant.pass_time(days=days)
    return merchant.now(subscription)


class TestAnEndWithThePeriod:
    """Of one that is paused at Stripe it was taken, and never came: its customer could not sign up anew either."""

    @pytest.fixture
    def merchant(self) -> ScriptedMerchant:
        return merchant_who(PausePolicy(means=PauseMeans.SUBSCRIPTION))

    def test_is_refused_while_it_is_paused(self, merchant: ScriptedMerchant) -> None:
        paused = merchant.pause(in_its_month(merchant))

        with pytest.raises(InvalidState, match="cancel it now"):
            merchant.cancel(paused, at_period_end=True)

        merchant.cancel(paused)
        merchant.pass_time(hours=1)
        assert merchant.now(paused).status is S.CANCELLED
        assert merchant.subscribe(signup_id="signup-2").status is S.ACTIVE

    def test_is_refused_after_a_trial_without_a_card(self) -> None:
        merchant = ScriptedMerchant(policy=SubscriptionPolicy(trial_end=TrialEnd.PAUSE))
        trial = merchant.subscribe(None, trial_days=7)
        merchant.pass_time(days=8)

        with pytest.raises(InvalidState, match="cancel it now"):
            merchant.cancel(merchant.now(trial), at_period_end=True)

    def test_is_not_paused(self, merchant: ScriptedMerchant) -> None:
        ending = merchant.cancel(in_its_month(merchant), at_period_end=True)

        with pytest.raises(InvalidState, match="keep it first"):
            merchant.pause(ending)

        assert merchant.pause(merchant.keep(ending)).status is S.PAUSED

    def test_by_the_dashboard_ends_one_that_is_paused(self, merchant: ScriptedMerchant) -> None:
        paused = merchant.pause(in_its_month(merchant))

        merchant.world.run(merchant.stripe.set_cancel_at_period_end(paused.stripe_id or "", cancel=True, key="by hand"))
        merchant.pass_time(hours=1)

        assert merchant.now(paused).status is S.CANCELLED
        assert merchant.stripe.subscription(paused.stripe_id or "").has_ended
