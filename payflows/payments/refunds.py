"""Refunds: how a charge's money goes back. One at a time, and each is looked up before another is made.

What a customer's bank takes for good, in a dispute that we lose, has gone back too: nothing of it is left to refund.
"""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from payflows.errors import CallRejected, OutcomeUnknown, UnreadableAnswer
from payflows.kernel.aggregate import Review
from payflows.kernel.calls import Calls
from payflows.kernel.evolve import evolve
from payflows.payments.charge import Charge
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import Payment, Refund, RefundStatus

REFUND_FAILED = "refund failed"
"""Why an owner whose money cannot go back is in review."""

_FAILED = (RefundStatus.FAILED, RefundStatus.CANCELED)


def with_refund_asked(charge: Charge, review: Review | None) -> tuple[Charge, Review | None]:
    """Return the charge as it is once its money is to go back, and the review that is left.

    A refund that failed, and was put up for review, is followed by another one.
    """
    asked = evolve(charge, refund_asked=True)
    if charge.refund_id is None or review is None or review.reason != REFUND_FAILED:
        return asked, review
    return evolve(asked.with_new_keys(), failed_refund_id=charge.refund_id, refund_id=None), None


def settled_elsewhere(charge: Charge) -> Charge:
    """Return the charge as it is once a person has given the money back another way: no refund is made any more.

    It is read once more, for news of it may have come while it could not be read.
    """
    failed_refund_id = charge.refund_id or charge.failed_refund_id
    return evolve(
        charge,
        refunded=True,
        settled_elsewhere=True,
        refund_id=None,
        failed_refund_id=failed_refund_id,
        recheck_due=True,
    )


class RefundProgress(NamedTuple):
    """Something was done or found, and is to be stored: a refund was made, or all has gone back."""

    charge: Charge


class RefundPending(NamedTuple):
    """The refund is on its way."""


class RefundMoved(NamedTuple):
    """Another process, or a person, was quicker: look again."""


class RefundFailed(NamedTuple):
    """The money cannot go back without a person."""

    charge: Charge
    detail: str


class RefundUndone(NamedTuple):
    """The call had no effect so far, though it may have begun: the next try takes another key."""

    error: OutcomeUnknown


RefundStep = RefundProgress | RefundPending | RefundMoved | RefundFailed | RefundUndone


class Refunds:
    """Gives back the whole of a charge.

    Args:
        gateway: Stripe.
        calls: how it is called.
    """

    def __init__(self, gateway: PaymentGateway, calls: Calls) -> None:
        self._gateway = gateway
        self._calls = calls

    async def advance(self, charge: Charge) -> RefundStep:
        """Do the next thing about giving the money back."""
        payment = await self._read(charge)
        seen = await self.with_disputes(charge, payment)
        if seen != charge:
            return RefundProgress(seen)
        refund = await self._newest(charge, payment)
        if refund is None or refund.status is RefundStatus.SUCCEEDED:
            if not charge.is_all_gone(payment):
                return await self._make(charge, payment, refund)
            refund_id = refund.id if refund else None  # None of ours: a person or the customer's bank was quicker.
            return RefundProgress(evolve(charge, refund_id=refund_id, refunded=True))
        if refund.status in _FAILED:
            return await self._after_failure(charge, refund)
        if charge.refund_id != refund.id:
            return RefundProgress(evolve(charge, refund_id=refund.id))
        return RefundPending()

    async def reconcile(self, charge: Charge) -> Charge:
        """Return the charge with what has become of its money: refunds and disputes that we did not make.

        Money may come back: a refund that had succeeded fails days later, ours or the dashboard's, or a dispute that
        was lost is won after all. Then it is to go back again.
        """
        payment = await self._read(charge)
        seen = evolve(await self.look(charge, payment), recheck_due=False)
        if charge.refunded and not charge.settled_elsewhere and await self._came_back(seen, payment):
            return evolve(seen, refunded=False, refund_asked=True)
        return seen

    async def look(self, charge: Charge, payment: Payment) -> Charge:
        """Return the charge with what the payment, just read, says of refunds and disputes."""
        seen = await self.with_disputes(charge, payment)
        if seen.refunded_minor == payment.returned.minor:
            return seen
        return evolve(seen, refunded_minor=payment.returned.minor)

    async def with_disputes(self, charge: Charge, payment: Payment) -> Charge:
        """Return the charge with what has become of its disputes; Stripe's own flag says only that there was one."""
        if not payment.disputed:
            return charge
        disputes = await self._calls.call(lambda: self._gateway.list_disputes(payment.id))
        lost_minor = sum(dispute.lost_minor for dispute in disputes)
        return evolve(charge, disputed=any(dispute.status.is_open for dispute in disputes), lost_minor=lost_minor)

    async def _after_failure(self, charge: Charge, refund: Refund) -> RefundStep:
        """A refund failed, which a person must see to, unless the money has gone another way since."""
        if charge.is_all_gone(await self._read(charge)):
            return RefundProgress(evolve(charge, refund_id=None, failed_refund_id=refund.id, refunded=True))
        detail = f"{refund.id} of {refund.amount} is {refund.status}"
        return RefundFailed(evolve(charge, refund_id=refund.id), detail)

    async def _came_back(self, charge: Charge, payment: Payment) -> bool:
        if not charge.is_all_gone(payment):
            return True
        refund = await self._newest(charge, payment)
        return refund is not None and refund.status in _FAILED

    async def _make(self, charge: Charge, payment: Payment, newest: Refund | None) -> RefundStep:
        key = charge.key("refund")
        try:
            made = await self._calls.call(
                lambda: self._gateway.refund_payment(payment.id, order_id=charge.owner_id, key=key)
            )
            if made.payment_id != payment.id:
                raise UnreadableAnswer(f"a refund of {payment.id} was asked for, and {made.id} of another was made")
        except (CallRejected, OutcomeUnknown) as error:
            return await self._not_made(charge, error, newest)
        # Another one, should any of them fail, is another step and has another key.
        return RefundProgress(evolve(charge.with_new_keys(), refund_id=made.id))

    async def _not_made(
        self, charge: Charge, error: CallRejected | OutcomeUnknown, newest: Refund | None
    ) -> RefundStep:
        payment = await self._read(charge)
        if charge.is_all_gone(payment) or await self._newest(charge, payment) != newest:
            return RefundMoved()
        if isinstance(error, OutcomeUnknown):
            return RefundUndone(error)
        detail = f"{payment.id}: {payment.received} received, {payment.returned} returned; {error}"
        # Asked again, Stripe would repeat this refusal for a day: the next try takes another key.
        return RefundFailed(charge.with_new_keys(), detail)

    async def _newest(self, charge: Charge, payment: Payment) -> Refund | None:
        """Return the newest refund that names the owner; rather one that failed, unless another was asked for since."""
        refunds = await self._calls.call(lambda: self._gateway.list_refunds(payment.id, order_id=charge.owner_id))
        recent = tuple(takewhile(lambda refund: refund.id != charge.failed_refund_id, refunds))
        return next((refund for refund in recent if refund.status in _FAILED), recent[0] if recent else None)

    async def _read(self, charge: Charge) -> Payment:
        payment_id = charge.stored_payment_id()
        return charge.own(await self._calls.call(lambda: self._gateway.retrieve_payment(payment_id)))
