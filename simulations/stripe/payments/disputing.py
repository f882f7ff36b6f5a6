"""What may happen to a dispute: one at a time, of what was not refunded or a part. It may begin as an inquiry.

Sources: docs.stripe.com/disputes/how-disputes-work; API reference, "The Dispute object".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from payflows.errors import CallRejected
from payflows.payments.model import DisputeStatus

from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ledger import MovementKind
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.payments.refunding import Refunding, refundable_charge
from simulations.stripe.payments.refunds_and_disputes import Dispute
from simulations.stripe.payments.settlement import Settlement

_D = DisputeStatus

_REVIEWED_AS = {
    _D.NEEDS_RESPONSE: _D.UNDER_REVIEW,
    _D.WARNING_NEEDS_RESPONSE: _D.WARNING_UNDER_REVIEW,
}


class Disputing:
    """Opens and closes disputes.

    Args:
        account: whose payments they are.
        refunding: the rules of refunds, of which those on their way fail.
        settlement: what disputes do to balances.
    """

    def __init__(self, account: Account, refunding: Refunding, settlement: Settlement) -> None:
        self._account = account
        self._refunding = refunding
        self._settlement = settlement

    def open(self, intent: PaymentIntent, amount_minor: int | None = None) -> None:
        """Take back all that was not refunded, or a part; of an inquiry a chargeback is made.

        A refund that is still on its way fails: the buyer's bank gives the buyer the money.
        """
        self._refunding.fail_pending(intent, "charge_for_pending_refund_disputed")
        charge = refundable_charge(intent)
        rest = charge.amount - charge.amount_refunded
        amount = rest if amount_minor is None else amount_minor
        if not 0 < amount <= rest:
            raise InvalidRequest(f"Disputed amount ({amount}) is not within what was not refunded ({rest}).")
        dispute = next((each for each in intent.disputes if each.is_inquiry and each.status.is_open), None)
        changes: dict[str, StripeObject] = {}
        if dispute is None:
            dispute = self._new(intent, _D.NEEDS_RESPONSE)
            changes["charge.dispute.created"] = dispute
        dispute.status, dispute.amount = _D.NEEDS_RESPONSE, amount
        self._settlement.dispute_opened(intent, dispute)
        if dispute.due_by is not None:
            self._account.at(dispute.due_by, partial(self._lose_unanswered, intent, dispute))
        self._move(dispute, -amount)
        charge.charged_back = True
        changes["charge.dispute.funds_withdrawn"] = dispute
        self._account.moved(MovementKind.DISPUTED, intent, dispute.amount, changes)

    def inquire(self, intent: PaymentIntent) -> None:
        """Ask what the charge is for: no money moves."""
        refundable_charge(intent)
        dispute = self._new(intent, _D.WARNING_NEEDS_RESPONSE)
        self._settlement.dispute_opened(intent, dispute)
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

    def lose(self, intent: PaymentIntent, reinstated_minor: int = 0) -> None:
        """Decide the open dispute for the customer: the money stays with them, all of it or but a part."""
        dispute = self._open_dispute(intent)
        if dispute.is_inquiry:
            raise CallRejected(f"{dispute.id} is an inquiry: it can be closed, and not lost.")
        dispute.decide(_D.LOST, self._account.seconds())
        if reinstated_minor:
            self._give_back(intent, dispute, reinstated_minor, {"charge.dispute.closed": dispute})
        else:
            self._account.changed(intent, {"charge.dispute.closed": dispute})

    def submit_evidence(self, intent: PaymentIntent, dispute: Dispute, evidence: Mapping[str, str]) -> None:
        """Give the bank our evidence, once: it then has to decide."""
        reviewed = _REVIEWED_AS.get(dispute.status)
        if reviewed is None:
            raise CallRejected(f"{dispute.id} is {dispute.status}: evidence can no longer be submitted.")
        dispute.status = reviewed
        dispute.evidence.update(evidence)
        self._account.changed(intent, {"charge.dispute.updated": dispute})

    def accept(self, intent: PaymentIntent, dispute: Dispute) -> None:
        """Accept that it is lost."""
        if dispute.status is not _D.NEEDS_RESPONSE:
            raise CallRejected(f"{dispute.id} is {dispute.status}: it cannot be closed.")
        self.lose(intent)

    def _lose_unanswered(self, intent: PaymentIntent, dispute: Dispute) -> None:
        if dispute.status is _D.NEEDS_RESPONSE:
            self.lose(intent)

    def reverse_loss(self, intent: PaymentIntent) -> None:
        """Decide for us after all: a dispute that was lost is won, and the money comes back."""
        dispute = next((each for each in intent.disputes if each.status is _D.LOST), None)
        if dispute is None:
            raise CallRejected(f"{intent.id} has no dispute that was lost.")
        dispute.decide(_D.WON, self._account.seconds())
        self._reinstate(intent, dispute, {"charge.dispute.updated": dispute})

    def reverse_win(self, intent: PaymentIntent) -> None:
        """Decide for the customer after all: a dispute that was won is lost, and the money goes."""
        dispute = next((each for each in intent.disputes if each.status is _D.WON), None)
        if dispute is None:
            raise CallRejected(f"{intent.id} has no dispute that was won.")
        dispute.decide(_D.LOST, self._account.seconds())
        self._move(dispute, -dispute.amount)
        intent.charges[-1].charged_back = True
        changes: dict[str, StripeObject] = {"charge.dispute.funds_withdrawn": dispute}
        self._account.moved(
            MovementKind.DISPUTED, intent, dispute.amount, changes | {"charge.dispute.updated": dispute}
        )

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
        intent.charges[-1].charged_back = False
        self._give_back(intent, dispute, dispute.withdrawn, changes)

    def _give_back(
        self, intent: PaymentIntent, dispute: Dispute, amount_minor: int, changes: dict[str, StripeObject]
    ) -> None:
        self._move(dispute, amount_minor)
        reinstated: dict[str, StripeObject] = {"charge.dispute.funds_reinstated": dispute}
        self._account.moved(MovementKind.DISPUTE_WON, intent, amount_minor, reinstated | changes)

    def _move(self, dispute: Dispute, amount_minor: int) -> None:
        """Take the money from us, below 0, or give it back."""
        fee = self._settlement.dispute_moved(dispute, amount_minor)
        dispute.move(amount_minor, self._account.seconds(), fee)
