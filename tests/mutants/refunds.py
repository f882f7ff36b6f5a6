"""Bugs on the money's way back."""

from __future__ import annotations

from typing import Any

from payflows.checkout.model import Order
from payflows.checkout.step_context import OrderRepository
from payflows.errors import CallRejected, OutcomeUnknown
from payflows.kernel.changes import Change
from payflows.kernel.evolve import evolve
from payflows.payments.charge import Charge
from payflows.payments.model import Payment, Refund
from payflows.payments.refunds import RefundFailed, RefundProgress, Refunds, RefundStep


class RefundsAgainToBeSafe(Refunds):
    async def _make(self, charge: Charge, payment: Payment, newest: Refund | None) -> RefundStep:
        key = charge.key("refund")
        try:
            made = await self._refund(charge, payment, key)
        except CallRejected as error:
            return await self._not_made(charge, error, newest)
        except OutcomeUnknown:
            try:
                made = await self._refund(charge, payment, f"{key}-again")
            except CallRejected as refusal:
                return RefundFailed(charge, str(refusal))
        return RefundProgress(evolve(charge.with_new_keys(), refund_id=made.id))

    async def _refund(self, charge: Charge, payment: Payment, key: str) -> Refund:
        return await self._gateway.refund_payment(payment.id, order_id=charge.owner_id, key=key)


class RefundWillHaveWorked(Refunds):
    async def _make(self, charge: Charge, payment: Payment, newest: Refund | None) -> RefundStep:
        key = charge.key("refund")
        try:
            await self._calls.call(lambda: self._gateway.refund_payment(payment.id, order_id=charge.owner_id, key=key))
        except CallRejected as error:
            return await self._not_made(charge, error, newest)
        except OutcomeUnknown:
            pass
        return RefundProgress(evolve(charge, refunded=True))


class OthersAreNotSeen(Refunds):
    """What others do with the money of an order that we have not given back ourselves."""

    async def reconcile(self, charge: Charge) -> Charge:
        return await super().reconcile(charge) if charge.refunded else charge


class RefundFailureIsNotSeen(Refunds):
    async def reconcile(self, charge: Charge) -> Charge:
        return charge if charge.refunded else await super().reconcile(charge)


class SettledIsRefundedAgain(Refunds):
    async def reconcile(self, charge: Charge) -> Charge:
        return await super().reconcile(evolve(charge, settled_elsewhere=False))


class SettledIsNotReadAgain(OrderRepository):
    async def request(self, before: Order, *also: Change, **changes: Any) -> Order:
        charge = changes.get("charge", before.charge)
        if charge.settled_elsewhere:
            changes["charge"] = evolve(charge, recheck_due=False)
        return await super().request(before, *also, **changes)
