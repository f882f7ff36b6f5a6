"""Pauses beside what else goes on: an end with the period, usage that is owed, and invoices that wait as drafts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from payflows.errors import InvalidState
from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.billing import InvoiceStatus, PauseBehavior, TrialEnd
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.policy import PauseMeans, PausePolicy, SubscriptionPolicy
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.subscriptions.catalogue import API, PRO
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import held, in_its_month, merchant_who, unpaid_renewal

S = SubscriptionStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


def after(merchant: ScriptedMerchant, days: float | None) -> datetime | None:
    return None if days is None else merchant.world.now() + timedelta(days=days)


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


class TestUsage:
    """What was used before a pause stays owed: its invoice was voided with the pause, and never made again."""

    def test_is_collected_with_the_invoice_that_the_pause_would_void(self, merchant: ScriptedMerchant) -> None:
        api = merchant.subscribe(plan=API)
        merchant.use(api, 9_000)
        merchant.pass_time(days=30.5)
        merchant.pause(api)
        merchant.pass_time(days=1.5)

        assert [each.status for each in merchant.invoices(api)] == [InvoiceStatus.PAID] * 2
        assert held(merchant) == 1_500 + 1_500 + 18_000
        assert merchant.resume(api).access.reason is AccessReason.PAID

    def test_is_not_made_up_in_months_without_any(self, merchant: ScriptedMerchant) -> None:
        api = merchant.subscribe(plan=API)
        merchant.pass_time(days=10)
        merchant.pause(api)
        merchant.pass_time(days=70)

        resumed = merchant.resume(api)
        merchant.pass_time(hours=1)

        assert [each.status for each in merchant.invoices(api)] == [InvoiceStatus.PAID, *[InvoiceStatus.VOID] * 2]
        assert (held(merchant), resumed.access.reason) == (1_500, AccessReason.PAUSED)
        merchant.pass_time(days=20)
        assert (held(merchant), merchant.access(api).reason) == (3_000, AccessReason.PAID)


class TestAPeriodThatWasNotPaid:
    """A pause over the renewal gave a free month."""

    @pytest.mark.parametrize("invoices", [PauseBehavior.VOID, PauseBehavior.MARK_UNCOLLECTIBLE])
    @pytest.mark.parametrize("days", [None, 1.5])
    @pytest.mark.parametrize("webhooks", [DeliveryConditions(), None])
    def test_gives_no_access_until_the_next(
        self, invoices: PauseBehavior, days: float | None, webhooks: DeliveryConditions | None
    ) -> None:
        policy = SubscriptionPolicy(pause=PausePolicy(invoices=invoices))
        merchant = ScriptedMerchant(policy=policy, webhooks=webhooks)
        subscription = in_its_month(merchant, days=30.5)
        merchant.pause(subscription, resumes_at=after(merchant, days))
        merchant.pass_time(days=1.5)
        if days is None:
            merchant.resume(subscription)

        merchant.pass_time(days=25)
        assert (merchant.now(subscription).paused, merchant.access(subscription).reason) == (None, AccessReason.PAUSED)
        merchant.pass_time(days=4)

        assert merchant.access(subscription).reason is AccessReason.PAID
        assert held(merchant) == 2 * PRO.amount.minor

    def test_gives_access_where_a_pause_keeps_it(self) -> None:
        merchant = merchant_who(PausePolicy(keeps_access=True))
        subscription = in_its_month(merchant, days=30.5)
        merchant.pause(subscription)
        merchant.pass_time(days=1.5)

        assert merchant.resume(subscription).access.reason is AccessReason.PAID

    def test_gives_access_where_its_invoice_was_voided_by_hand(self, merchant: ScriptedMerchant) -> None:
        subscription = unpaid_renewal(merchant)

        merchant.world.run(merchant.stripe.void_invoice(merchant.invoices(subscription)[-1].id, key="by hand"))
        merchant.pass_time(hours=1)

        assert merchant.access(subscription).reason is AccessReason.PAID


@pytest.mark.parametrize("days", [None, 60])
@pytest.mark.parametrize("webhooks", [DeliveryConditions(), None])
def test_drafts_that_a_pause_has_kept_are_collected_after_it(
    days: float | None, webhooks: DeliveryConditions | None
) -> None:
    """They stayed drafts at Stripe for good, and no one knew of them."""
    policy = SubscriptionPolicy(pause=PausePolicy(invoices=PauseBehavior.KEEP_AS_DRAFT, keeps_access=True))
    merchant = ScriptedMerchant(policy=policy, webhooks=webhooks)
    subscription = in_its_month(merchant, days=5)
    merchant.pause(subscription, resumes_at=after(merchant, days))
    merchant.pass_time(days=60)
    assert len(merchant.invoices(subscription)) == 1
    if days is None:
        merchant.resume(subscription)

    merchant.pass_time(days=1)

    assert [each.status for each in merchant.invoices(subscription)] == [InvoiceStatus.PAID] * 3
    assert held(merchant) == 3 * PRO.amount.minor
