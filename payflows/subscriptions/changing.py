"""Subscriptions that change while they live: another plan or other seats, a pause, and what is used besides."""

from __future__ import annotations

from datetime import datetime

from payflows.checks import aware, instance_of, whole_number
from payflows.clock import whole_second_from
from payflows.errors import InvalidSubscription
from payflows.parties import Actor, Merchant
from payflows.subscriptions.followed import FollowedSubscriptions
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.policy import ChangeTiming
from payflows.subscriptions.usage import Usage
from payflows.subscriptions.usage_requests import check_usage


class ChangingSubscriptions(FollowedSubscriptions):
    """Changes the plan as it was previewed, pauses and resumes, and records usage."""

    async def preview_plan_change(
        self,
        actor: Actor,
        subscription_id: str,
        *,
        plan_id: str,
        seats: int | None = None,
        timing: ChangeTiming | None = None,
    ) -> PlanPreview:
        """Show what another plan, or another number of seats, would cost now; nothing is changed.

        Args:
            actor: whose subscription it is.
            subscription_id: which.
            plan_id: a plan of the same product, currency, billing interval and price of usage.
            seats: how many; None: as many as now.
            timing: when a cheaper plan begins; None: as usual here. A dearer one always begins now.

        Raises:
            InvalidSubscription: a plan that the subscription cannot change to, or has already.
            NotFound: not theirs.
            InvalidState: it cannot change its plan as it stands.
        """
        instance_of("plan_id", plan_id, str, error=InvalidSubscription)
        instance_of("timing", timing, ChangeTiming, None, error=InvalidSubscription)
        if seats is not None:
            whole_number("seats", seats, least=1, error=InvalidSubscription)
        subscription = await self._requests.subscription_of(actor, subscription_id)
        return await self._plan_requests.preview(subscription, plan_id=plan_id, seats=seats, timing=timing)

    async def change_plan(self, actor: Actor, subscription_id: str, *, confirmed: PlanPreview) -> Subscription:
        """Change the plan as previewed, for the amount that was shown; the same confirmation twice is one.

        Returns:
            The subscription as it rests. While `change` is set, the change is under way, or waits for its payment: the
            old plan holds until then, and for good where it is not paid within 23 hours.

        Raises:
            InvalidSubscription: not a preview of this subscription.
            NotFound: not theirs.
            InvalidState: it cannot change its plan as it stands.
            StaleConfirmation: the amount, or the plan, is not what was shown any more.
        """
        instance_of("confirmed", confirmed, PlanPreview, error=InvalidSubscription)
        subscription = await self._requests.subscription_of(actor, subscription_id)
        return await self._engine.advance(await self._plan_requests.change(subscription, confirmed))

    async def keep_plan(self, actor: Actor, subscription_id: str) -> Subscription:
        """Take back a plan change that waits: for the period's end, or for its payment.

        Raises:
            NotFound: not theirs.
            InvalidState: none waits.
        """
        subscription = await self._plan_requests.take_back(await self._requests.subscription_of(actor, subscription_id))
        return await self._engine.advance(subscription)

    async def pause_subscription(
        self, actor: Actor, subscription_id: str, *, resumes_at: datetime | None = None
    ) -> Subscription:
        """Pause a subscription by the means of the policy.

        Args:
            actor: whose it is.
            subscription_id: which.
            resumes_at: when it resumes by itself, at the next whole second; None: once `resume_subscription` is asked
                for.

        Raises:
            InvalidSubscription: a time that is not in the future, or that the means of the policy do not know.
            NotFound: not theirs.
            InvalidState: it is not active.
        """
        if resumes_at is not None:
            aware("resumes_at", resumes_at, error=InvalidSubscription)
            resumes_at = whole_second_from(resumes_at)
        subscription = await self._requests.subscription_of(actor, subscription_id)
        return await self._engine.advance(await self._pause_requests.pause(subscription, resumes_at))

    async def resume_subscription(self, actor: Actor, subscription_id: str) -> Subscription:
        """Go on with a subscription that is paused, also by the end of a trial without a card.

        Where a pause of the collection has voided the current period's invoice, access begins with the next period.

        Raises:
            NotFound: not theirs.
            InvalidState: it is not paused, or has no card to go on with.
        """
        subscription = await self._requests.subscription_of(actor, subscription_id)
        return await self._engine.advance(await self._pause_requests.resume(subscription))

    async def track_usage(
        self,
        merchant: Merchant,
        subscription_id: str,
        usage_id: str,
        *,
        metric: str,
        quantity: int,
        used_at: datetime | None = None,
    ) -> Usage:
        """Record what was used, once per usage id, and report it to Stripe, which bills it after the period.

        Args:
            merchant: who sells; customers do not report their own use.
            subscription_id: whose use it is.
            usage_id: the caller's own id of this use: again with the same content, it is the same one.
            metric: what was used, as the plan names it.
            quantity: how much, in whole units.
            used_at: when; up to 35 days ago. None: now.

        Returns:
            The record. `recorded` means *pending*: it goes on by itself. One that `is_late` is not billed.

        Raises:
            InvalidSubscription: a metric that the plan does not meter, a quantity or a time that cannot be.
            NotFound: not theirs.
            InvalidState: the subscription takes no usage.
            UsageCapReached: the plan allows no more in this period.
            UsageIdReused: the id stands for other usage.
        """
        self._requests.check_merchant(merchant)
        check_usage(usage_id, metric=metric, quantity=quantity, used_at=used_at)
        subscription = await self._requests.subscription_of(merchant, subscription_id)
        usage = await self._usage_requests.record(
            subscription, usage_id, metric=metric, quantity=quantity, used_at=used_at
        )
        return await self._engine.usage.advance(usage)
