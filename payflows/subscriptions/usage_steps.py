"""Reports of usage: each record reaches Stripe once, by an identifier that is its own id."""

from __future__ import annotations

from datetime import datetime, timedelta

from payflows.clock import SECOND
from payflows.errors import CallNotSent, CallRejected, InvalidState, OutcomeUnknown, UnreadableAnswer
from payflows.kernel.engine import Engine
from payflows.subscriptions.billing import ALREADY_REPORTED, DRAFT_SECONDS
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.usage import Usage, UsageStatus

IDENTIFIER_LASTS = timedelta(hours=23)
"""How long Stripe is sure to know an identifier again (a day, by the API reference), with an hour to spare."""

IN_DOUBT = "usage may have been reported, or not"
"""Why a record is in review that Stripe may count twice, should it be reported again."""


class UsageEngine(Engine[Usage]):
    """The one way in which records of usage move.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._usage = context.usage
        steps = {
            UsageStatus.RECORDED: self.report,
            UsageStatus.REPORTED: self._rest,
            UsageStatus.REJECTED: self._rest,
        }
        super().__init__(context.usage, steps)

    async def report(self, usage: Usage) -> Usage | None:
        """RECORDED: report it, having stored when that was first done: Stripe knows an identifier for a day only."""
        now = self._context.clock.now()
        if usage.asked_at is None:
            return await self._report(await self._usage.update(usage, asked_at=now), is_first=True)
        if now - usage.asked_at >= IDENTIFIER_LASTS:
            detail = f"{usage.quantity} {usage.metric} of {usage.used_at.isoformat()}, identifier {usage.id}"
            await self._usage.request_review(usage, IN_DOUBT, detail)
            return None
        return await self._report(usage, is_first=False)

    async def _report(self, usage: Usage, *, is_first: bool) -> Usage | None:
        billing, key = self._context.billing, f"{usage.id}:report:{usage.key_generation}"
        try:
            answer = await self._context.calls.call_for_outcome(
                lambda: billing.report_usage(
                    usage.id,
                    stripe_customer_id=usage.stripe_customer_id,
                    meter=usage.meter,
                    quantity=usage.quantity,
                    used_at=usage.used_at,
                    key=key,
                )
            )
        except CallNotSent as error:
            await self._usage.back_off(usage, error, asked_at=None if is_first else usage.asked_at)
            return None
        if answer == usage.id or (isinstance(answer, CallRejected) and answer.code == ALREADY_REPORTED):
            return await self._usage.transition(usage, UsageStatus.REPORTED, is_late=await self._is_late(usage))
        if isinstance(answer, CallRejected):
            return await self._usage.transition(usage, UsageStatus.REJECTED)
        doubt = answer if isinstance(answer, OutcomeUnknown) else UnreadableAnswer(f"{answer} is not {usage.id}")
        await self._usage.back_off(usage, doubt, key_generation=usage.key_generation + 1)
        return None

    async def resolve(self, usage: Usage, *, was_counted: bool) -> Usage:
        """Store what a person has found out about a record in doubt. Raises `InvalidState` where it is not in doubt."""
        if usage.review is None or usage.review.reason != IN_DOUBT:
            raise InvalidState(f"this usage, which is {usage.status}, is not in doubt")
        if was_counted:
            return await self._usage.transition(usage, UsageStatus.REPORTED)
        return await self._usage.request(usage, review=None, asked_at=None, key_generation=usage.key_generation + 1)

    async def flush(self, subscription: Subscription) -> tuple[bool, datetime | None]:
        """Report what a subscription has used so far.

        Returns:
            Whether anything was reported just now, and when that is tried again which could not be.
        """
        reported, again_at = False, None
        for usage in await self._context.unreported_usage(subscription):
            usage = await self.advance(usage)
            reported = reported or usage.status is UsageStatus.REPORTED
            if usage.status is UsageStatus.RECORDED and usage.due_at is not None:
                again_at = usage.due_at if again_at is None else min(again_at, usage.due_at)
        return reported, again_at

    async def _is_late(self, usage: Usage) -> bool:
        """Whether the invoice of its period was final before Stripe had it."""
        subscription = await self._context.subscriptions.get(usage.subscription_id)
        if subscription.status.is_ended:
            return True
        period = subscription.period
        assert period is not None, "it has begun, or nothing could be used"
        ends_at = period.start if usage.used_at < period.start else period.end
        return self._context.clock.now() >= ends_at + DRAFT_SECONDS * SECOND

    async def _rest(self, usage: Usage) -> None:
        """Nothing is to be done any more."""
        if usage.due_at is not None:
            await self._usage.schedule(usage)
