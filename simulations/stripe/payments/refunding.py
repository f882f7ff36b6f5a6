"""What may happen to a refund.

Source: docs.stripe.com/refunds ("Failed refunds").
"""

from __future__ import annotations

from functools import partial

from payflows.errors import CallRejected
from payflows.payments.model import RefundStatus

from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ledger import MovementKind
from simulations.stripe.core.times import DAY
from simulations.stripe.payments.cards import RefundCourse
from simulations.stripe.payments.objects import Charge, PaymentIntent
from simulations.stripe.payments.refunds_and_disputes import Refund
from simulations.stripe.payments.settlement import ALL_OURS, RefundShares, Settlement


def refundable_charge(intent: PaymentIntent) -> Charge:
    """Return the charge whose money can go back. Raises `CallRejected` if there is none."""
    charge = intent.latest_charge
    if charge is None or not charge.captured:
        raise CallRejected(f"PaymentIntent {intent.id} does not have a successful charge to refund.")
    if charge.charged_back:
        raise CallRejected(f"Charge {charge.id} has been charged back.", "charge_disputed")
    if charge.refunded:
        raise CallRejected(f"Charge {charge.id} has already been refunded.", "charge_already_refunded")
    return charge


class Refunding:
    """Makes refunds, and lets the bank settle them or send them back.

    Args:
        account: whose payments they are.
        settlement: what they do to balances.
    """

    def __init__(self, account: Account, settlement: Settlement) -> None:
        self._account = account
        self._settlement = settlement

    def refund(
        self,
        intent: PaymentIntent,
        amount_minor: int | None,
        metadata: dict[str, str],
        shares: RefundShares = ALL_OURS,
    ) -> Refund:
        """Refund a part of the charge, or all that is left of it (None)."""
        charge = refundable_charge(intent)
        rest = charge.amount - charge.amount_refunded
        amount = rest if amount_minor is None else amount_minor
        if not 0 < amount <= rest:
            raise InvalidRequest(
                f"Refund amount ({amount}) is not within the unrefunded amount ({rest}).", None, "amount"
            )
        refund_id, created = intent.part_id("re", len(intent.refunds)), self._account.seconds()
        refund = Refund(refund_id, intent.id, charge.id, amount, charge.currency, created, metadata)
        self._settlement.refunded(intent, charge, refund, shares)
        intent.refunds.append(refund)
        charge.amount_refunded += amount
        self._schedule(intent, refund, charge.method.refund)
        changes: dict[str, StripeObject] = {"charge.refunded": charge, "refund.created": refund}
        self._account.moved(MovementKind.REFUNDED, intent, amount, changes)
        return refund

    def _schedule(self, intent: PaymentIntent, refund: Refund, course: RefundCourse) -> None:
        times = self._account.times
        if not self._settlement.is_covered(refund):
            refund.status, refund.pending_reason = RefundStatus.PENDING, "insufficient_funds"
            return self._account.later(DAY, partial(self._try_again, intent, refund, course))
        refund.sent = self._account.seconds()
        match course:
            case RefundCourse.PENDING_THEN_SUCCEEDS:
                refund.status = RefundStatus.PENDING
                self._account.later(times.refund_settles_after_seconds, partial(self.settle, intent, refund))
            case RefundCourse.SUCCEEDS_THEN_FAILS:
                self._account.later(times.refund_fails_after_seconds, partial(self.fail, intent, refund))

    def settle(self, intent: PaymentIntent, refund: Refund) -> None:
        """Let one that is pending succeed."""
        if refund.status is RefundStatus.PENDING:
            refund.status = RefundStatus.SUCCEEDED
            self._account.changed(intent, {"refund.updated": refund})

    def _try_again(self, intent: PaymentIntent, refund: Refund, course: RefundCourse) -> None:
        """Send it, once the balance suffices; a day later it is looked at again."""
        if refund.status is not RefundStatus.PENDING:
            return
        refund.status, refund.pending_reason = RefundStatus.SUCCEEDED, None
        self._schedule(intent, refund, course)
        if refund.pending_reason is None:
            self._account.changed(intent, {"refund.updated": refund})

    def fail_pending(self, intent: PaymentIntent, reason: str) -> None:
        """Send back all that is still on its way."""
        for refund in intent.refunds:
            if refund.status is RefundStatus.PENDING:
                self.fail(intent, refund, reason)

    def fail(self, intent: PaymentIntent, refund: Refund, reason: str = "expired_or_canceled_card") -> None:
        """Send it back: the money is ours again, and may be refunded once more."""
        refund.status, refund.failure_reason = RefundStatus.FAILED, reason
        intent.charges[-1].amount_refunded -= refund.amount
        self._settlement.refund_failed(refund)
        changes = {"refund.updated": refund, "refund.failed": refund}
        self._account.moved(MovementKind.REFUND_FAILED, intent, refund.amount, changes)
