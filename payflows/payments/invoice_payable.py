"""An invoice as what is to be paid: Stripe makes and owns its payment intent, which no one may edit or cancel."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from payflows.errors import PaymentDeclined
from payflows.kernel.ports import moves
from payflows.payments.charge import Charge
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import Payment

ACTION_REQUIRED = "invoice_payment_intent_requires_action"
"""The error code with which Stripe says that an invoice's payment waits for its customer: it was not declined."""


DEFAULT_CARD = "default"
"""Stands in an attempt for the card that Stripe finds by itself, where we know of none."""


class InvoiceGateway(Protocol):
    """Stripe, as far as the collection of an invoice needs it."""

    @moves
    async def pay_invoice(self, invoice_id: str, *, payment_method: str | None, key: str) -> object:
        """Try to pay an open invoice now. Raises `PaymentDeclined` where the issuer says no."""
        ...

    @moves
    async def void_invoice(self, invoice_id: str, *, key: str) -> object:
        """Void an invoice: it can take no money any more."""
        ...


class InvoicePayable:
    """A `Payable`: the invoice that owns the charge, through the intent whose id the charge holds.

    Args:
        payments: reads the intent.
        invoices: pays and voids the invoice.
    """

    def __init__(self, payments: PaymentGateway, invoices: InvoiceGateway) -> None:
        self._payments = payments
        self._invoices = invoices

    def read(self, charge: Charge) -> Coroutine[Any, Any, Payment]:
        """Return the intent as it stands: succeeded once the invoice is paid by it, canceled once that is void."""
        return self._payments.retrieve_payment(charge.stored_payment_id())

    async def attempt(self, charge: Charge) -> object:
        """Pay the invoice with the attempt's card; that the customer is asked is no decline."""
        attempt = charge.attempt
        card = None if attempt.payment_method == DEFAULT_CARD else attempt.payment_method
        try:
            return await self._invoices.pay_invoice(
                charge.owner_id, payment_method=card, key=charge.key(f"pay-{attempt.number}")
            )
        except PaymentDeclined as declined:
            if declined.code != ACTION_REQUIRED:
                raise
            return None  # an error, returned, would be taken for the answer of a decline

    def close(self, charge: Charge) -> Coroutine[Any, Any, object]:
        """Void the invoice, which cancels its intent."""
        return self._invoices.void_invoice(charge.owner_id, key=charge.key("void"))


class FirstInvoicePayable(InvoicePayable):
    """A subscription's first invoice: it is paid by confirming its intent while the customer is there."""

    def attempt(self, charge: Charge) -> Coroutine[Any, Any, object]:
        """Confirm the intent with the attempt's card."""
        attempt = charge.attempt
        return self._payments.confirm_payment(
            charge.stored_payment_id(),
            payment_method=attempt.payment_method,
            key=charge.key(f"confirm-{attempt.number}"),
            return_url=attempt.return_url,
        )
