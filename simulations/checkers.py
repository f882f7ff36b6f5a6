"""What must hold when all is quiet: the money, stock and state invariants. They look at the truth, not at our records.

Each check is one function that yields a sentence per breach; the numbers are those of the project's list of
invariants (money I1-I8, stock I9-I12, state I13-I16, events I24-I27).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from payflows.checkout.model import TRANSITIONS, Order, OrderStatus
from payflows.events.delivery import DeliveryStatus
from payflows.events.model import Mail
from payflows.goods import HoldStatus, ShipmentStatus
from payflows.payments import PaymentStatus

from simulations.shop import Shop
from simulations.stripe.ledger import MovementKind
from simulations.visit import Visit

_FULFILLED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_FAILED = (OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED)


class InvariantBroken(AssertionError):
    """Something that must always hold does not.

    Args:
        breaches: a sentence for each.
    """

    def __init__(self, breaches: Sequence[str]) -> None:
        super().__init__(tuple(breaches))
        self.breaches = tuple(breaches)

    def __str__(self) -> str:
        shown = "\n".join(f"- {breach}" for breach in self.breaches[:20])
        return f"{len(self.breaches)} breaches of the invariants:\n{shown}"


def check_shop(shop: Shop, visits: Iterable[Visit] = ()) -> None:
    """Check all of them on a shop that has come to rest.

    Args:
        shop: the shop.
        visits: what customers were told, where there were any.

    Raises:
        InvariantBroken: with a sentence for each breach.
    """
    breaches = [
        *_orders(shop),
        *_stripe(shop),
        *_stock(shop),
        *_messages(shop),
        *_answers(shop, visits),
    ]
    if breaches:
        raise InvariantBroken(breaches)


def _orders(shop: Shop) -> Iterator[str]:
    shipments = shop.carrier.shipments()
    holds = shop.inventory.holds()
    for order in shop.store.orders():
        yield from _money(shop, order)
        yield from _state(shop, order)
        shipped = order.status in _FULFILLED
        parcel = shipments.get(order.id)
        under_way = parcel is not None and parcel.status in (ShipmentStatus.TAKEN, ShipmentStatus.DELIVERED)
        if shipped is not under_way:
            yield f"I12 {order.id} is {order.status} and its parcel is {parcel.status if parcel else 'none'}"
        hold = holds.get(order.id)
        ended = hold.status if hold else HoldStatus.OUT_OF_STOCK
        if shipped is not (ended is HoldStatus.SHIPPED):
            yield f"I9 {order.id} is {order.status} and its hold is {ended}"
        if hold is not None and hold.is_open and order.review is None:
            yield f"I11 {order.id} is {order.status} and still holds stock"


def _money(shop: Shop, order: Order) -> Iterator[str]:
    net, total = shop.stripe.net_for(order.id), order.purchase.price.total
    if order.status in _FULFILLED and not order.money_returned and not _elsewhere(shop, order) and net != total:
        yield f"I1 {order.id} is {order.status} and {net} of {total} was taken"
    if order.status in _FAILED and net.minor != 0 and order.review is None:
        yield f"I1 {order.id} is {order.status} and {net} was kept"
    payments = shop.stripe.payments_of_order(order.id)
    if sum(payment.received.minor > 0 for payment in payments) > 1:
        yield f"I3 {order.id} was charged more than once"
    for payment in payments:
        if payment.amount != total:
            yield f"I5 {order.id} costs {total} and {payment.id} asks for {payment.amount}"
        if payment.returned.minor > payment.amount.minor:
            yield f"I4 {payment.id} gave back more than it took"


def _elsewhere(shop: Shop, order: Order) -> bool:
    """Whether money of a shipped order went back by other hands: a dispute, or a refund in the dashboard."""
    return any(payment.disputed or payment.returned.minor for payment in shop.stripe.payments_of_order(order.id))


def _state(shop: Shop, order: Order) -> Iterator[str]:
    log = shop.world.run(shop.store.transitions(order.id))
    for before, after in pairwise(log):
        if after.before is not before.after or after.after not in TRANSITIONS[before.after]:
            yield f"I13 {order.id} went from {before.after} to {after.after}"
    if log[-1].after is not order.status:
        yield f"I13 {order.id} is {order.status} and its log ends with {log[-1].after}"
    if not (order.status.is_final or order.status is OrderStatus.SHIPPED) and order.review is None:
        yield f"I14 {order.id} rests in {order.status} and nobody is told"
    if order.status.is_final and order.due_at is not None:
        yield f"I14 {order.id} is {order.status} and still due"
    paid = [payment for payment in shop.stripe.payments_of_order(order.id) if payment.received.minor]
    if any(payment.id != order.payment_id for payment in paid):
        yield f"I15 {order.id} was paid by an intent that it does not know"


def _stripe(shop: Shop) -> Iterator[str]:
    taken = sum(movement.signed_minor for movement in shop.stripe.movements)
    accounted = [order for order in shop.store.orders() if order.status in _FULFILLED or order.review is not None]
    kept = sum(shop.stripe.net_for(order.id).minor for order in accounted)
    if taken != kept:
        yield f"I1 Stripe holds {taken} for us, and orders fulfilled or in review account for {kept}"
    captures = Counter(m.payment_id for m in shop.stripe.movements if m.kind is MovementKind.CAPTURED)
    for payment_id, times in captures.items():
        if times > 1:
            yield f"I3 {payment_id} was captured {times} times"
    for order in shop.store.orders():
        for payment in shop.stripe.payments_of_order(order.id):
            if payment.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.CANCELED) and order.review is None:
                yield f"I15 {payment.id} of {order.id} ({order.status}) is left {payment.status}"


def _stock(shop: Shop) -> Iterator[str]:
    shipped: Counter[str] = Counter()
    held: Counter[str] = Counter()
    ends: Counter[tuple[str, str]] = Counter()
    for movement in sorted(shop.inventory.movements, key=lambda movement: movement.at):
        if movement.status is HoldStatus.HELD:
            held[movement.product_id] += movement.quantity
        else:
            held[movement.product_id] -= movement.quantity
            ends[movement.hold_id, movement.product_id] += 1
        if movement.status is HoldStatus.SHIPPED:
            shipped[movement.product_id] += movement.quantity
        if shop.inventory.initial[movement.product_id] - held[movement.product_id] - shipped[movement.product_id] < 0:
            yield f"I10 more {movement.product_id} was held or sold than there was, at {movement.at}"
    for (hold_id, product_id), times in ends.items():
        if times > 1:
            yield f"I9 the hold of {hold_id} on {product_id} ended {times} times"
    for product_id, initial in shop.inventory.initial.items():
        if shop.inventory.available(product_id) + held[product_id] + shipped[product_id] != initial:
            yield f"I10 {product_id}: {initial} at first, {shipped[product_id]} shipped, the rest does not add up"


def _messages(shop: Shop) -> Iterator[str]:
    for entry in shop.store.outbox():
        message = entry.message
        if entry.delivered_at is None:
            yield f"I24 {message.key} was never delivered"
        if isinstance(message, Mail) and message.key not in shop.mailer.sent:
            yield f"I27 the mail {message.key} was never sent"
    for status in (DeliveryStatus.PENDING, DeliveryStatus.WAITING, DeliveryStatus.DEAD):
        for delivery in shop.world.run(shop.store.deliveries(status)):
            yield f"I24 {delivery.handler} has not taken {delivery.event.key}: {delivery.reason or status}"


def _answers(shop: Shop, visits: Iterable[Visit]) -> Iterator[str]:
    for visit in visits:
        for _, told in visit.heard:
            now = shop.world.run(shop.store.order(told.id))
            promised = told.status in (OrderStatus.PAID, *_FULFILLED)
            if promised and now.status not in (*_FULFILLED, OrderStatus.CANCELLED):
                yield f"I16 {told.id}: the customer heard {told.status}, and it ended as {now.status}"
            if told.status in _FAILED and (now.status is not told.status or shop.stripe.net_for(told.id).minor):
                yield f"I16 {told.id}: the customer heard {told.status}, and it ended as {now.status}"
