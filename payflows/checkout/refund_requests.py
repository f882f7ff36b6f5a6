"""What a merchant asks about an order's money: that it goes back, or that it has gone back another way."""

from __future__ import annotations

from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.payment_steps import PART_RECEIVED
from payflows.errors import InvalidState
from payflows.kernel.evolve import evolve
from payflows.payments.refunds import REFUND_FAILED, settled_elsewhere, with_refund_asked

_REFUNDABLE = (OrderStatus.PAID, OrderStatus.REFUNDING, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


def refund_wanted(order: Order) -> Order:
    """Return the order as it is once its money is to go back; one that is not shipped is cancelled.

    Raises:
        InvalidState: it has no money.
    """
    has_a_part = order.review is not None and order.review.reason == PART_RECEIVED  # captured by other hands
    if order.status not in _REFUNDABLE and not order.charge.refund_asked and not has_a_part:
        raise InvalidState(f"an order that is {order.status} has nothing to refund; it can be cancelled")
    charge, review = with_refund_asked(order.charge, order.review)
    unshipped = order.status is OrderStatus.PAID or has_a_part
    return evolve(order, charge=charge, review=review, cancel_asked=order.cancel_asked or unshipped)


def with_refund_settled(order: Order) -> Order:
    """Return the order as it is once a refund that failed has been made good another way.

    Raises:
        InvalidState: no refund of it has failed.
    """
    if order.review is None or order.review.reason != REFUND_FAILED:
        raise InvalidState(f"no refund of this order, which is {order.status}, has failed: nothing is to be settled")
    return evolve(order, charge=settled_elsewhere(order.charge), review=None)
