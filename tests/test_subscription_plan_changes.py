"""Plan changes: shown, confirmed for the amount that was shown, and stored once Stripe bills them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.errors import InvalidState
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.messages import EventType, MailKind
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import CancelPolicy, ChangeTiming, UnusedTime
from simulations.subscriptions.catalogue import BASIC, MASTERCARD, PRO, TEAM, TEAM_LITE
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import changed, half, held, of_changes, on

S = SubscriptionStatus
NOW, LATER = ChangeTiming.NOW, ChangeTiming.AT_PERIOD_END


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


class TestAnUpgrade:
    """A dearer plan begins now, and the rest of the period is paid for."""

    def test_costs_what_was_shown_and_is_announced(self, merchant: ScriptedMerchant) -> None:
        basic = on(merchant, BASIC)

        shown = merchant.preview(basic, PRO)
        pro = merchant.change_plan(basic, shown)
        merchant.pass_time(minutes=1)

        assert (pro.in_use.plan_id, pro.change, pro.status) == (PRO.id, None, S.ACTIVE)
        assert shown.amount_due.minor == pytest.approx(half(PRO) - half(BASIC), abs=1)
        assert shown.amount_due.minor == sum(line.amount_minor for line in shown.lines)
        [invoice] = of_changes(merchant, basic)
        assert (invoice.status, invoice.total) == (InvoiceStatus.PAID, shown.amount_due)
        assert merchant.events(basic).count(EventType.PLAN_CHANGED) == 1
        assert merchant.mails(basic).count(MailKind.PLAN_CHANGED) == 1

    def test_is_billed_in_whole_from_the_next_month_on(self, merchant: ScriptedMerchant) -> None:
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)
        merchant.change_plan(basic, shown)

        merchant.pass_time(days=20)

        assert merchant.invoices(basic)[-1].total == PRO.amount == shown.renewal

    @pytest.mark.parametrize("lost", ["lose_answer_of", "lose_request_of", "answer_500_to"])
    def test_s6_is_stored_once_it_is_billed_and_charged_once(self, merchant: ScriptedMerchant, lost: str) -> None:
        """S6: what was billed and what was stored differed after a lost answer."""
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)
        getattr(merchant.stripe, lost)("change_items")

        merchant.change_plan(basic, shown)
        merchant.pass_time(hours=1)

        stripes = merchant.stripe.subscription(basic.stripe_id or "").as_subscription()
        assert merchant.now(basic).billed.items == stripes.items == PRO.terms(1).items
        assert held(merchant) == BASIC.amount.minor + shown.amount_due.minor

    def test_the_old_plan_holds_until_stripe_has_been_asked(self, merchant: ScriptedMerchant) -> None:
        """S6: our row was to change only after Stripe's."""
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)
        merchant.stripe.lose_request_of("change_items", until=merchant.world.now() + timedelta(minutes=10))

        pending = merchant.change_plan(basic, shown)

        assert (pending.in_use.plan_id, pending.change is not None) == (BASIC.id, True)
        merchant.pass_time(minutes=20)
        assert merchant.now(basic).in_use.plan_id == PRO.id

    def test_the_same_confirmation_twice_is_one(self, merchant: ScriptedMerchant) -> None:
        basic = on(merchant, BASIC)
        shown = merchant.preview(basic, PRO)

        once = merchant.change_plan(basic, shown)

        assert merchant.change_plan(basic, shown) == once
        assert len(of_changes(merchant, basic)) == 1

    def test_more_seats_are_one_too(self, merchant: ScriptedMerchant) -> None:
        team = on(merchant, TEAM, seats=3)

        more = changed(merchant, team, TEAM, seats=5)

        assert (more.in_use.seats, more.change) == (5, None)
        assert of_changes(merchant, team)[0].total.minor == pytest.approx(2 * half(TEAM), abs=1)

    def test_in_a_trial_costs_nothing_now(self, merchant: ScriptedMerchant) -> None:
        trial = merchant.subscribe(plan=BASIC, trial_days=30)
        shown = merchant.preview(trial, PRO)

        pro = merchant.change_plan(trial, shown)

        assert (pro.status, pro.in_use.plan_id, shown.amount_due.minor) == (S.TRIALING, PRO.id, 0)
        assert merchant.stripe.movements == []


class TestAnUpgradeThatIsNotPaid:
    """S6: a failed invoice of an upgrade was ignored. The old plan goes on, and nothing is dunned."""

    @pytest.fixture
    def waiting(self, merchant: ScriptedMerchant) -> Subscription:
        basic = on(merchant, BASIC)
        merchant.card_runs_empty(basic)
        return changed(merchant, basic, PRO)

    def test_leaves_the_old_plan_and_its_access(self, merchant: ScriptedMerchant, waiting: Subscription) -> None:
        assert waiting.change is not None
        assert waiting.change.is_waiting
        assert (waiting.status, waiting.in_use.plan_id) == (S.ACTIVE, BASIC.id)
        assert (waiting.access.is_granted, waiting.access.until, waiting.unpaid_since) == (True, None, None)

    def test_is_dropped_after_a_day_and_said_so(self, merchant: ScriptedMerchant, waiting: Subscription) -> None:
        merchant.pass_time(days=2)

        now = merchant.now(waiting)
        assert (now.change, now.in_use.plan_id, now.status) == (None, BASIC.id, S.ACTIVE)
        assert of_changes(merchant, waiting)[0].status is InvoiceStatus.VOID
        assert merchant.mails(waiting).count(MailKind.PLAN_CHANGE_FAILED) == 1
        assert held(merchant) == BASIC.amount.minor

    def test_is_made_once_another_card_pays(self, merchant: ScriptedMerchant, waiting: Subscription) -> None:
        merchant.update_card(waiting, MASTERCARD)
        merchant.pass_time(hours=1)

        assert merchant.now(waiting).in_use.plan_id == PRO.id
        assert of_changes(merchant, waiting)[0].status is InvoiceStatus.PAID

    def test_can_be_taken_back(self, merchant: ScriptedMerchant, waiting: Subscription) -> None:
        merchant.keep_plan(waiting)
        merchant.pass_time(minutes=5)

        now = merchant.now(waiting)
        assert (now.change, now.in_use.plan_id) == (None, BASIC.id)
        assert of_changes(merchant, waiting)[0].status is InvoiceStatus.VOID
        assert merchant.mails(waiting).count(MailKind.PLAN_CHANGE_WITHDRAWN) == 1

    def test_allows_no_other_change_meanwhile(self, merchant: ScriptedMerchant, waiting: Subscription) -> None:
        with pytest.raises(InvalidState, match="take it back first"):
            merchant.preview(waiting, PRO)

    def test_is_never_collected_once_its_customer_has_left(
        self, merchant: ScriptedMerchant, waiting: Subscription
    ) -> None:
        merchant.cancel(waiting)
        merchant.pass_time(days=2)

        assert merchant.now(waiting).status is S.CANCELLED
        assert of_changes(merchant, waiting)[0].status is InvoiceStatus.VOID
        assert held(merchant) == BASIC.amount.minor


class TestADowngradeAtThePeriodsEnd:
    """The usual one: the old plan was paid for, and may be used until then."""

    @pytest.fixture
    def scheduled(self, merchant: ScriptedMerchant) -> Subscription:
        return changed(merchant, on(merchant, PRO), BASIC)

    def test_costs_and_credits_nothing_now(self, merchant: ScriptedMerchant) -> None:
        pro = on(merchant, PRO)

        shown = merchant.preview(pro, BASIC)

        assert pro.period is not None
        assert (shown.amount_due.minor, shown.credit.minor, shown.timing) == (0, 0, LATER)
        assert shown.takes_effect_at == pro.period.end
        assert of_changes(merchant, merchant.change_plan(pro, shown)) == []

    def test_the_old_plan_may_be_used_until_then(self, merchant: ScriptedMerchant, scheduled: Subscription) -> None:
        assert (scheduled.in_use.plan_id, scheduled.billed.plan_id) == (PRO.id, BASIC.id)
        merchant.pass_time(days=15)
        assert merchant.now(scheduled).in_use.plan_id == PRO.id
        merchant.pass_time(days=2)
        assert merchant.now(scheduled).in_use.plan_id == BASIC.id
        assert merchant.invoices(scheduled)[-1].total == BASIC.amount

    def test_its_customer_hears_of_it_twice(self, merchant: ScriptedMerchant, scheduled: Subscription) -> None:
        assert merchant.mails(scheduled).count(MailKind.PLAN_CHANGE_SCHEDULED) == 1
        assert MailKind.PLAN_CHANGED not in merchant.mails(scheduled)
        merchant.pass_time(days=17)
        assert merchant.mails(scheduled).count(MailKind.PLAN_CHANGED) == 1

    def test_can_be_taken_back(self, merchant: ScriptedMerchant, scheduled: Subscription) -> None:
        kept = merchant.keep_plan(scheduled)
        merchant.pass_time(days=17)

        assert (kept.in_use.plan_id, kept.billed.plan_id, kept.kept) == (PRO.id, PRO.id, None)
        assert merchant.mails(scheduled).count(MailKind.PLAN_CHANGE_WITHDRAWN) == 1
        assert merchant.invoices(scheduled)[-1].total == PRO.amount

    def test_what_never_waited_cannot_be_taken_back(self, merchant: ScriptedMerchant) -> None:
        with pytest.raises(InvalidState, match="no plan change waits"):
            merchant.keep_plan(on(merchant, PRO))

    def test_seats_in_between_are_those_of_the_old_plan(self, merchant: ScriptedMerchant) -> None:
        scheduled = changed(merchant, on(merchant, TEAM, seats=3), TEAM_LITE)

        more = changed(merchant, scheduled, TEAM, seats=5)

        assert (more.in_use.plan_id, more.in_use.seats) == (TEAM.id, 5)
        assert of_changes(merchant, scheduled)[0].total.minor == pytest.approx(2 * half(TEAM), abs=1)
        merchant.pass_time(days=17)
        assert (merchant.now(scheduled).in_use.plan_id, merchant.now(scheduled).in_use.seats) == (TEAM_LITE.id, 5)
        assert merchant.invoices(scheduled)[-1].total == TEAM_LITE.total(5)


class TestADowngradeNow:
    """What was paid for and is not used goes to the customer's balance."""

    def test_credits_what_was_shown(self, merchant: ScriptedMerchant) -> None:
        pro = on(merchant, PRO)

        shown = merchant.preview(pro, BASIC, timing=NOW)
        basic = merchant.change_plan(pro, shown)
        merchant.pass_time(days=17)

        assert (basic.in_use.plan_id, basic.kept) == (BASIC.id, None)
        assert shown.credit.minor == pytest.approx(half(PRO) - half(BASIC), abs=1)
        renewal = merchant.invoices(pro)[-1]
        assert renewal.total == BASIC.amount
        assert held(merchant) == PRO.amount.minor + max(0, BASIC.amount.minor - shown.credit.minor)

    def test_what_it_has_credited_is_not_refunded_as_unused_time(self, merchant: ScriptedMerchant) -> None:
        """The rest of the dearer plan, less the credit, is the rest of the cheaper one."""
        pro = on(merchant, PRO)
        changed(merchant, pro, BASIC, timing=NOW)

        merchant.cancel(pro, policy=CancelPolicy(unused_time=UnusedTime.REFUND))
        merchant.pass_time(hours=1)

        refunded = sum(each.credited_minor for each in merchant.invoices(pro))
        assert refunded == pytest.approx(half(BASIC), abs=2)
        assert held(merchant) == PRO.amount.minor - refunded

    def test_up_and_down_again_at_one_moment_is_nothing(self, merchant: ScriptedMerchant) -> None:
        basic = on(merchant, BASIC)

        up = merchant.preview(basic, PRO)
        down = merchant.preview(merchant.change_plan(basic, up), BASIC, timing=NOW)

        assert down.credit.minor == pytest.approx(up.amount_due.minor, abs=1)
