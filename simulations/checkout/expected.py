"""How a story ends where nothing goes wrong: a checkout that does nothing at all breaks no promise, and this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent

from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach


class ExpectedEnd(NamedTuple):
    """How each of a story's orders ends.

    Attributes:
        statuses: in one of these.
        keeps_the_money: whether the shop has its price then, or nothing.
        returned_minor: what of the price went back by other hands.
        reviews: how often a person is asked on the way.
    """

    statuses: tuple[OrderStatus, ...]
    keeps_the_money: bool = False
    returned_minor: int = 0
    reviews: int = 0

    def missed(self, universe: CheckoutSystem) -> Iterator[Breach]:
        """A breach where a universe did not end so."""
        if universe.order is None:
            yield Breach("I16", "", "the story ended without an order")
        for order in universe.store.all(ORDERS):
            yield from self._missed(universe, order)

    def _missed(self, universe: CheckoutSystem, order: Order) -> Iterator[Breach]:
        times, most = _review_events(universe, order), max(self.reviews, int(order.review is not None))
        if not self.reviews <= times <= most:
            yield Breach(
                "I24", order.id, f"nothing went wrong, and that {order.id} needs a person was published {times} times"
            )
        net, total = universe.stripe.net_for(order.id), order.purchase.price.total
        kept_minor = total.minor - self.returned_minor if self.keeps_the_money else 0
        if order.status not in self.statuses:
            yield Breach(
                "I16",
                order.id,
                f"nothing went wrong, and {order.id} ended as {order.status}, not as {' or '.join(self.statuses)}",
            )
        elif net.minor != kept_minor:
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
