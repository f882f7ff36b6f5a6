"""Notices: which subscription or invoice of ours a webhook is about, and what is read because of it."""

from __future__ import annotations

from payflows.errors import AlreadyExists, NotFound, VersionConflict
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.subscriptions.billing import RENEWAL, InvoiceStatus, StripeInvoice
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import LatestInvoice, Subscription, SubscriptionStatus
from payflows.subscriptions.policy import OpenInvoices
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.steps import SubscriptionEngine


class Notices:
    """Reads what notices are about.

    Args:
        context: the ports and the repositories.
        engine: moves subscriptions on.
    """

    def __init__(self, context: StepContext, engine: SubscriptionEngine) -> None:
        self._context = context
        self._engine = engine

    async def subscription_of(self, stripe_id: str) -> Subscription:
        """Return ours by Stripe's id. A webhook may overtake the step that stores it: then by its metadata.

        Raises:
            NotFound: none is ours, or it was left over by a lost answer, and is seen to by itself.
        """
        try:
            return await self._context.store.find(SUBSCRIPTIONS, stripe_id)
        except NotFound:
            billing = self._context.billing
            seen = await self._context.calls.call(lambda: billing.retrieve_subscription(stripe_id))
        return await self._named(seen.owner_id, stripe_id)

    async def invoice_changed(self, invoice_id: str) -> Invoice | None:
        """Let an invoice become what it is at Stripe, and its subscription after it; None while it is a draft."""
        invoice = await self._context.stored_invoice(invoice_id)
        if invoice is None:
            seen = await self._context.read_invoice(invoice_id)
            try:
                return await self._first_seen(seen)
            except (AlreadyExists, VersionConflict):  # another process was first: go on from what it has stored
                return await self.invoice_changed(invoice_id)
        invoice = await self._engine.invoices.advance(invoice)
        await self._advance(await self._context.subscriptions.get(invoice.subscription_id))
        return invoice

    async def _first_seen(self, seen: StripeInvoice) -> Invoice | None:
        """Store an invoice once it is final. That a renewal was paid changes nothing else about an active one."""
        if seen.stripe_subscription_id is None:
            raise NotFound("no subscription has this invoice")
        try:
            subscription = await self._context.store.find(SUBSCRIPTIONS, seen.stripe_subscription_id)
        except NotFound:
            subscription = await self._named(seen.owner_id, seen.stripe_subscription_id)
        comes_too_late = subscription.status.is_ended and _is_to_be_closed(subscription, seen)
        if (seen.status is InvoiceStatus.DRAFT and not comes_too_late) or subscription.stripe_id is None:
            await self._advance(subscription)
            return await self._context.stored_invoice(seen.id)
        invoice = evolve(self._context.row_of(subscription, seen), close_asked=comes_too_late)
        if subscription.cancellation is not None and invoice.came_too_late(subscription.cancellation):
            invoice = evolve(invoice, charge=evolve(invoice.stored_charge(), refund_asked=True))
        is_renewal = seen.billing_reason == RENEWAL  # by another one a plan may have changed
        is_quiet = is_renewal and subscription.status is SubscriptionStatus.ACTIVE and seen.status is InvoiceStatus.PAID
        also = self._noted(subscription, seen) if is_quiet else ()
        await self._context.store.change(Insert(INVOICES, invoice), *also)
        if not is_quiet:
            invoice = await self._engine.invoices.advance(invoice)
            await self._advance(await self._context.subscriptions.get(subscription.id))
        return invoice

    def _noted(self, subscription: Subscription, seen: StripeInvoice) -> tuple[Change, ...]:
        """Return the change by which the draft that a subscription waited for is known to be paid."""
        period = subscription.period
        if period is None or seen.period_start != period.start or subscription.latest_invoice is None:
            return ()
        if subscription.latest_invoice.id != seen.id or subscription.is_blocked:
            return ()
        look_at = period.end + self._engine.look_after
        known = evolve(
            subscription,
            latest_invoice=LatestInvoice(seen.id, seen.status),
            look_at=look_at,
            version=subscription.version + 1,
        )
        return (Replace(SUBSCRIPTIONS, subscription, known),)

    async def _advance(self, subscription: Subscription) -> None:
        await self._engine.advance(subscription)

    async def _named(self, subscription_id: str | None, stripe_id: str) -> Subscription:
        if subscription_id is None:
            raise NotFound("no subscription of ours is named")
        subscription = await self._context.subscriptions.get(subscription_id)
        if subscription.stripe_id not in (None, stripe_id):
            raise NotFound("it was left over by a lost answer, and is seen to by itself")
        return subscription


def _is_to_be_closed(subscription: Subscription, seen: StripeInvoice) -> bool:
    """Whether an invoice of a subscription that has ended is owed no more."""
    is_unpaid = seen.status in (InvoiceStatus.DRAFT, InvoiceStatus.OPEN) and seen.created_at < seen.period_end
    cancellation = subscription.cancellation
    return is_unpaid and cancellation is not None and cancellation.policy.open_invoices is OpenInvoices.VOID
