"""The engine of subscriptions: which step one takes in each status."""

from __future__ import annotations

from typing import NamedTuple

from payflows.clock import SECOND
from payflows.errors import CallRejected, OutcomeUnknown
from payflows.kernel.engine import Engine
from payflows.subscriptions.access import ACCESS_ENDED
from payflows.subscriptions.billing import StripeSubscription
from payflows.subscriptions.cards import Cards
from payflows.subscriptions.converge import Convergence
from payflows.subscriptions.creation import Creation
from payflows.subscriptions.ending import Ending
from payflows.subscriptions.invoice_steps import InvoiceEngine
from payflows.subscriptions.model import LIVE, Subscription, SubscriptionStatus
from payflows.subscriptions.pausing import Pausing
from payflows.subscriptions.plan_changes import PlanChanges
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.usage_steps import UsageEngine


class Parts(NamedTuple):
    """Which class does what about a subscription; the usual ones where nothing else is given."""

    convergence: type[Convergence] = Convergence
    creation: type[Creation] = Creation
    invoices: type[InvoiceEngine] = InvoiceEngine
    cards: type[Cards] = Cards
    plan_changes: type[PlanChanges] = PlanChanges
    pausing: type[Pausing] = Pausing
    usage: type[UsageEngine] = UsageEngine
    ending: type[Ending] = Ending


class SubscriptionEngine(Engine[Subscription]):
    """The one way in which subscriptions move.

    Args:
        context: the ports and the repositories.
        parts: which class does what.

    Attributes:
        context: the same.
        invoices: moves their invoices.
        cards: sets their cards.
        usage: reports what was used.
        look_after: how long after Stripe should have acted we look ourselves.
    """

    def __init__(self, context: StepContext, parts: Parts = Parts()) -> None:  # noqa: B008 - a frozen value
        self.context = context
        self.invoices = parts.invoices(context)
        self._subscriptions = context.subscriptions
        self._convergence = parts.convergence(context)
        self.cards = parts.cards(context)
        self.look_after = context.policy.look_after_seconds * SECOND
        self._plan_changes = parts.plan_changes(context, self._convergence, self.invoices)
        self._pausing = parts.pausing(context, self._convergence)
        self.usage = parts.usage(context)
        ending = parts.ending(context, self.invoices, self.cards, self.usage)
        status = SubscriptionStatus
        steps = {
            status.CREATING: parts.creation(context, self._convergence).create,
            status.INCOMPLETE: self.pay_first,
            **dict.fromkeys(LIVE, self.follow),
            status.CANCELLING: ending.end,
            **dict.fromkeys((status.CANCELLED, status.INCOMPLETE_EXPIRED, status.REJECTED), self.clean_up),
        }
        super().__init__(context.subscriptions, steps, resting=LIVE)

    async def pay_first(self, subscription: Subscription) -> Subscription | None:
        """INCOMPLETE: try the first invoice's card where one is to be tried, and see how the subscription stands."""
        invoice_id = subscription.first_invoice_id
        if invoice_id is not None and subscription.cancellation is None:
            invoice = await self.context.invoices.get(invoice_id)
            if invoice.has_work:
                await self.invoices.advance(invoice)
                subscription = await self._subscriptions.get(subscription.id)
        return await self.follow(subscription)

    async def follow(self, subscription: Subscription) -> Subscription | None:
        """INCOMPLETE and live: do what is wanted of it, and become what Stripe's subscription is."""
        if subscription.cancellation is not None:
            return await self._subscriptions.transition(
                subscription, SubscriptionStatus.CANCELLING, access=ACCESS_ENDED
            )
        orphan_check_at = subscription.next_orphan_check()
        if orphan_check_at is not None and orphan_check_at <= self.context.clock.now():
            return await self._cancel_orphans(subscription)
        seen = await self.context.read(subscription)
        if seen.ended_at is None:
            if subscription.end_wanted is not None:
                if subscription.end_wanted != (seen.cancel_at is not None):
                    return await self._end_with_period(subscription, cancel=subscription.end_wanted)
                return await self._convergence.converge(subscription, seen, end_wanted=None)
            if subscription.status.is_live and subscription.card_update is not None:
                moved = await self.cards.update(subscription, seen)
                if moved is not None:
                    return await self._pay_open(moved) if moved.card_update is None else moved
                if await self._was_put_off(subscription):
                    return None  # what was read before must not be written over that
            elif subscription.pause_wanted is not None:
                return await self._pausing.advance(subscription, seen)
            elif subscription.change is not None:
                return await self._plan_changes.advance(subscription, seen)
        return await self._convergence.converge(subscription, seen)

    async def clean_up(self, subscription: Subscription) -> Subscription | None:
        """After any end: others of the same sign-up, which lost answers have left, are cancelled."""
        due_at = subscription.due_at
        if due_at is None or due_at > self.context.clock.now():
            return None
        if subscription.next_orphan_check() is not None:
            return await self._cancel_orphans(subscription)
        return await self._subscriptions.schedule(subscription)

    async def _was_put_off(self, subscription: Subscription) -> bool:
        return (await self._subscriptions.get(subscription.id)).version != subscription.version

    async def _pay_open(self, subscription: Subscription) -> Subscription:
        """Try the new card on what is open, which is asked for already."""
        for invoice in await self.cards.open_invoices(subscription):
            if invoice.pay_asked:
                await self.invoices.advance(invoice)
        return await self._subscriptions.get(subscription.id)

    async def _end_with_period(self, subscription: Subscription, *, cancel: bool) -> Subscription | None:
        """Have Stripe end it with its period, or go on after all, and see that it does."""
        context, stripe_id = self.context, subscription.stored_stripe_id()
        key = subscription.key(f"end-{cancel}-{subscription.end_requests}")
        answer = await context.calls.call_for_outcome(
            lambda: context.billing.set_cancel_at_period_end(stripe_id, cancel=cancel, key=key)
        )
        seen = await context.read(subscription)
        if seen.ended_at is not None or (seen.cancel_at is not None) is cancel:
            return await self._convergence.converge(subscription, seen, end_wanted=None)
        if isinstance(answer, CallRejected):
            raise answer
        return await context.retry_undone(subscription, answer, f"{seen.id} does not show it yet")

    async def _cancel_orphans(self, subscription: Subscription) -> Subscription | None:
        """Cancel every other subscription of the same sign-up, which was never paid; a second look ends the search."""
        context = self.context
        for found in await context.find_all(subscription):
            if found.id == subscription.stripe_id:
                continue
            seen = await self._cancelled(found.id, key=subscription.key(f"orphan-{found.id}"))
            if seen.ended_at is None:
                undone = OutcomeUnknown(f"{found.id}, left over, still reads {seen.status}")
                return await context.retry_with_new_key(subscription, undone)
        checked_before, now = subscription.orphan_checked_at is not None, context.clock.now()
        return await self._subscriptions.record_progress(
            subscription, orphan_possible=not checked_before, orphan_checked_at=now
        )

    async def _cancelled(self, orphan_id: str, *, key: str) -> StripeSubscription:
        """Cancel one that is left over, and return it as it then reads: its answer may be lost."""
        billing, calls = self.context.billing, self.context.calls
        await calls.call_for_outcome(
            lambda: billing.cancel_subscription(orphan_id, prorate=False, invoice_now=False, key=key)
        )
        return await calls.call(lambda: billing.retrieve_subscription(orphan_id))
