"""How a story ends where nothing goes wrong: a checkout that does nothing at all breaks no promise, and this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from payflows.checkout.messages import EventType
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent

from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach


class ExpectedEnd(NamedTuple):
    """How a story's order ends.

    Attributes:
        statuses: in one of these.
        keeps_the_money: whether the shop has its whole price then, or nothing.
    """

    statuses: tuple[OrderStatus, ...]
    keeps_the_money: bool = False

    def missed(self, universe: CheckoutSystem) -> Iterator[Breach]:
        """A breach where a universe did not end so."""
        order = universe.order
        if order is None:
            yield Breach("I16", "", "the story ended without an order")
            return
        if (times := _review_events(universe, order)) > (order.review is not None):
            yield Breach(
                "I24", order.id, f"nothing went wrong, and that {order.id} needs a person was published {times} times"
            )
        net, total = universe.stripe.net_for(order.id), order.purchase.price.total
        if order.status not in self.statuses:
            yield Breach(
                "I16",
                order.id,
                f"nothing went wrong, and {order.id} ended as {order.status}, not as {' or '.join(self.statuses)}",
            )
        elif net.minor != (total.minor if self.keeps_the_money else 0):
            yield Breach(
                "I1",
                order.id,
                f"nothing went wrong, and the shop has {net} of {total} for {order.id}, which is {order.status}",
            )


def _review_events(universe: CheckoutSystem, order: Order) -> int:
    messages = (item.content for item in universe.store.all_items(OUTBOX))
    events = (message for message in messages if isinstance(message, BusinessEvent))
    return sum((event.type, event.subject) == (EventType.ORDER_NEEDS_REVIEW, order.id) for event in events)


_SHIPPED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)

SOLD = ExpectedEnd(_SHIPPED, keeps_the_money=True)
TAKEN_BACK = ExpectedEnd(_SHIPPED)
"""The customer has the goods, and their money too."""
CANCELLED = ExpectedEnd((OrderStatus.CANCELLED,))
UNPAID = ExpectedEnd((OrderStatus.PAYMENT_FAILED,))
