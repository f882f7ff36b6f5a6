"""What becomes of an invoice's money once it was paid: refunds, disputes, and credit for unused time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.refunds import (
    REFUND_FAILED,
    RefundFailed,
    RefundMoved,
    RefundPending,
    RefundProgress,
    RefundUndone,
)
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.step_context import StepContext

CREDIT_REFUSED = "unused time could not be refunded"
"""Why an invoice is in review whose credit note Stripe refuses."""


class InvoiceMoney:
    """Gives an invoice's money back, and notes what others gave back.

    Args:
        context: the ports, the repositories and the payments core.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._invoices = context.invoices

    async def give_back(self, invoice: Invoice) -> Invoice | None:
        """PAID: refund it where that is asked for, credit unused time, and see to notices that were put off."""
        charge = invoice.charge
        if charge is not None and charge.refund_asked and not charge.refunded:
            return await self._refund(invoice)
        if invoice.credit_asked_minor > invoice.credited_minor:
            return await self._credit(invoice)
        if invoice.due_at is None or invoice.due_at > self._context.clock.now():
            return None
        return await self.reconcile(invoice) or await self._invoices.schedule(invoice)

    async def reconcile(self, invoice: Invoice) -> Invoice | None:
        """Read what has become of the money of a paid invoice; None where nothing is new."""
        if invoice.status is not InvoiceStatus.PAID or invoice.charge is None:
            return None
        seen = await self._context.refunds.reconcile(invoice.charge)
        if invoice.charge.refunded and not seen.refunded:
            return await self._invoices.request(invoice, charge=seen)
        return await self._invoices.update(invoice, charge=seen) if seen != invoice.charge else None

    async def _refund(self, invoice: Invoice) -> Invoice | None:
        match await self._context.refunds.advance(invoice.stored_charge()):
            case RefundProgress(charge):
                return await self._invoices.record_progress(invoice, charge=charge)
            case RefundPending():
                check_at = self._context.seconds_from_now(self._context.policy.pending_look_seconds)
                return await self._invoices.schedule(invoice, check_at=check_at)
            case RefundFailed(charge, detail):
                return await self._invoices.request_review(invoice, REFUND_FAILED, detail, charge=charge)
            case RefundUndone(error):
                return await self._context.retry_invoice_with_new_key(invoice, error)
            case RefundMoved():
                return invoice

    async def _credit(self, invoice: Invoice) -> Invoice | None:
        """Give unused time back by a credit note, which the invoice itself must show: others' count as given back."""
        if await self._is_credited(invoice):
            return await self._invoices.record_progress(invoice, credited_minor=invoice.credit_asked_minor)
        billing, charge = self._context.billing, invoice.stored_charge()
        amount = Money(invoice.credit_asked_minor, invoice.total.currency)
        answer = await self._context.calls.once_for_outcome(
            lambda: billing.credit_invoice(
                invoice.id, subscription_id=invoice.subscription_id, amount=amount, key=charge.key("credit")
            )
        )
        if await self._is_credited(invoice):
            return await self._invoices.record_progress(invoice, credited_minor=invoice.credit_asked_minor)
        if isinstance(answer, CallRejected):
            detail, asked_anew = f"{amount} of {invoice.id}: {answer}", charge.with_new_keys()
            return await self._invoices.request_review(invoice, CREDIT_REFUSED, detail, charge=asked_anew)
        return await self._context.retry_invoice_undone(invoice, answer, f"{invoice.id} shows no credit note")

    async def _is_credited(self, invoice: Invoice) -> bool:
        seen = await self._context.read_invoice(invoice.id)
        return seen.credited_minor >= invoice.credit_asked_minor


def unused_of_each(invoices: Sequence[Invoice], ended_at: datetime) -> dict[str, int]:
    """Return what of each invoice is to go back for unused time: together the exact share, each rounded half up, once.

    What a downgrade has credited to the customer's balance for the same time is not given back again. No more than is
    left of each; nothing of one that is not paid, is being refunded as a whole, or bills what was used.
    """
    at = int(ended_at.timestamp())
    credited = sum(_share_minor(each, each.credited_to_balance_minor, at) for each in invoices)
    unused: dict[str, int] = {}
    for invoice in reversed(invoices):
        charge = invoice.charge
        if invoice.status is not InvoiceStatus.PAID or charge is None or charge.refund_asked or invoice.bills_the_past:
            unused[invoice.id] = 0
            continue
        left = charge.amount.minor - charge.refunded_minor - charge.lost_minor
        share = min(_share_minor(invoice, charge.amount.minor, at), left)
        taken = min(credited, share)
        unused[invoice.id], credited = share - taken, credited - taken
    return unused


def _share_minor(invoice: Invoice, amount_minor: int, at: int) -> int:
    """Return what of an amount for the invoice's period is for the time from then on, in Unix seconds."""
    start, end = int(invoice.period_start.timestamp()), int(invoice.period_end.timestamp())
    if end <= start:
        return 0
    left_seconds = min(max(end - at, 0), end - start)
    return (2 * amount_minor * left_seconds + (end - start)) // (2 * (end - start))
