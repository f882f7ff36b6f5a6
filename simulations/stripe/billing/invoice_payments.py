"""Payments of invoices: how the payment intent that an invoice owns stands to it.

Source: Stripe API reference, "The Invoice Payment object".
"""

from __future__ import annotations

from dataclasses import dataclass

from simulations.stripe.core.events import Json
from simulations.stripe.payments.objects import PaymentIntent


@dataclass(eq=False)
class InvoicePayment:
    """The payment intent by which an invoice is paid.

    Attributes:
        amount_requested: what it is for.
        paid_at: when it succeeded.
        canceled_at: when it was cancelled with its invoice.
    """

    id: str
    invoice: str
    intent: PaymentIntent
    amount_requested: int
    created: int
    paid_at: int | None = None
    canceled_at: int | None = None

    @property
    def status(self) -> str:
        """Stripe's status."""
        return "paid" if self.paid_at is not None else "canceled" if self.canceled_at is not None else "open"

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "invoice_payment",
            "amount_paid": None if self.paid_at is None else self.amount_requested,
            "amount_requested": self.amount_requested,
            "created": self.created,
            "currency": self.intent.currency,
            "invoice": self.invoice,
            "is_default": True,
            "livemode": False,
            "payment": {"type": "payment_intent", "payment_intent": self.intent.id},
            "status": self.status,
            "status_transitions": {"canceled_at": self.canceled_at, "paid_at": self.paid_at},
        }
