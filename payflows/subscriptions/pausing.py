"""Pauses: Stripe stops to collect a subscription, or pauses it, and goes on again."""

from __future__ import annotations

from payflows.errors import CallRejected, PaymentDeclined
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, PausedCollection, StripeSubscription
from payflows.subscriptions.converge import Convergence
from payflows.subscriptions.kept_drafts import behavior_of
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.policy import PauseMeans
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import PauseWish

PAUSE_REFUSED = "a pause was refused"
"""Why a subscription is in review that Stripe does not pause, or does not resume."""


class Pausing:
    """Pauses a subscription by the means that the policy names, and resumes it by whichever it was paused.

    Args:
        context: the ports and the repositories.
        convergence: makes ours as Stripe's is.
    """

    def __init__(self, context: StepContext, convergence: Convergence) -> None:
        self._context = context
        self._subscriptions = context.subscriptions
        self._convergence = convergence

    async def advance(self, subscription: Subscription, seen: StripeSubscription) -> Subscription | None:
        """Do the next thing about the pause that is wanted.

        Args:
            subscription: ours.
            seen: Stripe's, just read.
        """
        wish = subscription.pause_wanted
        assert wish is not None, "it is to be paused, or resumed"
        if self._is_done(wish, seen):
            return await self._done(subscription, seen)
        answer = await self._ask(subscription, wish, seen)
        seen = await self._context.read(subscription)
        if self._is_done(wish, seen) or seen.ended_at is not None:
            return await self._done(subscription, seen)
        if isinstance(answer, CallRejected | PaymentDeclined):
            generation, detail = subscription.key_generation + 1, f"{seen.id} reads {seen.status}: {answer}"
            return await self._subscriptions.request_review(
                subscription, PAUSE_REFUSED, detail, key_generation=generation, pause_wanted=None
            )
        return await self._context.retry_undone(subscription, answer, f"{seen.id} does not show it yet")

    async def _done(self, subscription: Subscription, seen: StripeSubscription) -> Subscription | None:
        """Store that it is paused, or resumed; the invoice with which it goes on is paid by us: Stripe only waits."""
        latest = seen.latest_invoice
        if seen.status != BillingStatus.PAUSED or latest is None or latest.status is not InvoiceStatus.OPEN:
            return await self._convergence.converge(subscription, seen, pause_wanted=None)
        stored = await self._context.stored_invoice(latest.id)
        if stored is None:
            row = self._context.row_of(subscription, latest)
            pays: Change = Insert(INVOICES, evolve(row, pay_asked=True, lease_until=row.changed_at))
        else:
            asked = evolve(stored, pay_asked=True, lease_until=self._context.clock.now(), version=stored.version + 1)
            pays = Replace(INVOICES, stored, asked)
        return await self._convergence.converge(subscription, seen, pays, pause_wanted=None)

    async def _ask(self, subscription: Subscription, wish: PauseWish, seen: StripeSubscription) -> object:
        """Make the one call that the wish needs; what came of it."""
        billing, call = self._context.billing, self._context.calls.call_for_outcome
        key = subscription.key(f"pause-{wish.paused}-{subscription.pause_requests}")
        policy = self._context.policy.pause
        if wish.paused and policy.means is PauseMeans.SUBSCRIPTION:
            return await call(lambda: billing.pause_subscription(seen.id, key=key))
        if wish.paused:
            paused = PausedCollection(behavior_of(self._context, seen), wish.resumes_at)
            return await call(lambda: billing.pause_collection(seen.id, paused=paused, key=key))
        if seen.paused_collection is not None:
            return await call(lambda: billing.resume_collection(seen.id, key=key))
        return await call(lambda: billing.resume_subscription(seen.id, key=key))

    def _is_done(self, wish: PauseWish, seen: StripeSubscription) -> bool:
        is_paused = seen.status == BillingStatus.PAUSED
        if not wish.paused:
            return seen.paused_collection is None and (not is_paused or _is_resuming(seen))
        if is_paused or self._context.policy.pause.means is PauseMeans.SUBSCRIPTION:
            return is_paused
        return seen.paused_collection == PausedCollection(behavior_of(self._context, seen), wish.resumes_at)


def _is_resuming(seen: StripeSubscription) -> bool:
    """Whether the invoice with which it goes on is made: once that is tried, the subscription is no longer paused."""
    latest = seen.latest_invoice
    return latest is not None and latest.status in (InvoiceStatus.DRAFT, InvoiceStatus.OPEN)
