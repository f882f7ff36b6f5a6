"""Moves an order on until it rests: looks at its stored status and does the one next step, again and again."""

from __future__ import annotations

from payflows.checkout.fulfilment import GoodsSteps
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.payment_steps import PaymentSteps
from payflows.checkout.step_context import Shopkeeper
from payflows.errors import CallRejected, PortError, VersionConflict
from payflows.kernel.evolve import evolve
from payflows.kernel.store import Store

_RESTING = (OrderStatus.CUSTOMER_ACTION, OrderStatus.SHIPPED)


class CheckoutSteps:
    """The one way in which orders move.

    Args:
        keeper: the shop's ports and policy.
        store: where orders are read.
    """

    def __init__(self, keeper: Shopkeeper, *, store: Store) -> None:
        self._book = keeper.book
        self._store = store
        self._goods = goods = GoodsSteps(keeper)
        payment = PaymentSteps(keeper)
        self._steps = {
            OrderStatus.PENDING: payment.hold,
            OrderStatus.INVENTORY_RESERVED: payment.create,
            OrderStatus.PAYMENT_PROCESSING: payment.settle,
            OrderStatus.CUSTOMER_ACTION: payment.wait_for_customer,
            OrderStatus.AUTHORISED: payment.capture,
            OrderStatus.ABANDONING: payment.abandon,
            OrderStatus.PAID: goods.ship,
            OrderStatus.REFUNDING: goods.undo,
            OrderStatus.SHIPPED: goods.follow_parcel,
            OrderStatus.DELIVERED: goods.tidy,
            OrderStatus.PAYMENT_FAILED: goods.tidy,
            OrderStatus.CANCELLED: goods.tidy,
        }

    async def advance(self, order: Order) -> Order:
        """Do the next step until only time or somebody else can move the order on; the order as it then stands."""
        while True:
            try:
                moved = await self._steps[order.status](order)
            except VersionConflict:  # somebody else moved it first: go on from there
                moved = await self._store.order(order.id)
            except (PortError, CallRejected) as trouble:
                moved = await self._store.order(order.id)
                if moved.version == order.version:
                    return await self._put_off(order, trouble)
            if moved is None:
                return await self._store.order(order.id)
            if moved.status in _RESTING and moved.status is not order.status:
                return moved  # just entered, after a look at all there is to see
            order = moved

    async def look_at_money(self, order: Order) -> Order:
        """After a notice: see what has become of the money since, and go on from there.

        Where it cannot be seen now, that is stored: the notice itself does not come again.
        """
        try:
            reopened = await self._goods.look_at_money(order)
        except VersionConflict:
            return await self.look_at_money(await self._store.order(order.id))
        except (PortError, CallRejected) as trouble:
            left = await self._put_off(order, trouble, having=evolve(order, payment_recheck_due=True))
            return left if left.payment_recheck_due else await self.look_at_money(left)
        return order if reopened is None else await self.advance(reopened)

    async def _put_off(self, order: Order, trouble: PortError | CallRejected, *, having: Order | None = None) -> Order:
        try:
            return await self._book.wait(order, trouble, having=having)
        except VersionConflict:  # who moved it meanwhile has also said when to look again
            return await self._store.order(order.id)
