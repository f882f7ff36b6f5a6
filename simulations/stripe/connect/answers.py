"""Objects of Connect as the port answers them, and the time in which those that are listed were made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from payflows.marketplace.balances import BalanceStatus, BalanceTransaction
from payflows.marketplace.connect import SplitRefund, StripeCharge
from payflows.money import Money

from simulations.stripe.connect.book import ChargeOfIntent
from simulations.stripe.core.balance import Entry
from simulations.stripe.payments.refunds_and_disputes import Refund


class Window(NamedTuple):
    """A time in which objects were made, in Unix seconds.

    Attributes:
        begins: of it.
        ends: of it; None: now.
    """

    begins: int
    ends: int | None = None

    def holds(self, created: int) -> bool:
        """Return whether it holds a moment."""
        return self.begins <= created and (self.ends is None or created < self.ends)


def as_charge(found: ChargeOfIntent) -> StripeCharge:
    """Return a charge as the port answers it."""
    charge = found.charge
    return StripeCharge(charge.id, charge.payment_intent, Money(charge.amount_captured, charge.currency), *charge.split)


def as_refund(refund: Refund) -> SplitRefund:
    """Return a refund as the port answers it."""
    return SplitRefund(
        id=refund.id,
        payment_id=refund.payment_intent,
        amount=Money(refund.amount, refund.currency),
        status=refund.status,
        purpose=refund.metadata.get("purpose"),
        transfer_reversal_id=refund.transfer_reversal,
        balance_transaction_id=refund.balance_transaction,
        failure_balance_transaction_id=refund.failure_balance_transaction,
    )


def as_transaction(entry: Entry, now: int) -> BalanceTransaction:
    """Return an entry as the port answers it."""
    return BalanceTransaction(
        id=entry.id,
        type=entry.type,
        source_id=entry.source,
        amount_minor=entry.amount,
        fee_minor=entry.fee,
        net_minor=entry.net,
        currency=entry.currency,
        status=BalanceStatus.AVAILABLE if entry.is_available(now) else BalanceStatus.PENDING,
        available_at=moment(entry.available_on),
        created_at=moment(entry.created),
    )


def moment(seconds: int) -> datetime:
    """Return a moment that Stripe names in Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)
