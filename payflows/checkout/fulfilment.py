"""From the shelf to the door, and back: the steps that move goods once the order is paid, and after its end."""

from __future__ import annotations

from typing import Any

from payflows.checkout.goods import Shipment, ShipmentStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.step_context import StepContext
from payflows.errors import OutcomeUnknown
from payflows.kernel.evolve import evolve
from payflows.payments.charge import Charge
from payflows.payments.model import Payment
from payflows.payments.refunds import (
    REFUND_FAILED,
    RefundFailed,
    RefundMoved,
    RefundPending,
    RefundProgress,
    RefundUndone,
)

_UNDER_WAY = (ShipmentStatus.TAKEN, ShipmentStatus.DELIVERED)


class Fulfilment:
    """What an order does about its goods, and about money that is to go back.

    Args:
        context: the ports, the repository and the payments core.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._orders = context.orders

    async def ship(self, order: Order) -> Order | None:
        """PAID: read the payment once more, commit the stock, and hand the parcel over; or give the money back.

        It cannot be fulfilled when all the money went back or is disputed, it was cancelled, the stock is gone, or the
        carrier will not bring it. A part that others gave back is noted, and leaves the order standing.
        """
        context, purchase = self._context, order.purchase
        payment = await context.collection.read(order.charge)
        seen = await context.refunds.look(order.charge, payment)
        reason = _unfit_to_ship(order, payment, seen)
        if seen != order.charge and reason is not Reason.MONEY_RETURNED:  # that is noted when it is known to be over
            return await self._orders.update(order, charge=seen)
        if reason is None and not await context.commit_stock(order):
            reason = Reason.STOCK_GONE
        if reason is not None:
            return await self._orders.enter(order, OrderStatus.REFUNDING, reason=reason)
        shipment = await context.calls.call(
            lambda: context.carrier.book(order.id, goods=purchase.price.goods, address=purchase.address)
        )
        if shipment.status in _UNDER_WAY:
            return await self._enter_shipped(order, shipment)
        if shipment.status is ShipmentStatus.BOOKED:
            return await self._check_later(order)
        return await self._orders.enter(order, OrderStatus.REFUNDING, reason=Reason.NOT_SHIPPABLE)

    async def unwind(self, order: Order) -> Order | None:
        """REFUNDING: call the parcel off, give the money back, then put the goods back; in this order.

        A parcel that is gone already is sold. Others may have moved its money meanwhile, which may be why it was to be
        called off: the money is read once more.
        """
        context = self._context
        shipment = await context.calls.call(lambda: context.carrier.void(order.id))
        if shipment.status in _UNDER_WAY:
            return await self._enter_shipped(order, shipment, charge=evolve(order.charge, recheck_due=True))
        if not order.refunded:
            return await self._refund(order)
        if order.charge.recheck_due:
            return await self.reconcile_payment(order)
        await context.release_stock(order)
        return await self._orders.enter(order, OrderStatus.CANCELLED, reason=order.reason)

    async def track_shipment(self, order: Order) -> Order | None:
        """SHIPPED: delivered once the carrier says so."""
        carrier = self._context.carrier
        shipment = await self._context.calls.call(lambda: carrier.shipment(order.id))
        if shipment is not None and shipment.status is ShipmentStatus.DELIVERED:
            return await self._orders.enter(order, OrderStatus.DELIVERED)
        return await self.clean_up(order)

    async def clean_up(self, order: Order) -> Order | None:
        """SHIPPED and after any end: a refund that is asked for, intents left over, and reads that were put off."""
        charge = order.charge
        if charge.refund_asked and not charge.refunded:
            return await self._refund(order)
        now = self._context.clock.now()
        if order.due_at is None or order.due_at > now:
            return None
        if charge.recheck_due:
            return await self.reconcile_payment(order)
        orphan_check_at = order.next_orphan_check()
        if orphan_check_at is not None and orphan_check_at <= now:
            return await self._cancel_orphans(order)
        return await self.reconcile_payment(order) or await self._orders.schedule(order)

    async def reconcile_payment(self, order: Order) -> Order | None:
        """Read what has become of the money of an order that is sold or refunded; None where nothing is new."""
        if not order.status.is_fulfilled and not order.refunded:
            return None
        seen = await self._context.refunds.reconcile(order.charge)
        if order.refunded and not seen.refunded:
            return await self._orders.request(order, charge=seen)
        return await self._orders.update(order, charge=seen) if seen != order.charge else None

    async def _refund(self, order: Order) -> Order | None:
        """The order after the next thing done about its money; None while that is on its way or waits for a person."""
        match await self._context.refunds.advance(order.charge):
            case RefundProgress(charge):
                return await self._orders.record_progress(order, charge=charge)
            case RefundPending():
                return await self._check_later(order)
            case RefundFailed(charge, detail):
                return await self._orders.request_review(order, REFUND_FAILED, detail, charge=charge)
            case RefundUndone(error):
                return await self._context.retry_with_new_key(order, error)
            case RefundMoved():
                return order

    async def _check_later(self, order: Order) -> Order | None:
        check_at = self._context.seconds_from_now(self._context.policy.pending_look_seconds)
        return await self._orders.schedule(order, check_at=check_at)

    async def _enter_shipped(self, order: Order, shipment: Shipment, **changes: Any) -> Order:
        await self._context.calls.call(lambda: self._context.inventory.ship(order.id))
        number = shipment.tracking_number
        shipped = await self._orders.enter(order, OrderStatus.SHIPPED, tracking_number=number, **changes)
        if shipment.status is ShipmentStatus.DELIVERED:  # its notice came before this process could receive it
            return await self._orders.enter(shipped, OrderStatus.DELIVERED)
        return shipped

    async def _cancel_orphans(self, order: Order) -> Order | None:
        error = await self._context.orphans.cancel_all(order.charge)
        if error is not None:
            return await self._context.retry_with_new_key(order, error)
        checked_before = order.charge.orphan_checked_at is not None
        now = self._context.clock.now()
        charge = evolve(order.charge, orphan_possible=not checked_before, orphan_checked_at=now)
        return await self._orders.schedule(order, charge=charge)


def _unfit_to_ship(order: Order, payment: Payment, seen: Charge) -> Reason | None:
    if seen.disputed or seen.lost_minor:
        return Reason.PAYMENT_DISPUTED
    if not payment.covers(order.charge.amount):
        raise OutcomeUnknown(f"{payment.id} was paid and now reads {payment.status}")
    if seen.is_all_gone(payment):
        return Reason.MONEY_RETURNED
    return Reason.CANCEL_ASKED if order.cancel_asked else None
