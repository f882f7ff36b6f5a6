"""The rules of credit notes: what of an invoice is taken back, and where it goes.

Source: docs.stripe.com/invoicing/integration/programmatic-credit-notes.
"""

from __future__ import annotations

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.subscriptions.billing import InvoiceStatus

from simulations.stripe.billing.book import BillingBook
from simulations.stripe.billing.credit_notes import CreditNote
from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.invoicing import Invoicing
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import StripeObject
from simulations.stripe.payments.refunding import Refunding


class Crediting:
    """Makes credit notes.

    Args:
        account: whose invoices they are of.
        book: where these are kept.
        invoicing: the rules of invoices.
        refunding: the rules of refunds.
    """

    def __init__(self, account: Account, book: BillingBook, invoicing: Invoicing, refunding: Refunding) -> None:
        self._account = account
        self._book = book
        self._invoicing = invoicing
        self._refunding = refunding

    def credit(
        self,
        invoice: Invoice,
        amount: int,
        metadata: dict[str, str],
        *,
        refund: int = 0,
        to_balance: int = 0,
        out_of_band: int = 0,
    ) -> CreditNote:
        """Take a part of an invoice back.

        It first lowers what is still to be paid; all the rest must be given back, exactly.
        """
        if invoice.status not in (InvoiceStatus.OPEN, InvoiceStatus.PAID):
            raise CallRejected(
                f"A credit note is for an invoice that is open or paid; {invoice.id} is {invoice.status}."
            )
        if invoice.is_processing:
            raise CallRejected(f"You cannot credit {invoice.id} while its payment is processing.")
        pre_payment = min(amount, invoice.amount_due - invoice.amount_paid)
        given_back = refund + to_balance + out_of_band
        if min(refund, to_balance, out_of_band) < 0 or amount <= 0 or pre_payment + given_back != amount:
            raise InvalidRequest(
                f"The refund, credit and out-of-band amounts ({given_back}) must equal the credit note's amount "
                f"({amount}) without what lowers the amount still to be paid ({pre_payment})."
            )
        if given_back > invoice.paid_in_all - invoice.post_payment_credited:
            raise InvalidRequest(f"More would be credited than was paid by {invoice.id}.")
        if refund > invoice.amount_paid - invoice.refunded_by_notes:
            raise InvalidRequest(f"More would be refunded than was paid by the payment of {invoice.id}.")
        note_id = invoice.part_id("cn", len(invoice.credit_notes))
        refunded = self._refund(invoice, refund) if refund else None
        number, now = f"{invoice.number}-CN-{len(invoice.credit_notes) + 1:02d}", self._account.seconds()
        note = CreditNote(
            note_id,
            invoice.id,
            invoice.customer.id,
            number,
            amount,
            invoice.currency,
            now,
            metadata,
            pre_payment_amount=pre_payment,
            refund=refunded,
            balance_amount=to_balance,
            out_of_band_amount=out_of_band,
        )
        return self._issue(invoice, note)

    def _issue(self, invoice: Invoice, note: CreditNote) -> CreditNote:
        invoice.credit_notes.append(note)
        if note.balance_amount:
            self._book.change_balance(
                invoice.customer, -note.balance_amount, "credit_note", note.currency, credit_note=note.id
            )
        changes: dict[str, StripeObject] = {"credit_note.created": note, "invoice.updated": invoice}
        if note.pre_payment_amount:
            self._lower(invoice, note.pre_payment_amount)
        self._account.changed(invoice, changes)
        if invoice.status is InvoiceStatus.OPEN and invoice.amount_due == 0:
            self._invoicing.pay(invoice, out_of_band=True)
        return note

    def _lower(self, invoice: Invoice, amount: int) -> None:
        assert invoice.payment is not None, "something is due"
        invoice.amount_due -= amount
        intent = invoice.payment.intent
        if invoice.amount_due:
            intent.whole = Money(invoice.amount_due, invoice.currency)
            invoice.payment.amount_requested = invoice.amount_due
            intent.changed()

    def _refund(self, invoice: Invoice, amount: int) -> tuple[str, int]:
        if invoice.payment is None:
            raise CallRejected(f"{invoice.id} was not paid by a payment that could be refunded.")
        return self._refunding.refund(invoice.payment.intent, amount, {}).id, amount
