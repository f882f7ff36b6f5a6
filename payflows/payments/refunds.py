"""How a paid order's money goes back: one refund at a time, looked up before any other is made."""

from __future__ import annotations

from itertools import takewhile

from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.step_context import Shopkeeper
from payflows.errors import CallRejected, OutcomeUnknown
from payflows.kernel.evolve import evolve
from payflows.payments.model import Payment, Refund, RefundStatus

REFUND_FAILED = "refund failed"
"""Why an order whose money cannot go back is in review."""

_FAILED = (RefundStatus.FAILED, RefundStatus.CANCELED)
_SOLD = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


class GivingBack:
    """Refunds the whole of a payment.

    Args:
        keeper: the shop's ports and policy.
    """

    def __init__(self, keeper: Shopkeeper) -> None:
        self._keeper = keeper
        self._book = keeper.book

    async def give_back(self, order: Order) -> Order | None:
        """The order after the next thing done about its money; None while that is on its way or waits for a person."""
        payment = await self._keeper.read_payment(order)
        refund = await self._our_refund(order, payment)
        if refund is None or refund.status is RefundStatus.SUCCEEDED:
            if payment.returned < payment.received:
                return await self._make_refund(order, payment)
            refund_id = refund.id if refund else None  # none of ours: somebody was quicker, in the dashboard
            return await self._book.progress(order, having=evolve(order, refund_id=refund_id, refunded=True))
        if refund.status in _FAILED:
            detail = f"{refund.id} of {refund.amount} is {refund.status}"
            return await self._ask_for_review(order, detail, having=evolve(order, refund_id=refund.id))
        if order.refund_id != refund.id:
            return await self._book.progress(order, having=evolve(order, refund_id=refund.id))
        next_look = self._keeper.soon(self._keeper.policy.pending_look_seconds)
        return await self._book.rest(order, until=next_look)

    async def look(self, order: Order) -> Order | None:
        """See what has become of the money since: refunds and disputes that we did not make.

        A refund that had succeeded may fail days later, ours or the dashboard's: then the money is to go back again.

        Returns:
            The order as it now stands; None where nothing is new.
        """
        if order.status not in _SOLD and not order.refunded:
            return None
        payment = await self._keeper.read_payment(order)
        seen = evolve(
            order, refunded_minor=payment.returned.minor, disputed=payment.disputed, payment_recheck_due=False
        )
        if order.refunded and await self._came_back(order, payment):
            seen = evolve(seen, refunded=False, refund_asked=True, due_at=self._keeper.clock.now())
        return await self._book.note(order, having=seen) if seen != order else None

    async def _came_back(self, order: Order, payment: Payment) -> bool:
        if payment.returned != payment.received:
            return True
        refund = await self._our_refund(order, payment)
        return refund is not None and refund.status in _FAILED

    async def _make_refund(self, order: Order, payment: Payment) -> Order | None:
        gateway, key = self._keeper.gateway, order.key("refund")
        try:
            made = await self._keeper.ask(lambda: gateway.refund_payment(payment.id, order_id=order.id, key=key))
        except (CallRejected, OutcomeUnknown) as trouble:
            payment = await self._keeper.read_payment(order)
            if payment.returned == payment.received or await self._our_refund(order, payment) is not None:
                return order
            if isinstance(trouble, OutcomeUnknown):
                return await self._keeper.wait_with_new_key(order, trouble)
            detail = f"{payment.id}: {payment.received} received, {payment.returned} returned; {trouble}"
            # Asked again, Stripe would repeat this refusal for a day: the next try takes another key.
            return await self._ask_for_review(
                order, detail, having=evolve(order, key_generation=order.key_generation + 1)
            )
        # Another one, should any of them fail, is another step and has another key.
        refunded = evolve(order, refund_id=made.id, key_generation=order.key_generation + 1)
        return await self._book.progress(order, having=refunded)

    async def _our_refund(self, order: Order, payment: Payment) -> Refund | None:
        """The newest refund that names this order; rather one that failed, unless another was asked for since."""
        gateway = self._keeper.gateway
        refunds = await self._keeper.ask(lambda: gateway.list_refunds(payment.id, order_id=order.id))
        recent = tuple(takewhile(lambda refund: refund.id != order.failed_refund_id, refunds))
        return next((refund for refund in recent if refund.status in _FAILED), recent[0] if recent else None)

    async def _ask_for_review(self, order: Order, detail: str, *, having: Order) -> None:
        await self._book.ask_for_review(order, REFUND_FAILED, detail, having=having)
