"""Plan changes as they are confirmed: for the amount that was shown, of what can be changed, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from payflows.errors import InvalidState, InvalidSubscription, NotFound, PayflowsError, PortError, StaleConfirmation
from payflows.money import Money
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.plans import Interval, Plan, PlanCatalogue
from payflows.subscriptions.policy import ChangeTiming
from simulations.subscriptions.catalogue import BASIC, BOB, CALLS, NO_FUNDS, PRO, PRO_YEARLY, TEAM
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import changed, held, of_changes, on, unpaid_renewal

LATER = ChangeTiming.AT_PERIOD_END


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


REFUSED: dict[str, tuple[Plan, dict[str, Any], Plan, dict[str, Any], str]] = {
    "another currency": (
        PRO,
        {},
        replace(PRO, id="pro-eur", price_id="price_eur", amount=Money(2_900, "eur")),
        {},
        "cu",
    ),
    "another interval": (PRO, {}, PRO_YEARLY, {}, "billing interval"),
    "another product": (PRO, {}, TEAM, {}, "product"),
    "another price of usage": (
        PRO,
        {},
        replace(PRO, id="pro-api", price_id="price_pro_api", metered=CALLS),
        {},
        "usage",
    ),
    "the same plan": (PRO, {}, PRO, {}, "already"),
    "the same seats": (TEAM, {"seats": 3}, TEAM, {"seats": 3}, "already"),
    "more seats than the plan has": (PRO, {}, BASIC, {"seats": 2}, "seats"),
    "no seats": (TEAM, {"seats": 3}, TEAM, {"seats": 0}, "seats"),
    "dearer, and later": (BASIC, {}, PRO, {"timing": LATER}, "begins now"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_plan_cannot_change_to_is_refused(name: str) -> None:
    """S6: nothing was checked."""
    plan, terms, other, wanted, why = REFUSED[name]
    plans = PlanCatalogue(tuple({each.id: each for each in (PRO, PRO_YEARLY, TEAM, BASIC, other)}.values()))
    merchant = ScriptedMerchant(plans=plans)
    subscription = on(merchant, plan, **terms)
    before = len(merchant.calls)

    with pytest.raises(InvalidSubscription, match=why):
        merchant.preview(subscription, other, **wanted)

    assert (len(merchant.calls), merchant.now(subscription)) == (before, subscription)


def cancelled(merchant: ScriptedMerchant) -> Subscription:
    return merchant.cancel(on(merchant, BASIC))


def incomplete(merchant: ScriptedMerchant) -> Subscription:
    return merchant.subscribe(NO_FUNDS, plan=BASIC)


def paused(merchant: ScriptedMerchant) -> Subscription:
    return merchant.pause(on(merchant, BASIC))


def ending(merchant: ScriptedMerchant) -> Subscription:
    return merchant.cancel(on(merchant, BASIC), at_period_end=True)


@pytest.mark.parametrize("standing", [cancelled, incomplete, paused, ending, unpaid_renewal])
def test_what_must_be_settled_first_is_refused(
    merchant: ScriptedMerchant, standing: Callable[[ScriptedMerchant], Subscription]
) -> None:
    """S6: no status was checked."""
    subscription = standing(merchant)
    other = BASIC if subscription.in_use.plan_id == PRO.id else PRO

    with pytest.raises(InvalidState):
        merchant.preview(subscription, other)


class TestAConfirmation:
    """It stands for what was shown, and for nothing else."""

    def test_is_stale_after_half_an_hour(self, merchant: ScriptedMerchant) -> None:
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)
        merchant.pass_time(minutes=31)

        self.is_stale(merchant, basic, shown, "too old")

    def test_is_stale_once_the_plan_was_changed(self, merchant: ScriptedMerchant) -> None:
        team = on(merchant, TEAM, seats=3)
        shown = merchant.preview(team, TEAM, seats=9)
        changed(merchant, team, TEAM, seats=5)

        self.is_stale(merchant, team, shown, "changed since")

    @pytest.mark.parametrize("wrong", [{"amount_due": Money(1, "usd")}, {"credit": Money(1, "usd")}])
    def test_is_stale_for_another_amount(self, merchant: ScriptedMerchant, wrong: dict[str, Any]) -> None:
        basic = on(merchant, BASIC)

        self.is_stale(merchant, basic, replace(merchant.preview(basic, PRO), **wrong), "another amount")

    def test_is_stale_if_it_is_of_a_time_to_come(self, merchant: ScriptedMerchant) -> None:
        """The later the moment, the cheaper is an upgrade."""
        basic = on(merchant, BASIC)
        later = merchant.world.now() + timedelta(days=10)

        self.is_stale(merchant, basic, replace(merchant.preview(basic, PRO), previewed_at=later), "too old")

    def test_is_of_one_subscription(self, merchant: ScriptedMerchant) -> None:
        basic, bobs = on(merchant, BASIC), merchant.subscribe(plan=BASIC, customer=BOB)

        with pytest.raises(InvalidSubscription, match="of another subscription"):
            merchant.change_plan(bobs, merchant.preview(basic, PRO))

    def test_is_its_customers(self, merchant: ScriptedMerchant) -> None:
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)

        with pytest.raises(NotFound):
            merchant.world.run(merchant.flow.change_plan(BOB, basic.id, confirmed=shown))

    def is_stale(self, merchant: ScriptedMerchant, subscription: Subscription, shown: PlanPreview, why: str) -> None:
        before = merchant.now(subscription)
        with pytest.raises(StaleConfirmation, match=why):
            merchant.change_plan(subscription, shown)
        assert merchant.now(subscription) == before
        assert held(merchant) == sum(each.total.minor for each in merchant.invoices(subscription))


class TestPublicIncidents:
    """One for each thread."""

    def test_a_second_upgrade_credits_the_plan_in_force(self) -> None:
        """antiwork/gumroad#6077: 490.04 of the last charge were credited, not 921.93 of the plan: 431.88 too much."""
        plans = [
            Plan(
                id=f"tier-{tier}",
                product="tiers",
                price_id=f"price_tier_{tier}",
                amount=Money(49_900 * tier, "usd"),
                interval=Interval.YEAR,
            )
            for tier in (1, 2, 3)
        ]
        merchant = ScriptedMerchant(plans=PlanCatalogue(plans))
        subscription = merchant.subscribe(plan=plans[0])

        at(merchant, subscription, seconds=1_989_000)
        first = merchant.preview(subscription, plans[1])
        merchant.change_plan(subscription, first)
        at(merchant, subscription, seconds=2_403_800)
        second = merchant.preview(subscription, plans[2])
        merchant.change_plan(subscription, second)

        credits = [line.amount_minor for shown in (first, second) for line in shown.lines if line.amount_minor < 0]
        assert credits == [-46_753, -92_193]
        assert second.amount_due.minor == pytest.approx(92_193 // 2, abs=1)
        assert held(merchant) == 49_900 + first.amount_due.minor + second.amount_due.minor

    def test_a_preview_that_fails_is_no_preview_of_nothing(self, merchant: ScriptedMerchant) -> None:
        """gitroomhq/postiz-app#1904: the error was swallowed, the page promised 0, and then the card was charged."""
        basic = on(merchant, BASIC)
        merchant.stripe.answer_500_to("preview_change", until=merchant.world.now() + timedelta(hours=1))

        with pytest.raises(PortError):
            merchant.preview(basic, PRO)

    def test_neither_is_one_that_cannot_be_checked(self, merchant: ScriptedMerchant) -> None:
        """gitroomhq/postiz-app#1904: the other half; what cannot be compared is not confirmed."""
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)
        merchant.stripe.answer_500_to("preview_change", until=merchant.world.now() + timedelta(hours=1))

        with pytest.raises(PayflowsError):
            merchant.change_plan(basic, shown)

        merchant.pass_time(hours=2)
        assert (merchant.now(basic).change, held(merchant)) == (None, BASIC.amount.minor)

    def test_an_upgrade_changes_the_one_subscription(self, merchant: ScriptedMerchant) -> None:
        """strelov1/freehire#2740: it opened a second checkout, and two plans ran side by side."""
        basic = on(merchant, BASIC)

        changed(merchant, basic, PRO)

        [there] = merchant.stripe.subscriptions_of(basic.id)
        assert (there.id, there.as_subscription().items) == (basic.stripe_id, PRO.terms(1).items)

    def test_the_price_that_is_confirmed_is_the_one_that_was_shown(self, merchant: ScriptedMerchant) -> None:
        """theopenco/llmgateway#2566: the page showed one price, and another one was confirmed."""
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)
        merchant.pass_time(minutes=29)

        merchant.change_plan(basic, shown)

        assert of_changes(merchant, basic)[0].total == shown.amount_due


def at(merchant: ScriptedMerchant, subscription: Subscription, *, seconds: int) -> None:
    """Let time pass until so much of the first period is over."""
    began: datetime = subscription.period.start if subscription.period is not None else merchant.world.now()
    merchant.pass_time(seconds=seconds - (merchant.world.now() - began).total_seconds())
