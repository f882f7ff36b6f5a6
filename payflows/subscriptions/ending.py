"""The end of a subscription: over at Stripe first, so that no invoice follows; then its money, and only then the end.

A customer reads that it is cancelled once it can cost nothing more, and not before.
"""

from __future__ import annotations

from contextlib import suppress

from payflows.errors import AlreadyExists, CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.kernel.changes import Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, StripeInvoice, StripeSubscription
from payflows.subscriptions.cards import Cards
from payflows.subscriptions.invoice import DEFAULT_CARD, Invoice, invoice_of
from payflows.subscriptions.invoice_money import unused_minor
from payflows.subscriptions.invoice_steps import InvoiceEngine
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Cancellation, Subscription, SubscriptionStatus
from payflows.subscriptions.policy import OpenInvoices, UnusedTime
from payflows.subscriptions.step_context import StepContext

_CLOSABLE = (InvoiceStatus.DRAFT, InvoiceStatus.OPEN)
_ENDED = (BillingStatus.CANCELED, BillingStatus.INCOMPLETE_EXPIRED)


class Ending:
    """What a subscription does while it is being cancelled.

    Args:
        context: the ports and the repositories.
        invoices: closes and collects them.
        cards: asks for a last try.
    """

    def __init__(self, context: StepContext, invoices: InvoiceEngine, cards: Cards) -> None:
        self._context = context
        self._subscriptions = context.subscriptions
        self._invoices = invoices
        self._cards = cards

    async def end(self, subscription: Subscription) -> Subscription | None:
        """CANCELLING: end it at Stripe, close or collect what is open, give unused time back; in this order."""
        cancellation = subscription.cancellation
        assert cancellation is not None, "it is cancelled somehow"
        seen = await self._context.read(subscription)
        if seen.status not in _ENDED:
            prorate = cancellation.policy.unused_time is UnusedTime.CREDIT and _is_paid_for(seen)
            return await self._cancel(subscription, prorate=prorate)
        for invoice in await self._left_over(subscription, seen):
            await self._ask(invoice, self._asked(invoice, subscription, cancellation))
        if cancellation.policy.unused_time is UnusedTime.REFUND:
            await self._refund_unused_time(subscription, seen)
        waiting = await self._wind_up(subscription)
        if waiting:
            check_at = min(each.due_at or self._context.clock.now() for each in waiting)
            return await self._subscriptions.schedule(await self._subscriptions.get(subscription.id), check_at=check_at)
        status = SubscriptionStatus.CANCELLED
        if seen.status == BillingStatus.INCOMPLETE_EXPIRED:
            status = SubscriptionStatus.INCOMPLETE_EXPIRED
        current = await self._subscriptions.get(subscription.id)
        return await self._subscriptions.transition(
            current, status, card_update=None, end_wanted=None, look_at=None, unpaid_since=None
        )

    async def _cancel(self, subscription: Subscription, *, prorate: bool) -> Subscription | None:
        stripe_id, key, billing = subscription.stored_stripe_id(), subscription.key("cancel"), self._context.billing
        answer = await self._context.calls.call_for_outcome(
            lambda: billing.cancel_subscription(stripe_id, prorate=prorate, key=key)
        )
        seen = await self._context.read(subscription)
        if seen.status in _ENDED:
            return subscription
        if isinstance(answer, CallRejected | PaymentDeclined):
            detail = f"{stripe_id} reads {seen.status}: {answer}"
            generation = subscription.key_generation + 1
            return await self._subscriptions.request_review(
                subscription, "a cancellation was refused", detail, key_generation=generation
            )
        undone = answer if isinstance(answer, OutcomeUnknown) else OutcomeUnknown(f"{stripe_id} reads {seen.status}")
        return await self._context.retry_with_new_key(subscription, undone)

    async def _left_over(self, subscription: Subscription, seen: StripeSubscription) -> list[Invoice]:
        """Return the rows of all invoices that are drafts or open, here or at Stripe; a list may lag behind both."""
        stripe_id, billing = subscription.stored_stripe_id(), self._context.billing
        listed = await self._context.calls.call(lambda: billing.list_invoices(stripe_id))
        there = {each.id: each for each in (*listed, seen.latest_invoice) if each is not None}
        for each in there.values():
            await self._know(subscription, each)
        return [row for row in await self._context.invoices_of(subscription) if row.status in _CLOSABLE]

    async def _know(self, subscription: Subscription, seen: StripeInvoice) -> None:
        """Store one that no webhook has brought yet, such as a last one that credits unused time."""
        if await self._context.stored_invoice(seen.id) is None:
            row = invoice_of(subscription, seen, now=self._context.clock.now())
            with suppress(AlreadyExists):  # another process was first
                await self._context.store.change(Insert(INVOICES, self._context.leased(row)))

    async def _ask(self, invoice: Invoice, asked: Invoice) -> None:
        if asked != invoice:
            await self._context.store.change(Replace(INVOICES, invoice, evolve(asked, version=invoice.version + 1)))

    async def _wind_up(self, subscription: Subscription) -> list[Invoice]:
        """Do what is asked of its invoices; those of which something is still to be done."""
        rows = await self._context.invoices_of(subscription)
        done = [await self._invoices.advance(row) if self._is_open(row) else row for row in rows]
        return [row for row in done if self._is_open(row) and not row.is_blocked]

    def _asked(self, invoice: Invoice, subscription: Subscription, cancellation: Cancellation) -> Invoice:
        if cancellation.policy.open_invoices is OpenInvoices.VOID or invoice.is_first:
            return evolve(invoice, close_asked=True, pay_asked=False)
        if invoice.last_try_asked:
            return invoice
        if invoice.charge is None:
            return evolve(invoice, pay_asked=True, last_try_asked=True)
        tried = self._cards.tried_with(invoice, subscription.payment_method or DEFAULT_CARD)
        return evolve(tried, last_try_asked=True, version=invoice.version)

    async def _refund_unused_time(self, subscription: Subscription, seen: StripeSubscription) -> None:
        """Ask for the unused share of every paid invoice whose period goes on beyond the end."""
        ended_at = seen.ended_at or self._context.clock.now()
        for invoice in await self._context.invoices_of(subscription):
            minor = unused_minor(invoice, int(ended_at.timestamp()))
            if invoice.status is InvoiceStatus.PAID and minor and not invoice.credit_asked_minor:
                await self._ask(invoice, evolve(invoice, credit_asked_minor=minor))

    def _is_open(self, invoice: Invoice) -> bool:
        """Whether its end waits for it: it is to be closed or tried, or money is to go back."""
        is_closing = invoice.status in _CLOSABLE and (invoice.close_asked or invoice.pay_asked)
        return is_closing or invoice.credit_asked_minor > invoice.credited_minor


def _is_paid_for(seen: StripeSubscription) -> bool:
    """Whether the current period was paid: Stripe would credit the rest of one that was not, too."""
    invoice = seen.latest_invoice
    is_paid = invoice is not None and invoice.status is InvoiceStatus.PAID and invoice.amount_paid.minor > 0
    return is_paid and invoice is not None and invoice.period_end == seen.period_end
