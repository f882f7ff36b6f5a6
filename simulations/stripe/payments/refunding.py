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
from simulations.stripe.payments.cards import RefundCourse
from simulations.stripe.payments.objects import Charge, PaymentIntent
from simulations.stripe.payments.refunds_and_disputes import Refund


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
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def refund(self, intent: PaymentIntent, amount_minor: int | None, metadata: dict[str, str]) -> Refund:
        """Refund a part of the charge, or all that is left of it (None)."""
        charge = refundable_charge(intent)
        rest = charge.amount - charge.amount_refunded
        amount = rest if amount_minor is None else amount_minor
        if not 0 < amount <= rest:
            raise InvalidRequest(f"Refund amount ({amount}) is not within the unrefunded amount ({rest}).")
        refund_id, created = intent.part_id("re", len(intent.refunds)), self._account.seconds()
        refund = Refund(refund_id, intent.id, charge.id, amount, charge.currency, created, metadata)
        intent.refunds.append(refund)
        charge.amount_refunded += amount
        self._schedule(intent, refund, charge.method.refund)
        changes: dict[str, StripeObject] = {"charge.refunded": charge, "refund.created": refund}
        self._account.moved(MovementKind.REFUNDED, intent, amount, changes)
        return refund

    def _schedule(self, intent: PaymentIntent, refund: Refund, course: RefundCourse) -> None:
        times = self._account.times
        match course:
            case RefundCourse.PENDING_THEN_SUCCEEDS:
                refund.status = RefundStatus.PENDING
                self._account.later(times.refund_settles_after_seconds, partial(self._settle, intent, refund))
            case RefundCourse.SUCCEEDS_THEN_FAILS:
                self._account.later(times.refund_fails_after_seconds, partial(self._fail, intent, refund))

    def _settle(self, intent: PaymentIntent, refund: Refund) -> None:
        refund.status = RefundStatus.SUCCEEDED
        self._account.changed(intent, {"refund.updated": refund})

    def _fail(self, intent: PaymentIntent, refund: Refund) -> None:
        """Send it back: the money is ours again, and may be refunded once more."""
        refund.status, refund.failure_reason = RefundStatus.FAILED, "expired_or_canceled_card"
        intent.charges[-1].amount_refunded -= refund.amount
        changes = {"refund.updated": refund, "refund.failed": refund}
        self._account.moved(MovementKind.REFUND_FAILED, intent, refund.amount, changes)
