"""Credit notes: what of an invoice is taken back, before it is paid or after.

Source: Stripe API reference, "The Credit Note object"; docs.stripe.com/invoicing/integration/programmatic-credit-notes.
"""

from __future__ import annotations

from dataclasses import dataclass

from payflows.money import Money
from payflows.subscriptions import billing

from simulations.stripe.billing.objects import page_of
from simulations.stripe.core.events import Json


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A part of an invoice that is taken back.

    Attributes:
        pre_payment_amount: what lowered the amount that was still to be paid.
        refund: the refund of what was paid, `re_...`, and how much it gives back.
        balance_amount: what was credited to the customer's balance.
        out_of_band_amount: what was given back outside of Stripe.
    """

    id: str
    invoice: str
    customer: str
    number: str
    amount: int
    currency: str
    created: int
    metadata: dict[str, str]
    pre_payment_amount: int = 0
    refund: tuple[str, int] | None = None
    balance_amount: int = 0
    out_of_band_amount: int = 0

    @property
    def post_payment_amount(self) -> int:
        """What was given back of what had been paid."""
        return self.amount - self.pre_payment_amount

    def as_credit_note(self) -> billing.CreditNote:
        """Return it as the port answers it."""
        owner_id = self.metadata.get("subscription_id")
        return billing.CreditNote(self.id, self.invoice, owner_id, Money(self.amount, self.currency))

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        line: Json = {
            "id": f"cnli_{self.id[3:]}",
            "object": "credit_note_line_item",
            "amount": self.amount,
            "discount_amount": 0,
            "discount_amounts": [],
            "livemode": False,
            "pretax_credit_amounts": [],
            "tax_rates": [],
            "type": "custom_line_item",
        }
        return {
            "id": self.id,
            "object": "credit_note",
            "amount": self.amount,
            "amount_shipping": 0,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "discount_amount": 0,
            "discount_amounts": [],
            "invoice": self.invoice,
            "lines": page_of(f"/v1/credit_notes/{self.id}/lines", [line]),
            "livemode": False,
            "metadata": self.metadata,
            "number": self.number,
            "out_of_band_amount": self.out_of_band_amount or None,
            "pdf": f"https://pay.stripe.example/credit_notes/{self.id}/pdf",
            "post_payment_amount": self.post_payment_amount,
            "pre_payment_amount": self.pre_payment_amount,
            "pretax_credit_amounts": [],
            "refunds": [] if self.refund is None else [self._refund(*self.refund)],
            "status": "issued",
            "subtotal": self.amount,
            "total": self.amount,
            "type": "post_payment" if self.post_payment_amount else "pre_payment",
        }

    def _refund(self, refund_id: str, amount: int) -> Json:
        return {"amount_refunded": amount, "refund": refund_id, "type": "refund", "payment_record_refund": None}
