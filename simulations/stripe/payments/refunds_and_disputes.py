"""Refunds and disputes as Stripe keeps them: money that goes back. Their rules are in `refunding` and `disputing`.

Source: Stripe API reference, "The Refund object", "The Dispute object". `to_stripe` is held
against Stripe's OpenAPI by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

from payflows.money import Money
from payflows.payments import model as payments
from payflows.payments.model import RefundStatus

from simulations.stripe.core.events import Json


@dataclass(slots=True, eq=False)
class Refund:
    """Money on its way back.

    Attributes:
        metadata: ours name the order; those made in the dashboard name none.
        failure_reason: why the bank sent it back.
    """

    id: str
    payment_intent: str
    charge: str
    amount: int
    currency: str
    created: int
    metadata: dict[str, str]
    status: RefundStatus = RefundStatus.SUCCEEDED
    failure_reason: str | None = None

    def as_refund(self) -> payments.Refund:
        """Return the refund as the port answers it."""
        return payments.Refund(self.id, self.payment_intent, Money(self.amount, self.currency), self.status)

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        answer: Json = {
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "status": self.status.value,
        }
        return answer | ({"failure_reason": self.failure_reason} if self.failure_reason else {})


@dataclass(slots=True, eq=False)
class Dispute:
    """A chargeback: `needs_response`, then `won` (by us) or `lost`."""

    id: str
    payment_intent: str
    charge: str
    amount: int
    currency: str
    created: int
    status: str = "needs_response"
    reason: str = "fraudulent"

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": [],
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": {"enhanced_evidence": {}},
            "evidence_details": {
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": self.status,
        }
