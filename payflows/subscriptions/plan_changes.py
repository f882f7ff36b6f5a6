"""Plan changes: Stripe's items become what was confirmed; ours follow what Stripe then bills.

An upgrade waits for its payment: until Stripe has made it, nothing is changed here, and one that is not paid is dropped
by Stripe, never dunned. A downgrade at the period's end changes what Stripe bills next; until then the old plan may be
used.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from payflows.errors import CallRejected, PaymentDeclined
from payflows.subscriptions.billing import InvoiceStatus, ItemsChange, StripeSubscription
from payflows.subscriptions.converge import Convergence
from payflows.subscriptions.invoice_steps import InvoiceEngine
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.policy import ChangeTiming
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import KeptTerms, PlanChange


class PlanChanges:
    """Has Stripe bill another plan.

    Args:
        context: the ports and the repositories.
        convergence: makes ours as Stripe's is.
        invoices: closes the invoice of a change that is withdrawn.
    """

    def __init__(self, context: StepContext, convergence: Convergence, invoices: InvoiceEngine) -> None:
        self._context = context
        self._invoices = invoices
        self._subscriptions = context.subscriptions
        self._convergence = convergence

    async def advance(self, subscription: Subscription, seen: StripeSubscription) -> Subscription | None:
        """Do the next thing about the plan that is wanted; None where only a payment moves it on.

        Args:
            subscription: ours.
            seen: Stripe's, just read.
        """
        change = subscription.change
        assert change is not None, "another plan is wanted"
        if self._is_decided(change, seen):
            return await self._follow(subscription, change, seen)
        if change.is_waiting or change.is_withdrawn or self._came_too_late(subscription, change, seen):
            return await self._convergence.converge(subscription, seen, change=None)
        if change.timing is ChangeTiming.AT_PERIOD_END and change.period_end != seen.period_end:
            in_period = change._replace(period_end=seen.period_end)
            return await self._subscriptions.record_progress(subscription, change=in_period)
        return await self._ask(subscription, change, seen)

    async def _ask(
        self, subscription: Subscription, change: PlanChange, seen: StripeSubscription
    ) -> Subscription | None:
        """Ask Stripe for it, and read what became of that."""
        billing, key = self._context.billing, subscription.key(f"change-{change.number}-{change.timing}")
        wanted = ItemsChange(seen.item_id, seen.metered_item_id, change.to.items)
        answer = await self._context.calls.call_for_outcome(
            lambda: billing.change_items(seen.id, change=wanted, proration_at=change.proration_at, key=key)
        )
        seen = await self._context.read(subscription)
        if self._is_decided(change, seen):
            return await self._follow(subscription, change, seen)
        if seen.ended_at is not None:
            return await self._convergence.converge(subscription, seen, change=None)
        if isinstance(answer, CallRejected | PaymentDeclined):
            generation = subscription.key_generation + 1
            return await self._convergence.converge(subscription, seen, change=None, key_generation=generation)
        return await self._context.retry_undone(subscription, answer, f"{seen.id} still bills the old plan")

    def _is_decided(self, change: PlanChange, seen: StripeSubscription) -> bool:
        """Whether Stripe has made the change, or waits for its payment."""
        pending = seen.pending_update
        return seen.items == change.to.items or (pending is not None and pending.to == change.to.items)

    async def _follow(
        self, subscription: Subscription, change: PlanChange, seen: StripeSubscription
    ) -> Subscription | None:
        """Store that it was made, or that it waits, and for which invoice."""
        if seen.items == change.to.items:
            return await self._convergence.converge(subscription, seen, **self._made(change, seen))
        assert seen.latest_invoice is not None, "a change that waits has an invoice"
        waiting = change._replace(invoice_id=seen.latest_invoice.id)  # another one, where a slow request came late
        if change.is_withdrawn and waiting == change and await self._is_closed_now(change):
            return await self._subscriptions.get(subscription.id)
        return await self._convergence.converge(subscription, seen, change=waiting)

    async def _is_closed_now(self, change: PlanChange) -> bool:
        """Close the invoice of a change that is withdrawn; whether that has ended it just now."""
        assert change.invoice_id is not None, "only one that waits can be withdrawn"
        invoice = await self._context.invoices.get(change.invoice_id)
        if invoice.status is not InvoiceStatus.OPEN:
            return False
        if not invoice.close_asked:
            invoice = await self._context.invoices.request(invoice, close_asked=True, pay_asked=False)
        return (await self._invoices.advance(invoice)).status is not InvoiceStatus.OPEN

    def _made(self, change: PlanChange, seen: StripeSubscription) -> dict[str, Any]:
        """Return what a change leaves behind: old terms that are kept for a while, or a downgrade scheduled again."""
        if change.timing is ChangeTiming.AT_PERIOD_END:
            until = change.period_end or seen.period_end
            kept = None if seen.period_start >= until else KeptTerms(change.before, until)
            return {"change": None, "kept": kept}
        if change.then is None:
            return {"change": None, "kept": None}
        again = PlanChange(change.number, change.then, change.to, ChangeTiming.AT_PERIOD_END)
        return {"change": again, "kept": None}

    def _came_too_late(self, subscription: Subscription, change: PlanChange, seen: StripeSubscription) -> bool:
        """Whether it may no longer be asked for: what was confirmed is out of date, or the period is over."""
        if change.takes_back:
            return subscription.kept is None or seen.period_start >= subscription.kept.until
        if change.proration_at is None:
            return False
        lasts = timedelta(seconds=2 * self._context.policy.preview_lasts_seconds)
        return change.proration_at < seen.period_start or self._context.clock.now() > change.proration_at + lasts
