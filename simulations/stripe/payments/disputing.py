"""What may happen to a dispute: one at a time, of all that was not refunded. It may begin as an inquiry.

Sources: docs.stripe.com/disputes/how-disputes-work; API reference, "The Dispute object".
"""

from __future__ import annotations

from payflows.errors import CallRejected
from payflows.payments.model import DisputeStatus

from simulations.stripe.core.account import Account
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ledger import MovementKind
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.payments.refunding import refundable_charge
from simulations.stripe.payments.refunds_and_disputes import Dispute

_D = DisputeStatus


class Disputing:
    """Opens and closes disputes.

    Args:
        account: whose payments they are.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def open(self, intent: PaymentIntent) -> None:
        """Take back all that was not refunded; of an inquiry a chargeback is made."""
        charge = refundable_charge(intent)
        dispute = next((each for each in intent.disputes if each.is_inquiry and each.status.is_open), None)
        changes: dict[str, StripeObject] = {}
        if dispute is None:
            dispute = self._new(intent, _D.NEEDS_RESPONSE)
            changes["charge.dispute.created"] = dispute
        dispute.status, dispute.amount = _D.NEEDS_RESPONSE, charge.amount - charge.amount_refunded
        dispute.move(-dispute.amount, self._account.seconds())
        charge.charged_back = True
        changes["charge.dispute.funds_withdrawn"] = dispute
        self._account.moved(MovementKind.DISPUTED, intent, dispute.amount, changes)

    def inquire(self, intent: PaymentIntent) -> None:
        """Ask what the charge is for: no money moves."""
        refundable_charge(intent)
        dispute = self._new(intent, _D.WARNING_NEEDS_RESPONSE)
        self._account.changed(intent, {"charge.dispute.created": dispute})

    def complain(self, intent: PaymentIntent) -> None:
        """Open a dispute, unless the customer was refunded or has complained already."""
        charge = intent.charges[-1]
        if not charge.charged_back and not charge.refunded:
            self.open(intent)

    def win(self, intent: PaymentIntent) -> None:
        """Decide the open dispute for us: the money comes back, where it had gone. An inquiry is only closed."""
        dispute = self._open_dispute(intent)
        dispute.decide(_D.WARNING_CLOSED if dispute.is_inquiry else _D.WON, self._account.seconds())
        self._reinstate(intent, dispute, {"charge.dispute.closed": dispute})

    def lose(self, intent: PaymentIntent) -> None:
        """Decide the open dispute for the customer: the money stays with them."""
        dispute = self._open_dispute(intent)
        if dispute.is_inquiry:
            raise CallRejected(f"{dispute.id} is an inquiry: it can be closed, and not lost.")
        dispute.decide(_D.LOST, self._account.seconds())
        self._account.changed(intent, {"charge.dispute.closed": dispute})

    def reverse_loss(self, intent: PaymentIntent) -> None:
        """Decide for us after all: a dispute that was lost is won, and the money comes back."""
        dispute = next((each for each in intent.disputes if each.status is _D.LOST), None)
        if dispute is None:
            raise CallRejected(f"{intent.id} has no dispute that was lost.")
        dispute.decide(_D.WON, self._account.seconds())
        self._reinstate(intent, dispute, {"charge.dispute.updated": dispute})

    def _new(self, intent: PaymentIntent, status: DisputeStatus) -> Dispute:
        charge = intent.charges[-1]
        amount = charge.amount - charge.amount_refunded
        dispute_id, created = intent.part_id("dp", len(intent.disputes)), self._account.seconds()
        dispute = Dispute(dispute_id, intent.id, charge.id, amount, charge.currency, created, status)
        intent.disputes.append(dispute)
        charge.disputed = True
        return dispute

    def _open_dispute(self, intent: PaymentIntent) -> Dispute:
        dispute = next((each for each in intent.disputes if each.status.is_open), None)
        if dispute is None:
            raise CallRejected(f"{intent.id} has no open dispute.")
        return dispute

    def _reinstate(self, intent: PaymentIntent, dispute: Dispute, changes: dict[str, StripeObject]) -> None:
        if not dispute.has_the_money:
            return self._account.changed(intent, changes)
        dispute.move(dispute.amount, self._account.seconds())
        intent.charges[-1].charged_back = False
        reinstated: dict[str, StripeObject] = {"charge.dispute.funds_reinstated": dispute}
        self._account.moved(MovementKind.DISPUTE_WON, intent, dispute.amount, reinstated | changes)
