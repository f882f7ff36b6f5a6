"""What must hold when all is quiet: the money, stock and state invariants. They look at the truth, not at our records.

Each check is one function that yields breaches; the numbers are those of the project's list of
invariants (money I1-I8, stock I9-I12, state I13-I15). Answers and messages are checked in `messages`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from payflows.checkout.goods import HoldStatus, ShipmentStatus
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.payments.model import Payment, PaymentStatus, RefundStatus

from simulations.checkout.checkers import messages, purchases
from simulations.checkout.day.visit import Visit
from simulations.checkout.shop import Shop
from simulations.search.breach import Breach, InvariantBroken
from simulations.stripe.core.ledger import MovementKind

_FULFILLED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_FAILED = (OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED)
_TRIES = ("create_payment", "confirm_payment")


def check_shop(shop: Shop, visits: Iterable[Visit] = ()) -> None:
    """Check all of them on a shop that has come to rest.

    Args:
        shop: the shop.
        visits: what customers were answered, where there were any.

    Raises:
        InvariantBroken: with every breach.
    """
    breaches = broken_in(shop, [order for visit in visits for _, order in visit.answers])
    if breaches:
        raise InvariantBroken(breaches)


def broken_in(shop: Shop, answers: Sequence[Order]) -> list[Breach]:
    """Every breach, in a shop that has come to rest.

    Args:
        shop: the shop.
        answers: the orders that customers were answered with, as they were then.
    """
    return [
        *_orders(shop),
        *_stripe(shop),
        *_stock(shop),
        *purchases.breaches(shop),
        *messages.messages(shop, answers),
        *messages.handlers(shop),
        *messages.untrue_answers(shop, answers),
    ]


def money_in(shop: Shop) -> list[Breach]:
    """Every breach in the money of orders, in a shop that may never come to rest."""
    return [breach for order in shop.store.all(ORDERS) for breach in _money(shop, order)]


def _orders(shop: Shop) -> Iterator[Breach]:
    shipments = shop.carrier.shipments()
    holds = shop.inventory.holds()
    for order in shop.store.all(ORDERS):
        yield from _money(shop, order)
        yield from _state(shop, order)
        shipped = order.status in _FULFILLED
        parcel = shipments.get(order.id)
        under_way = parcel is not None and parcel.status in (ShipmentStatus.TAKEN, ShipmentStatus.DELIVERED)
        if shipped is not under_way:
            yield Breach(
                "I12", order.id, f"{order.id} is {order.status} and its parcel is {parcel.status if parcel else 'none'}"
            )
        if order.status in _FAILED and parcel is not None and parcel.status is ShipmentStatus.BOOKED:
            yield Breach("I12", order.id, f"{order.id} is {order.status}, and its parcel is going to be fetched")
        hold = holds.get(order.id)
        ended = hold.status if hold else HoldStatus.OUT_OF_STOCK
        if shipped is not (ended is HoldStatus.SHIPPED):
            yield Breach("I9", order.id, f"{order.id} is {order.status} and its hold is {ended}")
        if hold is not None and hold.is_open and order.review is None:
            yield Breach("I11", order.id, f"{order.id} is {order.status} and still holds stock")


def _money(shop: Shop, order: Order) -> Iterator[Breach]:
    net, total = shop.stripe.net_for(order.id), order.purchase.price.total
    if order.status in _FULFILLED and not order.refunded and not _elsewhere(shop, order) and net != total:
        yield Breach("I1", order.id, f"{order.id} is {order.status} and {net} of {total} was taken")
    is_settled = order.id in shop.settled_elsewhere
    if order.status in _FAILED and net.minor != 0 and order.review is None and not is_settled:
        yield Breach("I1", order.id, f"{order.id} is {order.status} and {net} was kept")
    if is_settled and net.minor == 0:
        yield Breach("I4", order.id, f"{order.id} was given back by Stripe, and another way too")
    if order.charge.settled_elsewhere and not is_settled:
        yield Breach("I1", order.id, f"{order.id} is down as given back another way, and was not")
    payments = shop.stripe.payments_of_order(order.id)
    was_paid = any(logged.after is OrderStatus.PAID for logged in shop.store.transitions(ORDERS, order.id))
    if was_paid and shop.stripe.captured_for(order.id) != total:
        yield Breach(
            "I2", order.id, f"{shop.stripe.captured_for(order.id)} of {total} was taken as paid for {order.id}"
        )
    if order.reason is Reason.MONEY_RETURNED and _was_left_to_us(shop, payments):
        yield Breach(
            "I1", order.id, f"only a part of the money of {order.id} had gone back, and it was given up for it"
        )
    if sum(payment.received.minor > 0 for payment in payments) > 1:
        yield Breach("I3", order.id, f"{order.id} was charged more than once")
    for payment in payments:
        if payment.amount != total:
            yield Breach("I5", order.id, f"{order.id} costs {total} and {payment.id} asks for {payment.amount}")
        if payment.returned.minor > payment.amount.minor:
            yield Breach("I4", payment.id, f"{payment.id} gave back more than it took")


def _was_left_to_us(shop: Shop, payments: Sequence[Payment]) -> bool:
    """Whether we refunded what others had not, and not because theirs had failed."""
    refunds = [refund for payment in payments for refund in shop.stripe.intent(payment.id).refunds]
    failed = any(refund.status is RefundStatus.FAILED for refund in refunds)
    return not failed and any("order_id" in refund.metadata for refund in refunds)


def _elsewhere(shop: Shop, order: Order) -> bool:
    """Whether money of a shipped order went back by other hands: a dispute, or a refund in the dashboard."""
    return any(payment.disputed or payment.returned.minor for payment in shop.stripe.payments_of_order(order.id))


def _state(shop: Shop, order: Order) -> Iterator[Breach]:
    log = shop.store.transitions(ORDERS, order.id)
    for before, after in pairwise(log):
        if after.before is not before.after or after.after not in ORDERS.transitions[before.after]:
            yield Breach("I13", order.id, f"{order.id} went from {before.after} to {after.after}")
    if log[-1].after is not order.status:
        yield Breach("I13", order.id, f"{order.id} is {order.status} and its log ends with {log[-1].after}")
    if not (order.status.is_final or order.status is OrderStatus.SHIPPED) and order.review is None:
        yield Breach("I14", order.id, f"{order.id} rests in {order.status} and is not up for review")
    if order.reason is Reason.PAYMENT_REFUSED and not shop.stripe.rejected.intersection(_TRIES):
        yield Breach("I16", order.id, f"{order.id} is given up as refused, and Stripe has refused nothing")
    if order.status.is_final and order.due_at is not None:
        yield Breach("I14", order.id, f"{order.id} is {order.status} and still due")
    paid = [payment for payment in shop.stripe.payments_of_order(order.id) if payment.received.minor]
    if any(payment.id != order.payment_id for payment in paid):
        yield Breach("I15", order.id, f"{order.id} was paid by an intent that it does not know")
    is_kept = shop.stripe.net_for(order.id).minor and order.id not in shop.settled_elsewhere
    if order.refunded and order.review is None and is_kept:
        yield Breach("I15", order.id, f"{order.id} is down as given back, and Stripe has its money")


def _stripe(shop: Shop) -> Iterator[Breach]:
    taken = sum(movement.signed_minor for movement in shop.stripe.movements)
    kept = sum(shop.stripe.net_for(order.id).minor for order in shop.store.all(ORDERS) if _may_keep(shop, order))
    if taken != kept:
        yield Breach("I1", "", f"Stripe holds {taken} for us, and orders fulfilled or in review account for {kept}")
    captures = Counter(m.source_id for m in shop.stripe.movements if m.kind is MovementKind.CAPTURED)
    for payment_id, times in captures.items():
        if times > 1:
            yield Breach("I3", payment_id, f"{payment_id} was captured {times} times")
    for order in shop.store.all(ORDERS):
        for payment in shop.stripe.payments_of_order(order.id):
            if payment.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.CANCELED) and order.review is None:
                yield Breach("I15", order.id, f"{payment.id} of {order.id} ({order.status}) is left {payment.status}")


def _may_keep(shop: Shop, order: Order) -> bool:
    return order.status in _FULFILLED or order.review is not None or order.id in shop.settled_elsewhere


def _stock(shop: Shop) -> Iterator[Breach]:
    shipped: defaultdict[str, int] = defaultdict(int)
    held: defaultdict[str, int] = defaultdict(int)
    ends: defaultdict[tuple[str, str], int] = defaultdict(int)
    for movement in sorted(shop.inventory.movements, key=lambda movement: movement.at):
        if movement.status is HoldStatus.HELD:
            held[movement.product_id] += movement.quantity
        else:
            held[movement.product_id] -= movement.quantity
            ends[movement.hold_id, movement.product_id] += 1
        if movement.status is HoldStatus.SHIPPED:
            shipped[movement.product_id] += movement.quantity
        if shop.inventory.initial[movement.product_id] - held[movement.product_id] - shipped[movement.product_id] < 0:
            yield Breach(
                "I10",
                movement.product_id,
                f"more {movement.product_id} was held or sold than there was, at {movement.at}",
            )
    for (hold_id, product_id), times in ends.items():
        if times > 1:
            yield Breach("I9", hold_id, f"the hold of {hold_id} on {product_id} ended {times} times")
    for product_id, initial in shop.inventory.initial.items():
        if shop.inventory.available(product_id) + held[product_id] + shipped[product_id] != initial:
            yield Breach(
                "I10",
                product_id,
                f"{product_id}: {initial} at first, {shipped[product_id]} shipped, the rest does not add up",
            )
