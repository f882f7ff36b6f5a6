"""What may happen to an invoice: made as a draft, finalised, then paid, voided or written off. How is in `collecting`.

Sources: docs.stripe.com/invoicing/overview, docs.stripe.com/billing/customer/balance, and the API reference.
"""

from __future__ import annotations

from payflows.errors import CallRejected
from payflows.money import CURRENCIES
from payflows.payments.model import PaymentStatus
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, PauseBehavior

from simulations.stripe.billing.book import BillingBook
from simulations.stripe.billing.invoices import Invoice, InvoiceLine
from simulations.stripe.billing.metering import Metering
from simulations.stripe.billing.pending_updates import PendingUpdate
from simulations.stripe.billing.standing import standing_of
from simulations.stripe.billing.subscriptions import UPDATED, Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ids import derived_id
from simulations.stripe.payments.lifecycle import Lifecycle

_I = InvoiceStatus


class Invoicing:
    """Moves invoices from status to status, and lets their subscriptions follow.

    Args:
        account: whose they are.
        book: where they are kept.
        payments: the rules of payment intents.
        metering: counts what invoices bill by usage.
    """

    def __init__(self, account: Account, book: BillingBook, payments: Lifecycle, metering: Metering) -> None:
        self._account = account
        self._book = book
        self._payments = payments
        self._metering = metering

    def draft(
        self, subscription: Subscription, billing_reason: str, *lines: InvoiceLine, auto_advance: bool = True
    ) -> Invoice:
        """Make a draft. While its collection is paused to keep drafts it does not advance."""
        invoice, paused = self._made("in", subscription, billing_reason, lines), subscription.paused_collection
        invoice.paused = None if paused is None else paused.behavior
        invoice.auto_advance = auto_advance and invoice.paused is not PauseBehavior.KEEP_AS_DRAFT
        invoice.number = subscription.customer.next_invoice_number()
        if invoice.auto_advance:
            invoice.automatically_finalizes_at = invoice.created + round(self._account.times.invoice_draft_seconds)
        subscription.invoices.append(invoice)
        subscription.changed()
        self._book.invoices.add(invoice.id, invoice)
        self._account.changed(invoice, {"invoice.created": invoice})
        return invoice

    def preview(self, subscription: Subscription, billing_reason: str, *lines: InvoiceLine) -> Invoice:
        """Return the invoice that such a draft would be; it is kept nowhere."""
        invoice = self._made("upcoming_in", subscription, billing_reason, lines)
        update = subscription.pending_update
        returned = 0 if update is None else update.invoice.applied_balance  # as it is voided by a change
        invoice.amount_due = due_of(invoice.total, invoice.customer.balance - returned, invoice.currency)
        return invoice

    def _made(
        self, prefix: str, subscription: Subscription, billing_reason: str, lines: tuple[InvoiceLine, ...]
    ) -> Invoice:
        customer, latest, now = subscription.customer, subscription.latest_invoice, self._account.seconds()
        return Invoice(
            derived_id(prefix, subscription.id, len(subscription.invoices)),
            customer,
            subscription.id,
            dict(subscription.metadata),
            subscription.price.unit_amount.currency,
            billing_reason,
            lines,
            period_start=now if latest is None else latest.created,
            created=now,
            starting_balance=customer.balance,
        )

    def finalise(self, invoice: Invoice, *, auto_advance: bool) -> None:
        """Apply the customer's balance, and freeze the amounts. Where nothing is due it is paid with that."""
        if invoice.status is not _I.DRAFT:
            raise CallRejected(f"Invoice {invoice.id} is already finalized: it is {invoice.status}.")
        self._metering.count_for_good(invoice)
        invoice.auto_advance, invoice.starting_balance = auto_advance, invoice.customer.balance
        self._open(invoice, self._apply_balance(invoice))
        if invoice.amount_due == 0:
            self.pay(invoice)

    def void_draft(self, invoice: Invoice) -> None:
        """Make a draft final and void it, without the customer's balance; what it credits goes there all the same."""
        self._metering.count_for_good(invoice)
        if invoice.total < 0:
            return self.finalise(invoice, auto_advance=False)
        invoice.starting_balance = invoice.customer.balance
        self._open(invoice, invoice.total)
        self.void(invoice)

    def _open(self, invoice: Invoice, amount_due: int) -> None:
        invoice.amount_due, invoice.ending_balance, invoice.status = amount_due, invoice.customer.balance, _I.OPEN
        invoice.transitions["finalized_at"] = self._account.seconds()
        self._account.changed(invoice, {"invoice.finalized": invoice})

    def _apply_balance(self, invoice: Invoice) -> int:
        """Return what remains to be collected. What is too little to charge, or below 0, goes to the balance."""
        customer, total, currency = invoice.customer, invoice.total, invoice.currency
        due, left = due_of(total, customer.balance, currency), max(0, total + customer.balance) if total > 0 else total
        if total > 0 and left != total:
            self._book.change_balance(customer, total - left, "applied_to_invoice", currency, invoice=invoice.id)
        if left != due:
            self._book.change_balance(customer, left, "invoice_too_small", currency, invoice=invoice.id)
        return due

    def pay_out_of_band(self, invoice: Invoice) -> None:
        """Mark it as paid outside of Stripe; its intent is cancelled."""
        if not invoice.is_collectable or invoice.is_processing:
            raise CallRejected(f"You can only pay an open or uncollectible invoice; {invoice.id} is {invoice.status}.")
        self.pay(invoice, out_of_band=True)

    def pay(self, invoice: Invoice, *, out_of_band: bool = False) -> None:
        """Mark it as paid."""
        now = self._account.seconds()
        invoice.status, invoice.amount_paid, invoice.paid_out_of_band = _I.PAID, invoice.amount_due, out_of_band
        invoice.transitions["paid_at"], invoice.next_payment_attempt = now, None
        changes: dict[str, StripeObject] = {"invoice.paid": invoice, "invoice.payment_succeeded": invoice}
        if invoice.payment is not None:
            if out_of_band:
                self._cancel_payment(invoice)
            else:
                invoice.payment.paid_at = now
                changes["invoice_payment.paid"] = invoice.payment
        self._account.changed(invoice, changes)
        self.follow(invoice)

    def void(self, invoice: Invoice) -> None:
        """Void it: it takes no money any more, and the credit that was applied to it goes back to the customer."""
        if not invoice.is_collectable:
            raise CallRejected(f"You can only void an open or uncollectible invoice; {invoice.id} is {invoice.status}.")
        if invoice.is_processing:
            raise CallRejected(f"You cannot void {invoice.id} while its payment is processing.")
        invoice.status, invoice.next_payment_attempt = _I.VOID, None
        invoice.transitions["voided_at"] = self._account.seconds()
        if applied := invoice.applied_balance:
            self._book.change_balance(
                invoice.customer, -applied, "unapplied_from_invoice", invoice.currency, invoice=invoice.id
            )
        self._cancel_payment(invoice)
        self._account.changed(invoice, {"invoice.voided": invoice})
        self.follow(invoice)

    def mark_uncollectible(self, invoice: Invoice) -> None:
        """Write it off; it can still be paid or voided."""
        if invoice.status is not _I.OPEN:
            raise CallRejected(
                f"Only an open invoice can be marked as uncollectible; {invoice.id} is {invoice.status}."
            )
        invoice.status, invoice.next_payment_attempt = _I.UNCOLLECTIBLE, None
        invoice.transitions["marked_uncollectible_at"] = self._account.seconds()
        self._account.changed(invoice, {"invoice.marked_uncollectible": invoice})
        self.follow(invoice)

    def stop(self, invoice: Invoice) -> None:
        """Collect it no more by itself; it stays open."""
        invoice.auto_advance, invoice.next_payment_attempt = False, None
        self._account.changed(invoice, {"invoice.updated": invoice})

    def follow(self, invoice: Invoice) -> None:
        """Let the subscription stand as its invoices say."""
        if invoice.subscription is not None:
            subscription = self._book.subscriptions.find(invoice.subscription)
            if subscription.pending_update is not None:
                self._settle_update(subscription, subscription.pending_update)
            if subscription.resumption is not None:
                subscription.resumption.follow()
            self.follow_invoices(subscription)

    def expire_update(self, subscription: Subscription) -> None:
        """Drop a change that waits for its payment, and void its invoice, unless a bank is at work on that."""
        update = subscription.pending_update
        if update is not None and not update.invoice.is_processing:
            self.void(update.invoice)

    def _settle_update(self, subscription: Subscription, update: PendingUpdate) -> None:
        """Make the change that waits, where its invoice is paid, or drop it, where that is void."""
        if update.invoice.status not in (_I.PAID, _I.VOID):
            return
        is_paid = update.invoice.status is _I.PAID
        subscription.settle_update(is_paid=is_paid)
        if is_paid and not subscription.has_ended:
            self._metering.change(subscription, update.metered_price)
        settled = "customer.subscription.pending_update_" + ("applied" if is_paid else "expired")
        changes: dict[str, StripeObject] = {settled: subscription} if update.is_announced else {}
        self._account.changed(subscription, changes | {UPDATED: subscription})

    def follow_invoices(self, subscription: Subscription) -> None:
        """Let it stand as its invoices say."""
        standing = standing_of(subscription)
        if standing is subscription.status:
            return
        subscription.status = standing
        if standing is BillingStatus.INCOMPLETE_EXPIRED:
            subscription.ended_at = self._account.seconds()
        self._account.changed(subscription, {UPDATED: subscription})

    def _cancel_payment(self, invoice: Invoice) -> None:
        payment = invoice.payment
        if payment is not None and payment.intent.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.CANCELED):
            payment.canceled_at = self._account.seconds()
            self._payments.cancel(payment.intent, "void_invoice")


def due_of(total: int, balance: int, currency: str) -> int:
    """Return what is collected of an invoice, after the customer's balance: nothing that is too little to charge."""
    due = total + balance if total > 0 else 0
    return due if due >= CURRENCIES[currency].least_charge_minor else 0
