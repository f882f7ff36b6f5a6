"""What may happen to a dispute: one chargeback at a time, of all that was not refunded."""

from __future__ import annotations

from payflows.errors import CallRejected

from simulations.stripe.core.account import Account
from simulations.stripe.core.ledger import MovementKind
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.payments.refunding import refundable_charge
from simulations.stripe.payments.refunds_and_disputes import Dispute


class Disputing:
    """Opens and closes disputes.

    Args:
        account: whose payments they are.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def open(self, intent: PaymentIntent) -> None:
        """Take back all that was not refunded."""
        charge = refundable_charge(intent)
        amount = charge.amount - charge.amount_refunded
        dispute_id, created = intent.part_id("dp", len(intent.disputes)), self._account.seconds()
        dispute = Dispute(dispute_id, intent.id, charge.id, amount, charge.currency, created)
        intent.disputes.append(dispute)
        charge.disputed = charge.charged_back = True
        changes = {"charge.dispute.created": dispute, "charge.dispute.funds_withdrawn": dispute}
        self._account.moved(MovementKind.DISPUTED, intent, amount, changes)

    def complain(self, intent: PaymentIntent) -> None:
        """Open a dispute, unless the customer was refunded or has complained already."""
        charge = intent.charges[-1]
        if not charge.charged_back and not charge.refunded:
            self.open(intent)

    def win(self, intent: PaymentIntent) -> None:
        """Decide the open dispute for us: the money comes back."""
        dispute = self._close(intent, "won")
        intent.charges[-1].charged_back = False
        changes = {"charge.dispute.funds_reinstated": dispute, "charge.dispute.closed": dispute}
        self._account.moved(MovementKind.DISPUTE_WON, intent, dispute.amount, changes)

    def lose(self, intent: PaymentIntent) -> None:
        """Decide the open dispute for the customer: the money stays with them."""
        dispute = self._close(intent, "lost")
        self._account.changed(intent, {"charge.dispute.closed": dispute})

    def _close(self, intent: PaymentIntent, status: str) -> Dispute:
        dispute = next((each for each in intent.disputes if each.status == "needs_response"), None)
        if dispute is None:
            raise CallRejected(f"{intent.id} has no open dispute.")
        dispute.status = status
        return dispute
