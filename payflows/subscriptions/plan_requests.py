"""Requests for another plan: what it would cost is shown first, and only that amount can be confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from payflows.checks import aware, instance_of, sequence, whole_number
from payflows.errors import InvalidState, InvalidSubscription, StaleConfirmation, VersionConflict
from payflows.money import Money
from payflows.parties import check_id
from payflows.subscriptions.billing import InvoicePreview, InvoiceStatus, ItemsChange, PreviewLine
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.invoice_money import is_kept, left_minor
from payflows.subscriptions.model import Period, Subscription, SubscriptionStatus
from payflows.subscriptions.plans import Plan
from payflows.subscriptions.policy import ChangeTiming
from payflows.subscriptions.signup import Terms
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import PlanChange

_CHANGEABLE = (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPreview:
    """What another plan would cost: shown to the customer, and given back when they confirm it.

    Attributes:
        subscription_id: of which subscription.
        expected_change: how many changes it had by then; an older preview is stale.
        plan_id: to which plan.
        seats: how many.
        timing: when it takes effect.
        amount_due: what is collected now, after the customer's balance was applied.
        credit: what goes to the customer's balance now.
        lines: of which lines both are the sum.
        renewal: what each following period costs.
        previewed_at: the moment at which it is prorated.
        takes_effect_at: from when on it may be used.
    """

    subscription_id: str
    expected_change: int
    plan_id: str
    seats: int
    timing: ChangeTiming
    amount_due: Money
    credit: Money
    lines: tuple[PreviewLine, ...]
    renewal: Money
    previewed_at: datetime
    takes_effect_at: datetime

    def __post_init__(self) -> None:
        for name in ("subscription_id", "plan_id"):
            check_id(name, getattr(self, name), error=InvalidSubscription)
        whole_number("expected_change", self.expected_change, error=InvalidSubscription)
        whole_number("seats", self.seats, least=1, error=InvalidSubscription)
        instance_of("timing", self.timing, ChangeTiming, error=InvalidSubscription)
        for name in ("amount_due", "credit", "renewal"):
            instance_of(name, getattr(self, name), Money, error=InvalidSubscription)
        sequence("lines", self.lines, error=InvalidSubscription)
        for line in self.lines:
            instance_of("a line", line, PreviewLine, error=InvalidSubscription)
        for name in ("previewed_at", "takes_effect_at"):
            aware(name, getattr(self, name), error=InvalidSubscription)


class PlanRequests:
    """Previews plan changes, and stores those that are confirmed.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._subscriptions = context.subscriptions

    async def preview(
        self, subscription: Subscription, *, plan_id: str, seats: int | None, timing: ChangeTiming | None
    ) -> PlanPreview:
        """Read what a change would cost now.

        Raises:
            InvalidSubscription: a plan that this subscription cannot change to, or as many seats.
            InvalidState: it cannot change its plan as it stands.
        """
        to = self._terms(subscription, plan_id, subscription.in_use.seats if seats is None else seats)
        return await self._preview(subscription, to, self._timing(subscription, to, timing), self._context.clock.now())

    async def change(self, subscription: Subscription, confirmed: PlanPreview) -> Subscription:
        """Store that a previewed change is wanted; the same confirmation twice is one.

        Raises:
            StaleConfirmation: what was confirmed is not what it would cost now.
            InvalidSubscription: a preview of another subscription.
            InvalidState: it cannot change its plan as it stands.
        """
        if confirmed.subscription_id != subscription.id:
            raise InvalidSubscription("the confirmed preview is of another subscription")
        while subscription.changes != confirmed.expected_change + 1 or not self._is_same(subscription, confirmed):
            self._check_fresh(subscription, confirmed)
            to = self._terms(subscription, confirmed.plan_id, confirmed.seats)
            timing = self._timing(subscription, to, confirmed.timing)
            now_costs = await self._preview(subscription, to, timing, confirmed.previewed_at)
            if (now_costs.amount_due, now_costs.credit) != (confirmed.amount_due, confirmed.credit):
                raise StaleConfirmation("it costs another amount by now: show the new preview, and confirm that")
            change = self._wanted(subscription, to, timing, confirmed.previewed_at)
            try:
                return await self._subscriptions.request(subscription, change=change, changes=change.number)
            except VersionConflict:
                subscription = await self._subscriptions.get(subscription.id)
        return subscription

    async def take_back(self, subscription: Subscription) -> Subscription:
        """Store that a change which has not taken effect is wanted no more. Raises `InvalidState` where none waits."""
        while True:
            change, kept = subscription.change, subscription.kept
            if change is not None and (change.takes_back or change.is_withdrawn):
                return subscription
            try:
                if change is not None:
                    return await self._withdraw(subscription, change)
                if kept is None or not subscription.status.is_live:
                    raise InvalidState("no plan change waits that could be taken back")
                number = subscription.changes + 1
                back = PlanChange(number, kept.terms, kept.terms, ChangeTiming.NOW, takes_back=True)
                return await self._subscriptions.request(subscription, change=back, changes=number)
            except VersionConflict:
                subscription = await self._subscriptions.get(subscription.id)

    async def _withdraw(self, subscription: Subscription, change: PlanChange) -> Subscription:
        """Store that a change which waits for its payment is wanted no more."""
        if change.invoice_id is None:
            raise InvalidState("the change is under way: see how it comes out")
        return await self._subscriptions.request(subscription, change=change._replace(is_withdrawn=True))

    def _check_fresh(self, subscription: Subscription, confirmed: PlanPreview) -> None:
        now, lasts = self._context.clock.now(), timedelta(seconds=self._context.policy.preview_lasts_seconds)
        if subscription.changes != confirmed.expected_change:
            raise StaleConfirmation("the plan was changed since this preview: show a new one, and confirm that")
        if not now - lasts <= confirmed.previewed_at <= now:
            raise StaleConfirmation("the preview is too old: show a new one, and confirm that")

    def _is_same(self, subscription: Subscription, confirmed: PlanPreview) -> bool:
        """Whether the newest change is the one that is confirmed."""
        change = subscription.change
        newest = subscription.billed if change is None else change.then or change.to
        return (newest.plan_id, newest.seats) == (confirmed.plan_id, confirmed.seats) or (
            change is not None and (change.to.plan_id, change.to.seats) == (confirmed.plan_id, confirmed.seats)
        )

    def _terms(self, subscription: Subscription, plan_id: str, seats: int) -> Terms:
        """Return the terms that are asked for, which this subscription can change to."""
        plan, old = self._context.plans.plan(plan_id), self._context.plans.plan(subscription.in_use.plan_id)
        whole_number("seats", seats, least=1, most=plan.max_seats, error=InvalidSubscription)
        _check_changeable(subscription)
        for what, of_old, of_new in _that_must_stay(old, plan):
            if of_old != of_new:
                raise InvalidSubscription(f"a plan change keeps its {what}: {of_old}, not {of_new}; sign up anew")
        to = plan.terms(seats)
        if to.items in (subscription.in_use.items, subscription.billed.items):
            scheduled = "" if to.items == subscription.in_use.items else ", from the next period on"
            raise InvalidSubscription(f"the subscription has {seats} of plan {plan_id!r} already{scheduled}")
        return to

    def _timing(self, subscription: Subscription, to: Terms, asked: ChangeTiming | None) -> ChangeTiming:
        """Return when a change takes effect: a dearer plan always now."""
        if to.total > subscription.in_use.total or subscription.status is SubscriptionStatus.TRIALING:
            if asked is ChangeTiming.AT_PERIOD_END:
                raise InvalidSubscription("a dearer plan, or one in a trial, begins now, not at the period's end")
            return ChangeTiming.NOW
        return asked or self._context.policy.downgrade

    def _wanted(
        self, subscription: Subscription, to: Terms, timing: ChangeTiming, previewed_at: datetime
    ) -> PlanChange:
        """Return the change. Seats of the old plan keep the downgrade that is scheduled, for as many seats."""
        number, before = subscription.changes + 1, subscription.in_use
        if timing is ChangeTiming.AT_PERIOD_END:
            return PlanChange(number, to, before, timing)
        then = None
        if subscription.kept is not None and to.plan_id == before.plan_id:
            scheduled = self._context.plans.plan(subscription.billed.plan_id)
            then = scheduled.terms(min(to.seats, scheduled.max_seats))
        return PlanChange(number, to, before, timing, proration_at=previewed_at, then=then)

    async def _preview(
        self, subscription: Subscription, to: Terms, timing: ChangeTiming, previewed_at: datetime
    ) -> PlanPreview:
        period, nothing = subscription.period, Money(0, to.total.currency)
        assert period is not None, "it is live"
        is_now = timing is ChangeTiming.NOW
        cost = await self._cost(subscription, to, previewed_at) if is_now else InvoicePreview(0, nothing, ())
        if cost.total_minor < 0:
            _check_left(await self._context.invoices_of(subscription), period, -cost.total_minor)
        return PlanPreview(
            subscription_id=subscription.id,
            expected_change=subscription.changes,
            plan_id=to.plan_id,
            seats=to.seats,
            timing=timing,
            amount_due=cost.amount_due,
            credit=Money(max(0, -cost.total_minor), to.total.currency),
            lines=cost.lines,
            renewal=to.total,
            previewed_at=previewed_at,
            takes_effect_at=previewed_at if is_now else period.end,
        )

    async def _cost(self, subscription: Subscription, to: Terms, previewed_at: datetime) -> InvoicePreview:
        """Ask Stripe, by the same parameters as the change; an error is no zero."""
        seen, billing = await self._context.read(subscription), self._context.billing
        wanted = ItemsChange(seen.item_id, seen.metered_item_id, to.items)
        return await self._context.calls.call(
            lambda: billing.preview_change(seen.id, change=wanted, proration_at=previewed_at)
        )


def _check_changeable(subscription: Subscription) -> None:
    """Raise `InvalidState` unless the plan can be changed as the subscription stands."""
    if subscription.status not in _CHANGEABLE or subscription.cancellation is not None:
        raise InvalidState(f"a subscription that is {subscription.status} cannot change its plan; settle it first")
    if subscription.cancel_at is not None or subscription.end_wanted:
        raise InvalidState("the subscription ends with its period; keep it first, then change its plan")
    if subscription.paused is not None or subscription.pause_wanted is not None:
        raise InvalidState("the subscription is paused; resume it first, then change its plan")
    if subscription.change is not None:
        raise InvalidState("another plan change is under way, or waits for its payment; take it back first")


def _check_left(invoices: Sequence[Invoice], period: Period, credit_minor: int) -> None:
    """Raise `InvalidState` where money went back that Stripe takes for paid, and would credit once more."""
    if all(is_kept(each) for each in invoices if each.status is InvoiceStatus.PAID and each.period_end > period.start):
        return
    if credit_minor > left_minor(invoices, period):
        raise InvalidState("what was paid for this period went back: a cheaper plan can begin at its end, and not now")


def _that_must_stay(old: Plan, new: Plan) -> tuple[tuple[str, str, str], ...]:
    """Return what a change keeps, as it is and as it would be.

    Other intervals would need a schedule of phases. With another price of usage, what was used until then would be on
    the invoice of the change, and lost to both with a change that is not paid.
    """
    return (
        ("usage price", _usage_price(old), _usage_price(new)),
        ("product", old.product, new.product),
        ("currency", old.amount.currency, new.amount.currency),
        ("billing interval", old.interval.value, new.interval.value),
    )


def _usage_price(plan: Plan) -> str:
    return "none" if plan.metered is None else plan.metered.price_id
