"""Drafts that a pause of the collection keeps: Stripe leaves them so, and we collect or void them."""

from __future__ import annotations

from payflows.clock import SECOND
from payflows.kernel.changes import Change, Insert
from payflows.kernel.evolve import evolve
from payflows.subscriptions.billing import (
    DRAFT_SECONDS,
    InvoiceStatus,
    PauseBehavior,
    StripeInvoice,
    StripeSubscription,
)
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.step_context import StepContext


def behavior_of(context: StepContext, seen: StripeSubscription) -> PauseBehavior:
    """Return what Stripe is to do with invoices in a pause: of a metered one it must void none, which bill the past."""
    return context.policy.pause.invoices if seen.metered_item_id is None else PauseBehavior.KEEP_AS_DRAFT


class KeptDrafts:
    """Sees to drafts whose hour is over, and which Stripe does not make final.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context

    async def begun(self, subscription: Subscription, seen: StripeSubscription) -> tuple[Change, ...]:
        """Return the rows by which they are collected or voided, once it goes on; what bills the past, in the pause."""
        was_resumed = subscription.paused is not None and seen.paused_collection is None
        latest = seen.latest_invoice
        if not was_resumed and (latest is None or not self._is_overdue(latest)):
            return ()
        if seen.paused_collection is not None and (latest is None or not self._is_owed_in_a_pause(latest, seen)):
            return ()
        listed = await self._context.calls.call(lambda: self._context.billing.list_invoices(seen.id))
        drafts = {each.id: each for each in (*listed, latest) if each is not None and _is_kept(self._context, each)}
        rows = []
        for draft in drafts.values():
            if seen.paused_collection is not None and not self._is_owed_in_a_pause(draft, seen):
                continue
            if await self._context.stored_invoice(draft.id) is None:
                row, is_owed = self._context.row_of(subscription, draft), self._is_owed(draft, seen)
                rows.append(evolve(row, pay_asked=is_owed, close_asked=not is_owed, lease_until=row.changed_at))
        return tuple(Insert(INVOICES, row) for row in rows)

    def leaves_unpaid(self, subscription: Subscription, seen: StripeSubscription) -> bool:
        """Whether a pause has voided the invoice of the current period, or written it off."""
        latest, policy = seen.latest_invoice, self._context.policy.pause
        is_of_a_pause = subscription.paused is not None or seen.paused_collection is not None
        if policy.keeps_access or not is_of_a_pause or latest is None or latest.period_start != seen.period_start:
            return False
        if latest.status is InvoiceStatus.DRAFT and seen.paused_collection is None:
            return _is_kept(self._context, latest) and not self._is_owed(latest, seen)
        return latest.status in (InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE)

    def _is_owed(self, draft: StripeInvoice, seen: StripeSubscription) -> bool:
        """Whether it is collected at last: as the policy says; and with it what was used before."""
        is_wanted = self._context.policy.pause.invoices is PauseBehavior.KEEP_AS_DRAFT
        return is_wanted or seen.metered_item_id is None or draft.past_minor > 0

    def _is_owed_in_a_pause(self, draft: StripeInvoice, seen: StripeSubscription) -> bool:
        """Whether it is collected though it is paused: the policy would void it, and it bills what was used before."""
        is_kept_for_usage = self._context.policy.pause.invoices is not PauseBehavior.KEEP_AS_DRAFT
        return is_kept_for_usage and seen.metered_item_id is not None and draft.past_minor > 0

    def _is_overdue(self, latest: StripeInvoice) -> bool:
        """Whether Stripe should have made it final for long."""
        final_at = latest.created_at + (DRAFT_SECONDS + self._context.policy.look_after_seconds) * SECOND
        return latest.status is InvoiceStatus.DRAFT and final_at <= self._context.clock.now()


def _is_kept(context: StepContext, seen: StripeInvoice) -> bool:
    """Whether it is a draft whose hour is over."""
    final_at = seen.created_at + DRAFT_SECONDS * SECOND
    return seen.status is InvoiceStatus.DRAFT and final_at <= context.clock.now()
