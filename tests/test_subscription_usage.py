"""Usage: recorded once by the caller's id, reported once by ours, billed once, and never past the plan's cap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from payflows.errors import UsageIdReused
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.usage import Usage, UsageStatus, usage_record_id
from simulations.subscriptions.catalogue import ADA, API, CALLS, CENTS_A_CALL, MERCHANT
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import held, on, usage_at_stripe

S, U = SubscriptionStatus, UsageStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


@pytest.fixture
def api(merchant: ScriptedMerchant) -> Subscription:
    """In the middle of its first month."""
    return on(merchant, API)


def pay_for(quantity: int) -> int:
    return API.amount.minor + CENTS_A_CALL * quantity


class TestUsage:
    """What is used is on the next renewal, and on no other invoice."""

    def test_s4_is_reported_by_the_customer_and_billed(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        """S4: an item's id was missing, so that nothing was ever billed."""
        used = merchant.use(api, 120)
        merchant.pass_time(days=17)

        assert used.status is U.REPORTED
        assert merchant.invoices(api)[-1].total.minor == pay_for(120)
        assert held(merchant) == API.amount.minor + pay_for(120)

    def test_s5_is_a_meter_event_with_our_id_as_its_identifier(
        self, merchant: ScriptedMerchant, api: Subscription
    ) -> None:
        """S5: Stripe has had no usage records of items since the basil versions."""
        used = merchant.use(api, 120)

        [record] = merchant.stripe.usage_of(ADA.stripe_customer_id or "", CALLS.meter)
        assert (record.usage.id, record.usage.quantity) == (used.id, 120)

    def test_s23_is_of_the_time_at_which_it_was_used(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        """S23: a naive time was read as local, and usage landed in another period."""
        used_at = merchant.world.now() - timedelta(days=3)

        used = merchant.use(api, 120, used_at=used_at)

        [record] = merchant.stripe.usage_of(ADA.stripe_customer_id or "", CALLS.meter)
        assert (used.used_at, record.usage.used_at) == (used_at, int(used_at.timestamp()))

    def test_of_the_last_hour_of_a_period_is_billed_with_it(
        self, merchant: ScriptedMerchant, api: Subscription
    ) -> None:
        assert api.period is not None
        merchant.pass_time(seconds=(api.period.end - merchant.world.now()).total_seconds() + 600)

        used = merchant.use(api, 120, used_at=api.period.end - timedelta(minutes=5))
        merchant.pass_time(days=1)

        assert (used.is_late, merchant.invoices(api)[-1].total.minor) == (False, pay_for(120))

    def test_that_comes_after_the_invoice_is_final_is_known_not_to_be_billed(
        self, merchant: ScriptedMerchant, api: Subscription
    ) -> None:
        merchant.pass_time(days=17)
        before = held(merchant)

        used = merchant.use(api, 120, used_at=merchant.world.now() - timedelta(days=4))
        merchant.pass_time(days=31)

        assert (used.status, used.is_late) == (U.REPORTED, True)
        assert EventType.USAGE_LATE in merchant.events(api)
        assert held(merchant) == before + API.amount.minor

    def test_is_summed_up(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        merchant.use(api, 120, usage_id="monday")
        merchant.use(api, 30, usage_id="tuesday")

        summary = merchant.world.run(merchant.flow.usage(ADA, api.id))

        assert (summary.metric, summary.quantity, summary.late_quantity, summary.cap) == ("api_calls", 150, 0, 10_000)
        assert summary.period == api.period

    def test_until_the_end_is_on_a_last_invoice(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        merchant.use(api, 120)

        merchant.cancel(api)
        merchant.pass_time(hours=2)

        last = merchant.invoices(api)[-1]
        assert (merchant.now(api).status, last.status, last.total.minor) == (S.CANCELLED, InvoiceStatus.PAID, 240)

    def test_that_is_not_reported_yet_is_waited_for_by_the_end(
        self, merchant: ScriptedMerchant, api: Subscription
    ) -> None:
        merchant.stripe.lose_request_of("report_usage", until=merchant.world.now() + timedelta(minutes=20))
        pending = merchant.use(api, 120)

        ending = merchant.cancel(api)
        merchant.pass_time(hours=2)

        assert (pending.status, ending.status) == (U.RECORDED, S.CANCELLING)
        assert (merchant.now(api).status, merchant.invoices(api)[-1].total.minor) == (S.CANCELLED, 240)


class TestOnce:
    """S21: a repeat doubled what was stored, or what was billed."""

    def test_the_same_id_twice_is_one(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        once = merchant.use(api, 120)

        assert merchant.use(api, 120) == once
        assert usage_at_stripe(merchant) == [120]

    def test_the_same_id_is_one_for_ever(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        """Stripe knows an identifier for a day only."""
        once = merchant.use(api, 120)
        merchant.pass_time(days=10)

        assert merchant.use(api, 120).id == once.id
        assert usage_at_stripe(merchant) == [120]

    @pytest.mark.parametrize("other", [{"quantity": 121}, {"metric": "tokens"}, {"used_at": -1}])
    def test_the_same_id_for_something_else_is_a_conflict(
        self, merchant: ScriptedMerchant, api: Subscription, other: dict[str, Any]
    ) -> None:
        merchant.use(api, 120)
        if "used_at" in other:
            other = {"used_at": merchant.world.now() - timedelta(hours=1)}

        with pytest.raises(UsageIdReused):
            merchant.use(api, **{"quantity": 120, **other})

        assert usage_at_stripe(merchant) == [120]

    @pytest.mark.parametrize("lost", ["lose_answer_of", "lose_request_of", "answer_500_to"])
    def test_whatever_is_lost_it_is_counted_once(
        self, merchant: ScriptedMerchant, api: Subscription, lost: str
    ) -> None:
        """langfuse/langfuse#15917: a job was repeated, and billed the usage twice."""
        getattr(merchant.stripe, lost)("report_usage")

        merchant.use(api, 120)
        merchant.pass_time(hours=1)

        assert [each.status for each in merchant.usage(api)] == [U.REPORTED]
        assert usage_at_stripe(merchant) == [120]

    def test_what_exists_already_is_delivered(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        """langfuse/langfuse#16292: with an identifier, the job stood still at "exists already"."""
        merchant.stripe.lose_answer_of("report_usage", until=merchant.world.now() + timedelta(hours=3))
        pending = merchant.use(api, 120)
        assert pending.status is U.RECORDED

        merchant.pass_time(hours=4)

        assert [each.status for each in merchant.usage(api)] == [U.REPORTED]
        assert usage_at_stripe(merchant) == [120]

    def test_a_process_that_dies_before_it_notes_that_reports_once(
        self, merchant: ScriptedMerchant, api: Subscription
    ) -> None:
        """diggerhq/opencomputer#276: without identifiers, a crash before the bookmark billed the hour again."""
        at, customer_id = merchant.world.now(), ADA.stripe_customer_id or ""
        died = merchant.stripe.report_usage(
            usage_record_id(api.id, "monday"),
            stripe_customer_id=customer_id,
            meter=CALLS.meter,
            quantity=120,
            used_at=at,
            key="of the process that died",
        )
        merchant.world.run(died)

        merchant.use(api, 120, usage_id="monday")

        assert [each.status for each in merchant.usage(api)] == [U.REPORTED]
        assert usage_at_stripe(merchant) == [120]

    def test_one_that_fails_has_no_other_sent_again(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        """major7apps/pensyve#94: one group failed, and the whole batch was sent again."""
        merchant.use(api, 1, usage_id="monday")
        merchant.stripe.lose_request_of("report_usage", until=merchant.world.now() + timedelta(minutes=30))
        merchant.use(api, 2, usage_id="tuesday")
        merchant.pass_time(hours=1)
        merchant.use(api, 3, usage_id="wednesday")

        asked = [call.args[0] for call in merchant.calls if call.method == "report_usage"]
        ids = [each.id for each in merchant.usage(api)]
        assert (asked.count(ids[0]), asked.count(ids[2]), sorted(usage_at_stripe(merchant))) == (1, 1, [1, 2, 3])

    def test_concurrent_reports_of_one_use_are_one(self, merchant: ScriptedMerchant, api: Subscription) -> None:
        for _ in range(3):
            merchant.world.start(track(merchant, api, "monday", 120))
        merchant.pass_time(minutes=5)

        assert (usage_at_stripe(merchant), len(merchant.usage(api))) == ([120], 1)


async def track(merchant: ScriptedMerchant, subscription: Subscription, usage_id: str, quantity: int) -> Usage:
    return await merchant.flow.track_usage(MERCHANT, subscription.id, usage_id, metric=CALLS.metric, quantity=quantity)
