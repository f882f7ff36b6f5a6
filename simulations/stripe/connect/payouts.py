"""Payouts as Stripe keeps them. What may happen to one is in `paying_out`.

Source: Stripe API reference, "The Payout object".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from payflows.marketplace.connect import PayoutStatus, StripePayout
from payflows.money import Money

from simulations.stripe.core.events import Json


@dataclass(slots=True, eq=False)
class Payout:
    """Money on its way to a bank; below 0, what was taken from there because the account owed it.

    Attributes:
        metadata: ours name our payout.
        automatic: Stripe's schedule made it.
        failure_code: why the bank sent it back.
    """

    id: str
    amount: int
    currency: str
    created: int
    arrival_date: int
    metadata: dict[str, str]
    balance_transaction: str
    automatic: bool = False
    status: PayoutStatus = PayoutStatus.IN_TRANSIT
    failure_code: str | None = None
    failure_balance_transaction: str | None = None

    def as_payout(self) -> StripePayout:
        """Return the payout as the port answers it."""
        return StripePayout(
            id=self.id,
            payout_id=self.metadata.get("payout_id"),
            amount=Money(self.amount, self.currency),
            status=self.status,
            arrives_at=datetime.fromtimestamp(self.arrival_date, UTC),
            failure_code=self.failure_code,
            balance_transaction_id=self.balance_transaction,
            failure_balance_transaction_id=self.failure_balance_transaction,
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "payout",
            "amount": self.amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": self.arrival_date,
            "automatic": self.automatic,
            "balance_transaction": self.balance_transaction,
            "created": self.created,
            "currency": self.currency,
            "description": None,
            "destination": None,
            "failure_balance_transaction": self.failure_balance_transaction,
            "failure_code": self.failure_code,
            "failure_message": None,
            "livemode": False,
            "metadata": dict(self.metadata),
            "method": "standard",
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": "completed" if self.automatic else "not_applicable",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": self.status.value,
            "trace_id": None,
            "type": "bank_account",
        }
