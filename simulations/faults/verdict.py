"""Whether a universe kept its promises: looked at after every call, and again when all is calm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from payflows.checkout.model import OrderStatus
from payflows.goods import HoldStatus, ShipmentStatus

from simulations.checkers import InvariantBroken, check_shop
from simulations.faults import listening
from simulations.faults.universe import Universe

SETTLED_WITHIN = timedelta(minutes=10)
"""An unknown outcome is resolved so soon after the last trouble is over (I28)."""

_FULFILLED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_FAILED = (OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED)
_TAKEN = (ShipmentStatus.TAKEN, ShipmentStatus.DELIVERED)


def watch(universe: Universe) -> None:
    """Money and stock, whenever they may have moved.

    Raises:
        InvariantBroken: I3, I4, I10 or I12 does not hold.
    """
    breaches = list(_breaches(universe))
    if breaches:
        raise InvariantBroken(breaches)


def _breaches(universe: Universe) -> Iterator[str]:
    parcels = universe.carrier.shipments()
    for order in universe.store.orders():
        kept = 0
        for payment in universe.stripe.payments_of_order(order.id):
            kept += payment.received.minor > payment.returned.minor
            if payment.returned.minor > payment.amount.minor:
                yield f"I4 {payment.id} gave back more than it took"
        if kept > 1:
            yield f"I3 {order.id} is charged {kept} times"
        parcel = parcels.get(order.id)
        if parcel is not None and parcel.status in _TAKEN and order.status in (OrderStatus.PENDING, *_FAILED):
            yield f"I12 {order.id} is {order.status}, and the carrier has its parcel"
    for product_id in universe.inventory.initial:
        if universe.inventory.available(product_id) < 0:
            yield f"I10 fewer than no {product_id}"


def judge(universe: Universe, *, may_need_a_person: bool) -> None:
    """All promises, when all is calm.

    Raises:
        InvariantBroken: one does not hold.
    """
    check_shop(universe)  # type: ignore[arg-type]  # it has all that is looked at
    breaches = [*_answers(universe, may_need_a_person), *_rest(universe, may_need_a_person)]
    if universe.settings.listens:
        breaches += listening.breaches(universe)
    if breaches:
        raise InvariantBroken(breaches)


def _answers(universe: Universe, may_need_a_person: bool) -> Iterator[str]:
    """I16: what a customer was told was true, and stays so."""
    for told in universe.heard:
        now = universe.world.run(universe.store.order(told.id))
        if may_need_a_person and now.review is not None:
            continue
        if told.status in (*_FULFILLED, OrderStatus.PAID) and now.status not in (*_FULFILLED, OrderStatus.CANCELLED):
            yield f"I16 the customer heard {told.status}, and it ended as {now.status}"
        if told.status in _FAILED and (now.status is not told.status or universe.stripe.net_for(told.id).minor):
            yield f"I16 the customer heard {told.status}, and it ended as {now.status}"


def _rest(universe: Universe, may_need_a_person: bool) -> Iterator[str]:
    """I14, I28: nothing is left to a person by faults alone, and nothing is left lying."""
    for order in universe.store.orders():
        if order.review is not None and not may_need_a_person:
            yield f"I14 {order.id} is {order.status} and left to a person: {order.review.reason}, {order.review.detail}"
        hold = universe.inventory.holds().get(order.id)
        if order.status in _FAILED and hold is not None and hold.status in (HoldStatus.HELD, HoldStatus.COMMITTED):
            yield f"I11 {order.id} is {order.status} and holds stock"
        settled_by = max(universe.troubled_until, order.purchase.deadline_at) + SETTLED_WITHIN
        if order.status is OrderStatus.PAYMENT_FAILED and order.changed_at > settled_by + timedelta(days=8):
            yield f"I28 {order.id} failed only at {order.changed_at}"
