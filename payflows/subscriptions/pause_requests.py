"""Requests to pause and resume: whether they can be, and what is stored of them."""

from __future__ import annotations

from datetime import datetime

from payflows.errors import InvalidState, InvalidSubscription, VersionConflict
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import PauseMeans
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import PauseWish


class PauseRequests:
    """Stores that subscriptions are to be paused, or resumed.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._subscriptions = context.subscriptions

    async def pause(self, subscription: Subscription, resumes_at: datetime | None) -> Subscription:
        """Store that it is to be paused.

        Raises:
            InvalidSubscription: a time that is not in the future, or that the means of the policy do not know.
            InvalidState: it is not active, or another wish is under way.
        """
        if resumes_at is not None:
            if resumes_at <= self._context.clock.now():
                raise InvalidSubscription("resumes_at must be in the future")
            if self._context.policy.pause.means is PauseMeans.SUBSCRIPTION:
                raise InvalidSubscription(
                    "Stripe's pause endpoint takes no time to resume at; pause collection instead"
                )
        while not subscription.is_paused or subscription.pause_wanted is not None:
            if subscription.pause_wanted == PauseWish(True, resumes_at):
                break
            _check_pausable(subscription)
            subscription = await self._request(subscription, PauseWish(True, resumes_at))
        return subscription

    async def resume(self, subscription: Subscription) -> Subscription:
        """Store that it is to go on. Raises `InvalidState` where it is not paused yet, or has no card.

        While the call by which it is paused may be under way, it could take effect after that by which it goes on.
        """
        while subscription.pause_wanted is None or subscription.pause_wanted.paused:
            if subscription.pause_wanted is not None:
                raise InvalidState("the pause is under way: see how it comes out, then resume")
            if not subscription.is_paused:
                raise InvalidState(f"a subscription that is {subscription.status} is not paused")
            if subscription.cancellation is not None:
                raise InvalidState("the subscription is cancelled; sign up again")
            if subscription.status is SubscriptionStatus.PAUSED and subscription.payment_method is None:
                raise InvalidState("the subscription has no card to go on with; update the card first")
            subscription = await self._request(subscription, PauseWish(False))
        return subscription

    async def _request(self, subscription: Subscription, wish: PauseWish) -> Subscription:
        try:
            number = subscription.pause_requests + 1
            return await self._subscriptions.request(subscription, pause_wanted=wish, pause_requests=number)
        except VersionConflict:
            return await self._subscriptions.get(subscription.id)


def _check_pausable(subscription: Subscription) -> None:
    """Raise `InvalidState` unless it can be paused: what is open is settled first, and a trial costs nothing."""
    if subscription.status is not SubscriptionStatus.ACTIVE or subscription.cancellation is not None:
        raise InvalidState(f"only an active subscription can be paused; this one is {subscription.status}")
    if subscription.cancel_at is not None or subscription.end_wanted is not None:
        raise InvalidState("the subscription ends with its period; keep it first, then pause it")
    if subscription.change is not None or subscription.kept is not None:
        raise InvalidState("a plan change waits; take it back, or let it take effect, then pause")
    if subscription.pause_wanted is not None:
        raise InvalidState("another pause, or its end, is under way")
