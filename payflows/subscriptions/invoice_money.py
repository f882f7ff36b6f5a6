"""What becomes of an invoice's money once it was paid: refunds, disputes, and credit for unused time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

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
from payflows.subscriptions.model import Period
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
        billing, charge = self._context.billing, invoice.charge
        amount = Money(invoice.credit_asked_minor, invoice.total.currency)
        key = f"{invoice.id}:credit:{invoice.key_generation}" if charge is None else charge.key("credit")
        answer = await self._context.calls.once_for_outcome(
            lambda: billing.credit_invoice(
                invoice.id,
                subscription_id=invoice.subscription_id,
                amount=amount,
                balance_minor=invoice.balance_asked_minor,
                key=key,
            )
        )
        if await self._is_credited(invoice):
            return await self._invoices.record_progress(invoice, credited_minor=invoice.credit_asked_minor)
        if isinstance(answer, CallRejected):
            detail, asked_anew = f"{amount} of {invoice.id}: {answer}", charge and charge.with_new_keys()
            return await self._invoices.request_review(
                invoice, CREDIT_REFUSED, detail, charge=asked_anew, key_generation=invoice.key_generation + 1
            )
        return await self._context.retry_invoice_undone(invoice, answer, f"{invoice.id} shows no credit note")

    async def _is_credited(self, invoice: Invoice) -> bool:
        seen = await self._context.read_invoice(invoice.id)
        return seen.credited_minor >= invoice.credit_asked_minor


class Unused(NamedTuple):
    """What of an invoice was paid for unused time, and is left of that.

    Attributes:
        card_minor: what was paid by card.
        balance_minor: what was paid from the customer's balance.
    """

    card_minor: int
    balance_minor: int

    @property
    def minor(self) -> int:
        """Return all of it."""
        return self.card_minor + self.balance_minor


def unused_of_each(invoices: Sequence[Invoice], unused_from: datetime) -> dict[str, Unused]:
    """Return what of each invoice is to go back for unused time: together the exact share, each rounded half up, once.

    What a downgrade has credited to the customer's balance for the same time is not given back again. No more than is
    left of each; nothing of one that is not paid, or of what bills the time before.
    """
    at = int(unused_from.timestamp())
    credited = sum(_share_minor(each, each.credited_to_balance_minor, at) for each in invoices)
    unused: dict[str, Unused] = {}
    for invoice in reversed(invoices):
        if invoice.status is not InvoiceStatus.PAID or invoice.bills_the_past:
            unused[invoice.id] = Unused(0, 0)
            continue
        by_card = card_left_minor(invoice)
        left = by_card + _paid_from_balance_minor(invoice)
        share = min(_share_minor(invoice, invoice.total.minor - invoice.past_minor, at), left)
        taken = min(credited, share)
        share, credited = share - taken, credited - taken
        unused[invoice.id] = Unused(min(share, by_card), share - min(share, by_card))
    return unused


def is_kept(invoice: Invoice) -> bool:
    """Return whether it was paid, and all of that is still ours."""
    if invoice.status is not InvoiceStatus.PAID or invoice.credit_asked_minor:
        return False
    charge = invoice.charge
    return charge is None or (card_left_minor(invoice) == charge.amount.minor and not charge.disputed)


def left_minor(invoices: Sequence[Invoice], of: Period) -> int:
    """Return what was paid for a time, by card or from the balance, and has not gone back to either."""
    paid = [
        each
        for each in invoices
        if each.status is InvoiceStatus.PAID
        and not each.bills_the_past
        and each.period_start < of.end
        and each.period_end > of.start
    ]
    left = sum(card_left_minor(each) + _paid_from_balance_minor(each) for each in paid)
    return left - sum(each.credited_to_balance_minor + each.balance_asked_minor for each in paid)


def card_left_minor(invoice: Invoice) -> int:
    """Return what was paid by card and has not gone back, nor is asked to."""
    charge = invoice.charge
    if charge is None or charge.refund_asked:
        return 0
    return charge.amount.minor - charge.refunded_minor - charge.lost_minor


def _paid_from_balance_minor(invoice: Invoice) -> int:
    by_card = 0 if invoice.charge is None else invoice.charge.amount.minor
    return max(0, invoice.total.minor - by_card)


def _share_minor(invoice: Invoice, amount_minor: int, at: int) -> int:
    """Return what of an amount for the invoice's period is for the time from then on, in Unix seconds."""
    start, end = int(invoice.period_start.timestamp()), int(invoice.period_end.timestamp())
    if end <= start:
        return 0
    left_seconds = min(max(end - at, 0), end - start)
    return (2 * amount_minor * left_seconds + (end - start)) // (2 * (end - start))
