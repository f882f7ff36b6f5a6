"""Bugs on the money's way back."""

from __future__ import annotations

from contextlib import suppress

from payflows.checkout.model import Order
from payflows.errors import CallRejected, OutcomeUnknown
from payflows.kernel.evolve import evolve
from payflows.payments.model import Payment, Refund
from payflows.payments.refunds import GivingBack


class RefundsAgainToBeSafe(GivingBack):
    async def _make_refund(self, order: Order, payment: Payment) -> Order | None:
        key = order.key("refund")
        try:
            made = await self._refund(order, payment, key)
        except OutcomeUnknown:
            try:
                made = await self._refund(order, payment, f"{key}-again")
            except CallRejected as refusal:
                return await self._ask_for_review(order, str(refusal), having=order)
        refunded = evolve(order, refund_id=made.id, key_generation=order.key_generation + 1)
        return await self._book.progress(order, having=refunded)

    async def _refund(self, order: Order, payment: Payment, key: str) -> Refund:
        return await self._keeper.gateway.refund_payment(payment.id, order_id=order.id, key=key)


class RefundWillHaveWorked(GivingBack):
    async def _make_refund(self, order: Order, payment: Payment) -> Order | None:
        gateway, key = self._keeper.gateway, order.key("refund")
        with suppress(CallRejected, OutcomeUnknown):
            await self._keeper.ask(lambda: gateway.refund_payment(payment.id, order_id=order.id, key=key))
        return await self._book.progress(order, having=evolve(order, refunded=True))


class OthersAreNotSeen(GivingBack):
    """What others do with the money of an order that we have not given back ourselves."""

    async def look(self, order: Order) -> Order | None:
        return await super().look(order) if order.refunded else None


class RefundFailureIsNotSeen(GivingBack):
    async def look(self, order: Order) -> Order | None:
        return None if order.refunded else await super().look(order)
