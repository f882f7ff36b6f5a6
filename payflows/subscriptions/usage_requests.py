"""Requests about usage: what is recorded, within the cap, before it is reported."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from payflows.checks import aware, instance_of, whole_number
from payflows.errors import (
    AlreadyExists,
    InvalidState,
    InvalidSubscription,
    NotFound,
    UsageCapReached,
    UsageIdReused,
    VersionConflict,
)
from payflows.kernel.changes import Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.parties import check_id
from payflows.subscriptions.billing import FIRST_INVOICE, RENEWAL
from payflows.subscriptions.model import Period, Subscription, SubscriptionStatus
from payflows.subscriptions.plans import MAX_USAGE, Metered
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.usage import TALLIES, USAGE, TallyStatus, Usage, UsageStatus, UsageTally, usage_record_id

OLDEST = timedelta(days=35)
"""How old usage may be that Stripe counts (API reference, "Create a billing meter event")."""

FURTHEST_AHEAD = timedelta(minutes=5)
"""How far in the future it may lie, by clocks that differ."""

_TAKES_USAGE = (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)


class UsageSummary(NamedTuple):
    """How much a subscription has used.

    Attributes:
        metric: of what.
        period: in which period.
        quantity: all that was recorded for it.
        late_quantity: what of it is not billed, for it came after the period's invoice was final.
        cap: how much may be used; None: any amount.
    """

    metric: str
    period: Period
    quantity: int
    late_quantity: int
    cap: int | None


def check_usage(usage_id: str, *, metric: str, quantity: int, used_at: datetime | None) -> None:
    """Raise `InvalidSubscription` for what no plan could meter."""
    check_id("a usage id", usage_id, error=InvalidSubscription)
    instance_of("metric", metric, str, error=InvalidSubscription)
    whole_number("quantity", quantity, least=1, most=MAX_USAGE, error=InvalidSubscription)
    if used_at is not None:
        aware("used_at", used_at, error=InvalidSubscription)


class UsageRequests:
    """Records usage.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context

    async def record(
        self, subscription: Subscription, usage_id: str, *, metric: str, quantity: int, used_at: datetime | None
    ) -> Usage:
        """Store usage once, with the sum of its period; what has this id already is returned.

        Raises:
            InvalidSubscription: a metric that is not metered, a quantity or a time that cannot be.
            InvalidState: the subscription takes no usage.
            UsageIdReused: the id stands for another quantity, metric or time.
            UsageCapReached: the period would have more than its plan allows.
        """
        now = self._context.clock.now()
        wanted = self._usage(subscription, usage_id, metric, quantity, used_at or now)
        try:
            known = await self._context.store.get(USAGE, wanted.id)
        except NotFound:
            metered = self._check(subscription, metric, quantity, wanted.used_at, now)
            known = await self._add(subscription, evolve(wanted, meter=metered.meter), metered)
        return _same(known, wanted, is_dated=used_at is not None)

    async def summary(self, subscription: Subscription) -> UsageSummary:
        """Return what was used in the current period. Raises `InvalidState` where nothing is metered."""
        metered, period = self._metered(subscription), subscription.period
        if metered is None or period is None:
            raise InvalidState("nothing is metered by this subscription's plan, or it has not begun")
        rows = [row for row in await self._context.usage_of(subscription) if row.metric == metered.metric]
        within = [row for row in rows if period.start <= row.used_at < period.end]
        late = sum(row.quantity for row in within if row.is_late)
        return UsageSummary(metered.metric, period, sum(row.quantity for row in within), late, metered.cap)

    def _usage(self, subscription: Subscription, usage_id: str, metric: str, quantity: int, used_at: datetime) -> Usage:
        customer_id = subscription.signup.customer.stripe_customer_id
        assert customer_id is not None, "a subscriber is a customer at Stripe"
        return Usage(
            id=usage_record_id(subscription.id, usage_id),
            status=UsageStatus.RECORDED,
            changed_at=self._context.clock.now(),
            subscription_id=subscription.id,
            merchant_id=subscription.signup.merchant_id,
            stripe_customer_id=customer_id,
            usage_id=usage_id,
            metric=metric,
            meter="",
            quantity=quantity,
            used_at=used_at,
            currency=subscription.billed.total.currency,
        )

    def _check(
        self, subscription: Subscription, metric: str, quantity: int, used_at: datetime, now: datetime
    ) -> Metered:
        metered = self._metered(subscription)
        if metered is None or metric != metered.metric:
            allowed = "nothing" if metered is None else repr(metered.metric)
            raise InvalidSubscription(f"this plan meters {allowed}; what came is another metric")
        if subscription.status not in _TAKES_USAGE:
            raise InvalidState(f"a subscription that is {subscription.status} takes no usage")
        if not max(now - OLDEST, subscription.signup.signed_up_at) <= used_at <= now + FURTHEST_AHEAD:
            raise InvalidSubscription("usage is since the sign-up, at most 35 days old, and not in the future")
        return metered

    def _metered(self, subscription: Subscription) -> Metered | None:
        """Return what is metered by the plan in use: until a downgrade takes effect, the old one."""
        return self._context.plans.plan(subscription.in_use.plan_id).metered

    async def _add(self, subscription: Subscription, usage: Usage, metered: Metered) -> Usage:
        """Store it with the sum of its period, compared and set: two that come concurrently cannot pass the cap."""
        start = await self._period_start(subscription, usage.used_at)
        while True:
            before = await self._tally(subscription, usage, start)
            quantity = usage.quantity + (0 if before is None else before.quantity)
            if metered.cap is not None and quantity > metered.cap:
                raise UsageCapReached(f"{quantity:,} {usage.metric} would be more than the {metered.cap:,} of a period")
            if quantity > MAX_USAGE:
                raise InvalidSubscription(f"a period has at most {MAX_USAGE:,} of anything")
            leased = evolve(usage, lease_until=self._context.seconds_from_now(self._context.policy.lease_seconds))
            try:
                await self._context.store.change(Insert(USAGE, leased), _counted(usage, before, quantity, start))
                return leased
            except (AlreadyExists, VersionConflict):  # the same usage came twice, or other usage of the period did
                with suppress(NotFound):
                    return await self._context.store.get(USAGE, usage.id)

    async def _tally(self, subscription: Subscription, usage: Usage, start: datetime) -> UsageTally | None:
        try:
            return await self._context.store.get(TALLIES, _tally_id(usage, start))
        except NotFound:
            return None

    async def _period_start(self, subscription: Subscription, used_at: datetime) -> datetime:
        """Return when the period began in which it was used; of one that is over its invoice says it."""
        period = subscription.period
        assert period is not None, "it has begun, or nothing could be used"
        if used_at >= period.start:
            return period.start if used_at < period.end else period.end
        rows = await self._context.invoices_of(subscription)
        began = [row.period_start for row in rows if row.billing_reason in (FIRST_INVOICE, RENEWAL)]
        return max((at for at in began if at <= used_at), default=subscription.signup.signed_up_at)


def _counted(usage: Usage, before: UsageTally | None, quantity: int, start: datetime) -> Insert | Replace:
    if before is not None:
        after = evolve(before, quantity=quantity, version=before.version + 1, updated_at=usage.changed_at)
        return Replace(TALLIES, before, after)
    tally = UsageTally(
        id=_tally_id(usage, start),
        status=TallyStatus.COUNTING,
        changed_at=usage.changed_at,
        subscription_id=usage.subscription_id,
        metric=usage.metric,
        period_start=start,
        quantity=quantity,
    )
    return Insert(TALLIES, tally)


def _tally_id(usage: Usage, start: datetime) -> str:
    return f"{usage.subscription_id}:{usage.metric}:{int(start.timestamp())}"


def _same(known: Usage, wanted: Usage, *, is_dated: bool) -> Usage:
    """Return what has this id already. Raises `UsageIdReused` where that is something else."""
    if (known.metric, known.quantity) != (wanted.metric, wanted.quantity):
        raise UsageIdReused(f"usage {wanted.usage_id!r} was recorded with another quantity or metric")
    if is_dated and known.used_at != wanted.used_at:
        raise UsageIdReused(f"usage {wanted.usage_id!r} was recorded for another time")
    return known
