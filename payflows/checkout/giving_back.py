"""How a paid order's money goes back: one refund at a time, looked up before any other is made."""

from __future__ import annotations

from dataclasses import replace

from payflows.checkout.model import Order
from payflows.checkout.shopkeeper import Shopkeeper
from payflows.errors import CallRefused, OutcomeUnknown
from payflows.payments import Payment, Refund, RefundStatus

_FAILED = (RefundStatus.FAILED, RefundStatus.CANCELED)


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
        if refund is None and payment.returned == payment.received:  # by somebody else, in the dashboard
            return await self._book.note(order, having=replace(order, money_returned=True))
        if refund is None:
            return await self._make_refund(order, payment)
        if refund.status in _FAILED:
            detail = f"{refund.id} of {refund.amount} is {refund.status}"
            return await self._ask_for_review(replace(order, refund_id=refund.id), detail)
        if refund.status is RefundStatus.SUCCEEDED:
            returned = replace(order, refund_id=refund.id, money_returned=True)
            return await self._book.note(order, having=returned)
        if order.refund_id != refund.id:
            return await self._book.note(order, having=replace(order, refund_id=refund.id))
        next_look = self._keeper.soon(self._keeper.policy.pending_look_seconds)
        return await self._book.rest(order, until=next_look)

    async def look(self, order: Order) -> Order:
        """A refund that had succeeded may fail days later: then a person must know."""
        if order.refund_id is None or not order.money_returned:
            return order
        refund = await self._our_refund(order, await self._keeper.read_payment(order))
        if refund is not None and refund.status in _FAILED:
            detail = f"{refund.id} of {refund.amount} is {refund.status} after it had succeeded"
            await self._ask_for_review(replace(order, money_returned=False), detail)
        return order

    async def _make_refund(self, order: Order, payment: Payment) -> Order | None:
        gateway, key = self._keeper.gateway, order.key("refund")
        try:
            made = await self._keeper.ask(lambda: gateway.refund_payment(payment.id, order_id=order.id, key=key))
        except CallRefused as refusal:
            detail = f"{payment.id}: {payment.received} received, {payment.returned} returned; {refusal}"
            return await self._ask_for_review(order, detail)
        except OutcomeUnknown as trouble:
            if await self._our_refund(order, payment) is not None:
                return order
            return await self._keeper.wait_with_new_key(order, trouble)
        return await self._book.note(order, having=replace(order, refund_id=made.id))

    async def _our_refund(self, order: Order, payment: Payment) -> Refund | None:
        """The newest refund that names this order, unless it failed and another was asked for."""
        gateway = self._keeper.gateway
        refunds = await self._keeper.ask(lambda: gateway.list_refunds(payment.id, order_id=order.id))
        if not refunds or refunds[0].id == order.failed_refund_id:
            return None
        return refunds[0]

    async def _ask_for_review(self, order: Order, detail: str) -> None:
        await self._book.ask_for_review(order, "refund failed", detail)
