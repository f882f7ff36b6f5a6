"""Refunds and disputes as Stripe keeps them: money that goes back. Their rules are in `refunding` and `disputing`.

Source: Stripe API reference, "The Refund object", "The Dispute object". `to_stripe` is held
against Stripe's OpenAPI by a test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from payflows.money import Money
from payflows.payments import model as payments
from payflows.payments.model import DisputeStatus, RefundStatus

from simulations.stripe.core.events import Json


@dataclass(slots=True, eq=False)
class Refund:
    """Money on its way back.

    Attributes:
        metadata: ours name the order; those made in the dashboard name none.
        failure_reason: why the bank sent it back.
        pending_reason: why it is not on its way yet.
        sent: when it went on its way; None while the balance does not cover it.
        balance_transaction: what it did to a platform's balance.
        failure_balance_transaction: what came back.
        transfer_reversal: what of it was taken back from a vendor.
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
    pending_reason: str | None = None
    sent: int | None = None
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    transfer_reversal: str | None = None

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
        optional = {
            "balance_transaction": self.balance_transaction,
            "failure_balance_transaction": self.failure_balance_transaction,
            "failure_reason": self.failure_reason,
            "pending_reason": self.pending_reason,
            "transfer_reversal": self.transfer_reversal,
        }
        return answer | {name: value for name, value in optional.items() if value is not None}


class DisputeMovement(NamedTuple):
    """What a dispute took from us, below 0, or gave back.

    Attributes:
        amount: how much.
        at: when, in Unix seconds.
        fee: what Stripe charged for it; below 0 where it gave that back.
    """

    amount: int
    at: int
    fee: int = 0


@dataclass(slots=True, eq=False)
class Dispute:
    """A chargeback, which has moved the money, or an inquiry (`warning_...`), which has not.

    Attributes:
        decisions: how it was decided, and when, the latest last; no field of Stripe's.
        movements: its balance transactions.
        due_by: when evidence is due.
        evidence: what was submitted, by Stripe's names.
    """

    id: str
    payment_intent: str
    charge: str
    amount: int
    currency: str
    created: int
    status: DisputeStatus = DisputeStatus.NEEDS_RESPONSE
    reason: str = "fraudulent"
    decisions: list[tuple[DisputeStatus, int]] = field(default_factory=list)
    movements: list[DisputeMovement] = field(default_factory=list)
    due_by: int | None = None
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def is_inquiry(self) -> bool:
        """Whether it has moved no money; the charge may then be refunded."""
        return self.status.startswith("warning_")

    @property
    def was_lost(self) -> bool:
        """Whether it was ever decided for the customer."""
        return any(status is DisputeStatus.LOST for status, _ in self.decisions)

    @property
    def has_the_money(self) -> bool:
        """Whether the customer's bank has the money."""
        return self.withdrawn > 0

    @property
    def withdrawn(self) -> int:
        """What it has taken from us as it stands, without fees."""
        return -sum(movement.amount for movement in self.movements)

    def decide(self, status: DisputeStatus, at: int) -> None:
        """Close it."""
        self.status = status
        self.decisions.append((status, at))

    def move(self, amount: int, at: int, fee: int = 0) -> None:
        """Take the money from us, below 0, or give it back."""
        self.movements.append(DisputeMovement(amount, at, fee))

    def as_dispute(self) -> payments.Dispute:
        """Return the dispute as the port answers it."""
        amount, reinstated_minor = Money(self.amount, self.currency), self.amount - self.withdrawn
        return payments.Dispute(
            self.id, self.payment_intent, amount, self.status, reinstated_minor if self.movements else 0
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": [
                self._balance_transaction(number, movement) for number, movement in enumerate(self.movements)
            ],
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": {"enhanced_evidence": {}, **self.evidence},
            "evidence_details": {
                "enhanced_eligibility": {},
                "has_evidence": bool(self.evidence),
                "past_due": False,
                "submission_count": int(bool(self.evidence)),
                **({"due_by": self.due_by} if self.due_by is not None else {}),
            },
            "is_charge_refundable": self.is_inquiry,
            "livemode": False,
            "metadata": {},
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": self.status.value,
        }

    def _balance_transaction(self, number: int, movement: DisputeMovement) -> Json:
        amount, at, fee = movement
        details = {"amount": fee, "application": None, "currency": self.currency, "description": None}
        return {
            "id": f"txn_{self.id.replace('_', '')}{number:02d}",
            "object": "balance_transaction",
            "amount": amount,
            "available_on": at,
            "balance_type": "payments",
            "created": at,
            "currency": self.currency,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [details | {"type": "stripe_fee"}] if fee else [],
            "net": amount - fee,
            "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
            "source": self.id,
            "status": "available",
            "type": "adjustment",
        }
