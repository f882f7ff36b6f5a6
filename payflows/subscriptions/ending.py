"""The end of a subscription: over at Stripe first, so that no invoice follows; then its money, and only then the end.

A customer reads that it is cancelled once it can cost nothing more, and not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from payflows.clock import SECOND
from payflows.errors import AlreadyExists, CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.kernel.changes import Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.payments.invoice_payable import DEFAULT_CARD
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, StripeInvoice, StripeSubscription
from payflows.subscriptions.cards import Cards
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.invoice_money import Unused, is_kept, unused_of_each
from payflows.subscriptions.invoice_steps import InvoiceEngine
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import OpenInvoices, UnusedTime
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.usage_steps import UsageEngine
from payflows.subscriptions.wishes import Cancellation

_CLOSABLE = (InvoiceStatus.DRAFT, InvoiceStatus.OPEN)
_ENDED = (BillingStatus.CANCELED, BillingStatus.INCOMPLETE_EXPIRED)


MAX_USAGE_WAIT = timedelta(hours=1)
"""How long an end waits for usage to be reported: after that it ends, and what is reported later is not billed."""


class Ending:
    """What a subscription does while it is being cancelled.

    Args:
        context: the ports and the repositories.
        invoices: closes and collects them.
        cards: asks for a last try.
        usage: reports what was used, so that a last invoice bills it.
    """

    def __init__(self, context: StepContext, invoices: InvoiceEngine, cards: Cards, usage: UsageEngine) -> None:
        self._context = context
        self._subscriptions = context.subscriptions
        self._invoices = invoices
        self._cards = cards
        self._usage = usage

    async def end(self, subscription: Subscription) -> Subscription | None:
        """CANCELLING: end it at Stripe, close or collect what is open, give unused time back; in this order."""
        cancellation = subscription.cancellation
        assert cancellation is not None, "it is cancelled somehow"
        seen = await self._context.read(subscription)
        if seen.status not in _ENDED:
            if seen.metered_item_id is not None and not await self._usage_is_counted(subscription):
                return None
            if await self._is_to_be_prorated(subscription, cancellation, seen):
                prorated = cancellation._replace(is_prorated=True)
                return await self._subscriptions.record_progress(subscription, cancellation=prorated)
            prorate = cancellation.is_prorated
            return await self._cancel(
                subscription, prorate=prorate, invoice_now=prorate or seen.metered_item_id is not None
            )
        await self._know_all(subscription, seen)
        unused_from = min(seen.ended_at or self._context.clock.now(), seen.period_end)  # paused, its period had ended
        rows = await self._wind_up(subscription, cancellation, unused_from)
        unused = unused_of_each(rows, unused_from)
        if any(self._asked(row, subscription, cancellation, unused) != row for row in rows):
            return subscription  # one was paid meanwhile
        waiting = [row for row in rows if self._is_open(row) and not row.is_blocked]
        if waiting:
            check_at = min(each.due_at or self._context.clock.now() for each in waiting)
            return await self._subscriptions.schedule(await self._subscriptions.get(subscription.id), check_at=check_at)
        status = SubscriptionStatus.CANCELLED
        if seen.status == BillingStatus.INCOMPLETE_EXPIRED:
            status = SubscriptionStatus.INCOMPLETE_EXPIRED
        current = await self._subscriptions.get(subscription.id)
        return await self._subscriptions.transition(
            current,
            status,
            card_update=None,
            end_wanted=None,
            look_at=None,
            unpaid_since=None,
            change=None,
            kept=None,
            pause_wanted=None,
        )

    async def _usage_is_counted(self, subscription: Subscription) -> bool:
        """Report what was used, and wait until Stripe has counted that: what it learns later, no invoice bills."""
        now, settles = self._context.clock.now(), self._context.policy.usage_settles_seconds
        settles_at = subscription.usage_settles_at or subscription.changed_at + settles * SECOND
        reported, again_at = await self._usage.flush(subscription)
        if reported:
            settles_at = now + settles * SECOND
        waits_until = max(settles_at, again_at or settles_at)
        if waits_until <= now or now >= subscription.changed_at + MAX_USAGE_WAIT:
            return True
        await self._subscriptions.schedule(subscription, check_at=waits_until, usage_settles_at=settles_at)
        return False

    async def _is_to_be_prorated(
        self, subscription: Subscription, cancellation: Cancellation, seen: StripeSubscription
    ) -> bool:
        """Whether Stripe is to credit unused time; stored before it is asked to.

        It would credit what was not paid, was refunded or was lost to a dispute, too: then credit notes do it.
        """
        if cancellation.policy.unused_time is not UnusedTime.CREDIT or cancellation.is_prorated:
            return False
        latest = seen.latest_invoice
        if seen.status == BillingStatus.PAUSED or latest is None or latest.status is not InvoiceStatus.PAID:
            return False
        rows = await self._context.invoices_of(subscription)
        current = [row for row in rows if row.period_end > seen.period_start and row.status is not InvoiceStatus.VOID]
        known = [await self._invoices.money.reconcile(row) or row for row in current]
        return bool(known) and all(is_kept(row) for row in known)

    async def _cancel(self, subscription: Subscription, *, prorate: bool, invoice_now: bool) -> Subscription | None:
        stripe_id, key, billing = subscription.stored_stripe_id(), subscription.key("cancel"), self._context.billing
        answer = await self._context.calls.call_for_outcome(
            lambda: billing.cancel_subscription(stripe_id, prorate=prorate, invoice_now=invoice_now, key=key)
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

    async def _know_all(self, subscription: Subscription, seen: StripeSubscription) -> None:
        """Have a row of every invoice that is a draft or open at Stripe, and of the newest; a list may lag behind."""
        stripe_id, billing = subscription.stored_stripe_id(), self._context.billing
        listed = await self._context.calls.call(lambda: billing.list_invoices(stripe_id))
        there = {each.id: each for each in (*listed, seen.latest_invoice) if each is not None}
        for each in there.values():
            await self._know(subscription, each)

    async def _know(self, subscription: Subscription, seen: StripeInvoice) -> None:
        """Store one that no webhook has brought yet, such as a last one that credits unused time."""
        if await self._context.stored_invoice(seen.id) is None:
            row = self._context.row_of(subscription, seen)
            with suppress(AlreadyExists):  # another process was first
                await self._context.store.change(Insert(INVOICES, self._context.leased(row)))

    async def _wind_up(
        self, subscription: Subscription, cancellation: Cancellation, unused_from: datetime
    ) -> list[Invoice]:
        """Store what is to become of each invoice, and begin with it; all of them, as they then stand."""
        rows = []
        stored = await self._context.invoices_of(subscription)
        for row in stored:
            asked = self._asked(row, subscription, cancellation, unused_of_each(stored, unused_from))
            if asked != row:
                asked = evolve(asked, version=row.version + 1)
                await self._context.store.change(Replace(INVOICES, row, asked))
            rows.append(await self._invoices.advance(asked) if self._is_open(asked) else asked)
        return rows

    def _asked(
        self, invoice: Invoice, subscription: Subscription, cancellation: Cancellation, unused: Mapping[str, Unused]
    ) -> Invoice:
        """Return an invoice with what is to become of it; of one that is paid, with what of it was not used."""
        if invoice.status in _CLOSABLE:
            change = subscription.change
            is_of_a_change = change is not None and change.invoice_id == invoice.id
            is_owed = cancellation.policy.open_invoices is OpenInvoices.COLLECT or invoice.bills_the_past
            if is_of_a_change or invoice.is_first or not is_owed:
                return evolve(invoice, close_asked=True, pay_asked=False)
            return self._with_last_try(invoice, subscription)
        charge = invoice.charge
        if invoice.status is not InvoiceStatus.PAID:
            return invoice
        if charge is not None and invoice.came_too_late(cancellation):
            return invoice if charge.refund_asked else evolve(invoice, charge=evolve(charge, refund_asked=True))
        return _with_unused(invoice, cancellation, unused[invoice.id])

    def _with_last_try(self, invoice: Invoice, subscription: Subscription) -> Invoice:
        if invoice.last_try_asked:
            return invoice
        if invoice.charge is None:
            return evolve(invoice, pay_asked=True, last_try_asked=True)
        tried = self._cards.tried_with(invoice, subscription.payment_method or DEFAULT_CARD)
        return evolve(tried, last_try_asked=True, version=invoice.version)

    def _is_open(self, invoice: Invoice) -> bool:
        """Whether its end waits for it: it is to be closed or tried, or unused time is to go back."""
        is_closing = invoice.status in _CLOSABLE and (invoice.close_asked or invoice.pay_asked)
        is_too_late = invoice.status is InvoiceStatus.PAID and invoice.has_work
        return is_closing or is_too_late


def _with_unused(invoice: Invoice, cancellation: Cancellation, unused: Unused) -> Invoice:
    """Return a paid invoice with what of it is to go back, and where to; what Stripe has prorated is back already."""
    means = cancellation.policy.unused_time
    if means is UnusedTime.NOTHING or cancellation.is_prorated or invoice.credit_asked_minor:
        return invoice
    if means is UnusedTime.REFUND:
        return evolve(invoice, credit_asked_minor=unused.minor, balance_asked_minor=unused.balance_minor)
    if invoice.charge is not None and invoice.charge.disputed:  # the bank may take it for good
        return invoice
    return evolve(invoice, credit_asked_minor=unused.minor, balance_asked_minor=unused.minor)
