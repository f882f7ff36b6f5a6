"""From the shelf to the door, and back: the steps that move goods once the order is paid, and after its end."""

from __future__ import annotations

from datetime import datetime

from payflows.checkout.book import STRAY_LOOK_SECONDS
from payflows.checkout.goods import Shipment, ShipmentStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.step_context import Shopkeeper
from payflows.clock import SECOND
from payflows.errors import OutcomeUnknown
from payflows.kernel.evolve import evolve
from payflows.payments.model import Payment, PaymentStatus
from payflows.payments.refunds import GivingBack

_UNDER_WAY = (ShipmentStatus.TAKEN, ShipmentStatus.DELIVERED)


class GoodsSteps:
    """What an order does about its goods.

    Args:
        keeper: the shop's ports and policy.
    """

    def __init__(self, keeper: Shopkeeper) -> None:
        self._keeper = keeper
        self._book = keeper.book
        self._giving_back = GivingBack(keeper)

    async def ship(self, order: Order) -> Order | None:
        """PAID: read the payment once more, commit the stock, and hand the parcel over; or give the money back.

        It cannot be fulfilled when money went back or is disputed, somebody cancelled, the stock is gone, or the
        carrier will not bring it.
        """
        payment = await self._keeper.read_payment(order)
        reason = _unfit_to_ship(order, payment)
        if reason is None and not await self._keeper.commit_stock(order):
            reason = Reason.STOCK_GONE
        if reason is not None:
            return await self._book.enter(order, OrderStatus.REFUNDING, reason=reason)
        purchase = order.purchase
        shipment = await self._keeper.ask(
            lambda: self._keeper.carrier.book(order.id, goods=purchase.price.goods, address=purchase.address)
        )
        if shipment.status in _UNDER_WAY:
            return await self._enter_shipped(order, shipment)
        if shipment.status is ShipmentStatus.BOOKED:
            next_look = self._keeper.soon(self._keeper.policy.pending_look_seconds)
            return await self._book.rest(order, until=next_look)
        return await self._book.enter(order, OrderStatus.REFUNDING, reason=Reason.NOT_SHIPPABLE)

    async def undo(self, order: Order) -> Order | None:
        """REFUNDING: call the parcel off, give the money back, then put the goods back; in this order.

        A parcel that is gone already is sold. Others may have moved its money meanwhile, which may be why it was to be
        called off: the money is looked at once more.
        """
        shipment = await self._keeper.ask(lambda: self._keeper.carrier.void(order.id))
        if shipment.status in _UNDER_WAY:
            return await self._enter_shipped(order, shipment, having=evolve(order, payment_recheck_due=True))
        if not order.refunded:
            return await self._giving_back.give_back(order)
        if order.payment_recheck_due:
            return await self._giving_back.look(order)
        await self._keeper.release_stock(order)
        return await self._book.enter(order, OrderStatus.CANCELLED, reason=order.reason)

    async def follow_parcel(self, order: Order) -> Order | None:
        """SHIPPED: delivered once the carrier says so."""
        shipment = await self._keeper.ask(lambda: self._keeper.carrier.shipment(order.id))
        if shipment is not None and shipment.status is ShipmentStatus.DELIVERED:
            return await self._book.enter(order, OrderStatus.DELIVERED)
        return await self.tidy(order)

    async def tidy(self, order: Order) -> Order | None:
        """SHIPPED and after any end: a refund that is asked for, intents left over, and looks that were put off."""
        if order.refund_asked and not order.refunded:
            return await self._giving_back.give_back(order)
        now = self._keeper.clock.now()
        if order.due_at is None or order.due_at > now:
            return None
        if order.payment_recheck_due:
            return await self._giving_back.look(order)
        strays_at = _next_stray_look_at(order)
        if strays_at is not None and strays_at <= now:
            return await self._cancel_strays(order)
        return await self._giving_back.look(order) or await self._book.rest(order, until=strays_at)

    async def look_at_money(self, order: Order) -> Order | None:
        """After a notice, whatever the status: refunds, disputes, and refunds that have failed since."""
        return await self._giving_back.look(order)

    async def _enter_shipped(self, order: Order, shipment: Shipment, *, having: Order | None = None) -> Order:
        await self._keeper.ask(lambda: self._keeper.inventory.ship(order.id))
        tracked = evolve(having or order, tracking_number=shipment.tracking_number)
        shipped = await self._book.enter(order, OrderStatus.SHIPPED, having=tracked)
        if shipment.status is ShipmentStatus.DELIVERED:  # its notice came before we were there to hear it
            return await self._book.enter(shipped, OrderStatus.DELIVERED)
        return shipped

    async def _cancel_strays(self, order: Order) -> Order | None:
        gateway = self._keeper.gateway
        for found in await self._keeper.ask(lambda: gateway.search_payments(order.id)):
            if found.id != order.payment_id and found.status is not PaymentStatus.CANCELED:
                stray = await self._cancelled(found.id, key=order.key(f"stray-{found.id}"))
                if stray.status is not PaymentStatus.CANCELED:
                    trouble = OutcomeUnknown(f"{stray.id}, left over, still reads {stray.status}")
                    return await self._keeper.wait_with_new_key(order, trouble)
        if order.orphan_checked_at is not None:
            return await self._book.progress(order, having=evolve(order, orphan_possible=False, due_at=None))
        next_look = self._keeper.soon(STRAY_LOOK_SECONDS)
        looked = evolve(order, orphan_checked_at=self._keeper.clock.now(), due_at=next_look)
        return await self._book.progress(order, having=looked)

    async def _cancelled(self, payment_id: str, *, key: str) -> Payment:
        """A left-over intent as it reads once it was told to be cancelled, whatever the answer: search is behind."""
        gateway = self._keeper.gateway
        await self._keeper.answer(lambda: gateway.cancel_payment(payment_id, key=key))
        return await self._keeper.ask(lambda: gateway.retrieve_payment(payment_id))


def _next_stray_look_at(order: Order) -> datetime | None:
    since = order.orphan_checked_at or order.changed_at
    return since + STRAY_LOOK_SECONDS * SECOND if order.orphan_possible else None


def _unfit_to_ship(order: Order, payment: Payment) -> Reason | None:
    if payment.returned.minor > 0:
        return Reason.MONEY_RETURNED
    if payment.disputed:
        return Reason.PAYMENT_DISPUTED
    if not payment.still_covers(order.purchase.price.total):
        raise OutcomeUnknown(f"{payment.id} was paid and now reads {payment.status}")
    return Reason.CANCEL_ASKED if order.cancel_asked else None
