"""What is not recorded as usage, or not reported again: in doubt, past the cap, or what cannot be."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from payflows.errors import InvalidState, InvalidSubscription, NotFound, PayflowsError, UsageCapReached
from payflows.money import Money
from payflows.parties import Merchant
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.plans import PlanCatalogue
from payflows.subscriptions.usage import Usage, UsageStatus
from payflows.subscriptions.usage_steps import IN_DOUBT
from simulations.subscriptions.catalogue import ADA, API, BOB, CALLS, MERCHANT, NO_FUNDS, PRO
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import on, usage_at_stripe

S, U = SubscriptionStatus, UsageStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


@pytest.fixture
def api(merchant: ScriptedMerchant) -> Subscription:
    """In the middle of its first month."""
    return on(merchant, API)


class TestInDoubt:
    """Stripe knows an identifier for a day: after that only a person can say whether it was counted."""

    @pytest.fixture
    def doubted(self, merchant: ScriptedMerchant, api: Subscription) -> Usage:
        merchant.stripe.lose_answer_of("report_usage", until=merchant.world.now() + timedelta(hours=25))
        merchant.use(api, 120)
        merchant.pass_time(hours=26)
        return merchant.usage(api)[0]

    def test_it_is_not_reported_again(self, merchant: ScriptedMerchant, api: Subscription, doubted: Usage) -> None:
        asked = [call.started_us for call in merchant.calls if call.method == "report_usage"]

        assert doubted.status is U.RECORDED
        assert doubted.review is not None
        assert doubted.review.reason == IN_DOUBT
        assert (asked[-1] - asked[0]) / 3_600e6 < 23
        assert merchant.events(api).count(EventType.NEEDS_REVIEW) == 1

    def test_what_was_counted_is_left_so(self, merchant: ScriptedMerchant, doubted: Usage) -> None:
        settled = merchant.world.run(merchant.flow.resolve_usage(MERCHANT, doubted.id, was_counted=True))

        assert (settled.status, settled.review, usage_at_stripe(merchant)) == (U.REPORTED, None, [120])

    def test_what_was_not_is_reported(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        merchant.stripe.lose_request_of("report_usage", until=merchant.world.now() + timedelta(hours=25))
        merchant.use(api, 120)
        merchant.pass_time(hours=26)

        settled = merchant.world.run(
            merchant.flow.resolve_usage(MERCHANT, merchant.usage(api)[0].id, was_counted=False)
        )

        assert (settled.status, usage_at_stripe(merchant)) == (U.REPORTED, [120])

    def test_what_is_not_in_doubt_is_not_settled(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        used = merchant.use(api, 120)

        with pytest.raises(InvalidState, match="not in doubt"):
            merchant.world.run(merchant.flow.resolve_usage(MERCHANT, used.id, was_counted=False))

    def test_it_is_its_merchants(self, merchant: ScriptedMerchant, doubted: Usage) -> None:
        with pytest.raises(NotFound):
            merchant.world.run(merchant.flow.resolve_usage(Merchant(id="mer_other"), doubted.id, was_counted=True))


class TestTheCap:
    """A period has no more than its plan allows."""

    def test_is_reached_and_not_passed(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        merchant.use(api, 10_000, usage_id="most")

        with pytest.raises(UsageCapReached, match="10,001 api_calls"):
            merchant.use(api, 1, usage_id="one more")

        assert usage_at_stripe(merchant) == [10_000]

    def test_is_not_passed_by_two_at_one_moment(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        merchant.world.start(refused_at_the_cap(merchant, api, "monday"))
        merchant.world.start(refused_at_the_cap(merchant, api, "tuesday"))
        merchant.pass_time(minutes=5)

        assert usage_at_stripe(merchant) == [6_000]

    def test_is_anew_in_the_next_period(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        merchant.use(api, 10_000, usage_id="all of january")
        merchant.pass_time(days=17)

        assert merchant.use(api, 10_000, usage_id="all of february").status is U.REPORTED

    def test_of_a_period_that_is_over_holds_for_what_comes_late(self, merchant: ScriptedMerchant) -> None:
        """What came after its period counted with that of the sign-up: in the draft hour it was billed past the cap."""
        api = merchant.subscribe(plan=API)
        merchant.pass_time(days=40)
        merchant.use(api, 10_000, usage_id="all of february")
        in_february = merchant.world.now()
        merchant.pass_time(days=19, minutes=10)

        with pytest.raises(UsageCapReached, match="19,000 api_calls"):
            merchant.use(api, 9_000, usage_id="late", used_at=in_february)

    def test_of_one_period_refuses_nothing_of_another(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        """Late usage of February was refused because January was full."""
        merchant.use(api, 10_000, usage_id="all of january")
        merchant.pass_time(days=30)
        in_february = merchant.world.now()
        merchant.use(api, 100, usage_id="some of february")
        merchant.pass_time(days=20)

        assert merchant.use(api, 50, usage_id="late", used_at=in_february).status is U.REPORTED

    def test_of_the_old_plan_holds_until_a_downgrade_takes_effect(self) -> None:
        fewer = replace(CALLS, cap=100)
        small = replace(API, id="api-small", price_id="price_api_small", amount=Money(500, "usd"), metered=fewer)
        merchant = ScriptedMerchant(plans=PlanCatalogue((API, small)))
        api = merchant.subscribe(plan=API)
        merchant.pass_time(days=5)
        merchant.change_plan(api, merchant.preview(api, small))

        assert merchant.use(api, 5_000, usage_id="january").status is U.REPORTED
        merchant.pass_time(days=28)
        with pytest.raises(UsageCapReached):
            merchant.use(api, 101, usage_id="february")


WRONG: dict[str, dict[str, Any]] = {
    "negative": {"quantity": -1},
    "nothing": {"quantity": 0},
    "a bool": {"quantity": True},
    "no number": {"quantity": math.nan},
    "a fraction": {"quantity": 1.5},
    "over 2^53": {"quantity": 2**53 + 1},
    "an unknown metric": {"metric": "tokens"},
    "an empty id": {"usage_id": ""},
    "a naive time": {"used_at": datetime(2026, 1, 10)},
    "a text": {"used_at": ""},
    "in the future": {"used_at": timedelta(minutes=6)},
    "before the sign-up": {"used_at": timedelta(days=-16)},
}


@pytest.mark.parametrize("name", WRONG)
def test_s22_what_cannot_be_is_refused(merchant: ScriptedMerchant, api: Subscription, name: str) -> None:
    """S22: all of it was taken."""
    wrong = {"quantity": 1, **WRONG[name]}
    if isinstance(wrong.get("used_at"), timedelta):
        wrong["used_at"] = merchant.world.now() + wrong["used_at"]

    with pytest.raises(InvalidSubscription):
        merchant.use(api, **wrong)

    assert (merchant.usage(api), usage_at_stripe(merchant)) == ([], [])


def test_s22_what_is_older_than_35_days_is_refused(merchant: ScriptedMerchant, api: Subscription) -> None:
    """Stripe counts it no more."""
    merchant.pass_time(days=40)

    with pytest.raises(InvalidSubscription, match="35 days"):
        merchant.use(api, 1, used_at=merchant.world.now() - timedelta(days=36))


def test_s22_nothing_is_taken_once_it_has_ended(merchant: ScriptedMerchant, api: Subscription) -> None:
    merchant.cancel(api)
    merchant.pass_time(hours=1)

    with pytest.raises(InvalidState, match="takes no usage"):
        merchant.use(api, 1)


def test_s22_nothing_is_taken_before_it_has_begun(merchant: ScriptedMerchant) -> None:
    with pytest.raises(InvalidState, match="takes no usage"):
        merchant.use(merchant.subscribe(NO_FUNDS, plan=API), 1)


def test_nothing_is_metered_by_a_plan_without_it(merchant: ScriptedMerchant) -> None:
    pro = merchant.subscribe(plan=PRO, customer=BOB)

    with pytest.raises(InvalidSubscription, match="meters nothing"):
        merchant.use(pro, 1)
    with pytest.raises(InvalidState, match="nothing is metered"):
        merchant.world.run(merchant.flow.usage(BOB, pro.id))


def test_customers_do_not_report_their_own(merchant: ScriptedMerchant, api: Subscription) -> None:
    with pytest.raises(PayflowsError):
        merchant.world.run(
            merchant.flow.track_usage(ADA, api.id, "usage-1", metric="api_calls", quantity=1)  # type: ignore[arg-type]
        )


async def track(merchant: ScriptedMerchant, subscription: Subscription, usage_id: str, quantity: int) -> Usage:
    return await merchant.flow.track_usage(MERCHANT, subscription.id, usage_id, metric=CALLS.metric, quantity=quantity)


async def refused_at_the_cap(merchant: ScriptedMerchant, subscription: Subscription, usage_id: str) -> None:
    """More than half of what a period may have: one of two is refused."""
    try:
        await track(merchant, subscription, usage_id, 6_000)
    except UsageCapReached:
        return
