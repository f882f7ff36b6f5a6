"""The engine of a checkout: which step an order takes in each status, and the look at its money after a notice."""

from __future__ import annotations

from payflows.checkout.fulfilment import Fulfilment
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.payment_steps import PaymentSteps
from payflows.checkout.step_context import StepContext
from payflows.errors import CallRejected, PortError, VersionConflict
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve

_RESTING = (OrderStatus.CUSTOMER_ACTION, OrderStatus.SHIPPED)


class CheckoutEngine(Engine[Order]):
    """The one way in which orders move.

    Args:
        context: the ports, the repository and the payments core.
        payment: what an order does while it is not paid; as usual where none is given.
        goods: what it does about its goods; as usual where none is given.

    Attributes:
        context: the same.
    """

    def __init__(
        self, context: StepContext, *, payment: PaymentSteps | None = None, goods: Fulfilment | None = None
    ) -> None:
        self.context = context
        self._orders = context.orders
        self._goods = goods = goods or Fulfilment(context)
        payment = payment or PaymentSteps(context)
        steps = {
            OrderStatus.PENDING: payment.hold,
            OrderStatus.INVENTORY_RESERVED: payment.create,
            OrderStatus.PAYMENT_PROCESSING: payment.attempt_payment,
            OrderStatus.CUSTOMER_ACTION: payment.wait_for_customer,
            OrderStatus.AUTHORISED: payment.capture,
            OrderStatus.ABANDONING: payment.abandon,
            OrderStatus.PAID: goods.ship,
            OrderStatus.REFUNDING: goods.unwind,
            OrderStatus.SHIPPED: goods.track_shipment,
            OrderStatus.DELIVERED: goods.clean_up,
            OrderStatus.PAYMENT_FAILED: goods.clean_up,
            OrderStatus.CANCELLED: goods.clean_up,
        }
        super().__init__(context.orders, steps, resting=_RESTING)

    async def reconcile_payment(self, order: Order) -> Order:
        """After a notice: read what has become of the money since, and go on from there.

        Where it cannot be read now, that is stored: the notice itself does not come again.
        """
        try:
            reopened = await self._goods.reconcile_payment(order)
        except VersionConflict:
            return await self.reconcile_payment(await self._orders.get(order.id))
        except (PortError, CallRejected) as error:
            left = await self.back_off(order, error, charge=evolve(order.charge, recheck_due=True))
            return left if left.charge.recheck_due else await self.reconcile_payment(left)
        return order if reopened is None else await self.advance(reopened)
