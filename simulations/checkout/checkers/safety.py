"""What must hold each time that money or goods may have moved. What must hold in the end is looked at in `verdict`.

It is the order in which things are done that is looked at here: what was broken on the way may look kept in the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from payflows.checkout.goods import Hold, HoldStatus, Shipment, ShipmentStatus
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.payments.model import CaptureMode, Payment, PaymentStatus

from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach

_SOLD = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_NOT_BEGUN_OR_OVER = (OrderStatus.PENDING, OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED)
_SURE, _UNSURE = (HoldStatus.COMMITTED, HoldStatus.SHIPPED), (HoldStatus.HELD, HoldStatus.EXPIRED)
_OFF_THE_SHELF = (HoldStatus.SHIPPED,)
_GONE = (ShipmentStatus.TAKEN, ShipmentStatus.DELIVERED)
_TO_GO = (ShipmentStatus.BOOKED, *_GONE)
_UNTRIED = (PaymentStatus.REQUIRES_PAYMENT_METHOD, PaymentStatus.REQUIRES_CONFIRMATION)


def breaches(universe: CheckoutSystem) -> Iterator[Breach]:
    """A breach for each promise about money and stock that is broken now."""
    orders = tuple(universe.store.all(ORDERS))
    parcels, holds = universe.carrier.shipments(), universe.inventory.holds()
    sites = universe.sites
    call = sites[-1].method if sites else ""
    for order in orders:
        payments = universe.stripe.payments_of_order(order.id)
        hold, parcel = holds.get(order.id), parcels.get(order.id)
        for payment in payments:
            if payment.received.minor:
                yield from _of_payment(universe, order, payment, hold)
        if len(payments) > 1 and (charges := _charges(payments)) > 1:
            yield Breach("I3", order.id, f"{order.id} is charged {charges} times")
        if parcel is not None or order.status in _SOLD or (hold is not None and hold.status in _OFF_THE_SHELF):
            yield from _of_parcel(order, hold, parcel)
        if call in WEIGHTY:
            yield from of_weighty(universe, order, call)
    if len(orders) > 1:
        yield from _of_checkouts(universe, orders)
    for product_id, available in universe.inventory.stock().items():
        if available < 0:
            yield Breach("I10", product_id, f"fewer than no {product_id}")


WEIGHTY = ("book", "release")
"""Calls at whose moment the money must be so."""


def of_weighty(universe: CheckoutSystem, order: Order, call: str) -> Iterator[Breach]:
    """A breach where the money of an order was not so when its parcel was booked, or its goods put back."""
    payments = universe.stripe.payments_of_order(order.id)
    if call == "book":
        yield from _of_booking(universe, order, universe.carrier.shipments().get(order.id), payments)
    else:
        yield from _of_release(universe, order, universe.inventory.holds().get(order.id), payments)


def _of_checkouts(universe: CheckoutSystem, orders: Sequence[Order]) -> Iterator[Breach]:
    """I3b: what a customer buys once is charged once, whatever orders were made of it."""
    charges: Counter[tuple[str, str]] = Counter()
    for order in orders:
        checkout = order.purchase.customer.id, order.purchase.checkout_id
        charges[checkout] += _charges(universe.stripe.payments_of_order(order.id)) > 0
    for (customer, checkout_id), times in charges.items():
        if times > 1:
            yield Breach("I3b", checkout_id, f"{checkout_id} of {customer} is charged for {times} orders")


def _charges(payments: Sequence[Payment]) -> int:
    return sum(payment.received.minor > payment.returned.minor for payment in payments)


def _of_payment(universe: CheckoutSystem, order: Order, payment: Payment, hold: Hold | None) -> Iterator[Breach]:
    if payment.returned.minor > payment.amount.minor:
        yield Breach("I4", payment.id, f"{payment.id} gave back more than it took")
    if payment.received.minor <= payment.returned.minor or (hold is not None and hold.status not in _UNSURE):
        return
    if payment.received != payment.amount:  # a part is captured by other hands
        return
    if universe.stripe.intent(payment.id).capture_method is CaptureMode.MANUAL:
        yield Breach(
            "I12",
            order.id,
            f"{payment.id} was captured, and the stock of {order.id} is {hold.status if hold else 'not held'}",
        )


def _of_parcel(order: Order, hold: Hold | None, parcel: Shipment | None) -> Iterator[Breach]:
    where = parcel.status if parcel is not None else None
    if where not in _GONE:
        if order.status in _SOLD:
            yield Breach("I12", order.id, f"{order.id} is {order.status}, and the carrier does not have its parcel")
        if hold is not None and hold.status in _OFF_THE_SHELF:
            yield Breach(
                "I12",
                order.id,
                f"the goods of {order.id} have left the shelf, and the carrier does not have its parcel",
            )
    elif order.status in _NOT_BEGUN_OR_OVER:
        yield Breach("I12", order.id, f"{order.id} is {order.status}, and the carrier has its parcel")
    if where in _TO_GO and (hold is None or hold.status not in _SURE):
        yield Breach(
            "I12",
            order.id,
            f"the parcel of {order.id} is {where}, and its stock is {hold.status if hold else 'not held'}",
        )


def _of_booking(
    universe: CheckoutSystem, order: Order, parcel: Shipment | None, payments: Sequence[Payment]
) -> Iterator[Breach]:
    """I2: the carrier is sent for what is paid, and for nothing else. What happens to the money later is not ours.

    A part that others gave back leaves it paid; money that the customer's bank has does not.
    """
    if parcel is None or parcel.status not in _TO_GO:
        return
    paid = any(payment.covers(order.purchase.price.total) for payment in payments)
    if not paid or universe.stripe.net_for(order.id).minor <= 0:
        yield Breach("I2", order.id, f"the carrier was sent for {order.id}, and its money is not there")


def _of_release(
    universe: CheckoutSystem, order: Order, hold: Hold | None, payments: Sequence[Payment]
) -> Iterator[Breach]:
    """I9: the goods go back on the shelf when no payment has, or may still take, the money for them."""
    if hold is None or hold.status is not HoldStatus.RELEASED:
        return
    for payment in payments:
        if _may_take(universe, order, payment):
            yield Breach("I9", order.id, f"the stock of {order.id} was put back while {payment.id} is {payment.status}")


def _may_take(universe: CheckoutSystem, order: Order, payment: Payment) -> bool:
    if payment.status is PaymentStatus.SUCCEEDED:  # what came back since, after a refund or a loss, is seen to then
        intent = universe.stripe.intent(payment.id)
        lost = (dispute.amount for dispute in intent.disputes if dispute.was_lost)
        return sum(refund.amount for refund in intent.refunds) + sum(lost) < payment.received.minor
    if payment.status in _UNTRIED:
        return payment.id == order.payment_id  # any other is never confirmed, for its id is not stored
    return payment.status is not PaymentStatus.CANCELED
