"""How a story ends where nothing goes wrong: a checkout that does nothing at all breaks no promise, and this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from payflows.checkout.model import OrderStatus

if TYPE_CHECKING:
    from simulations.faults.universe import Universe


class End(NamedTuple):
    """How a story's order ends.

    Attributes:
        statuses: in one of these.
        keeps_the_money: whether the shop has its whole price then, or nothing.
    """

    statuses: tuple[OrderStatus, ...]
    keeps_the_money: bool = False

    def missed(self, universe: Universe) -> Iterator[str]:
        """A sentence where a universe did not end so."""
        order = universe.order
        if order is None:
            yield "I16 the story ended without an order"
            return
        net, total = universe.stripe.net_for(order.id), order.purchase.price.total
        if order.status not in self.statuses:
            yield f"I16 nothing went wrong, and {order.id} ended as {order.status}, not as {' or '.join(self.statuses)}"
        elif net.minor != (total.minor if self.keeps_the_money else 0):
            yield f"I1 nothing went wrong, and the shop has {net} of {total} for {order.id}, which is {order.status}"


_SHIPPED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)

SOLD = End(_SHIPPED, keeps_the_money=True)
TAKEN_BACK = End(_SHIPPED)
"""The customer has the goods, and their money too."""
CANCELLED = End((OrderStatus.CANCELLED,))
UNPAID = End((OrderStatus.PAYMENT_FAILED,))
