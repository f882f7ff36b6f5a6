"""What is looked at every day of a soak, and how what is finished is taken out of all books. Checkers are elsewhere.

Finished orders are moved, with all that anybody knows of them, into a universe of their own; it is judged like any
other that has come to rest, and forgotten. So a shop of years holds no more than a shop of weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus, WebhookSubject

from simulations.checkout.checkers.liveness import SETTLED_WITHIN
from simulations.checkout.soak.customers import Visit
from simulations.checkout.soak.universe import ArchiveUniverse, LongUniverse
from simulations.search.plan import NO_FAULTS
from simulations.search.verdict import judge
from simulations.time.draws import bits_of

REST = timedelta(days=1)
"""An order is finished when it has rested so long, and nobody has plans for it."""

LONGEST = timedelta(days=60)
"""No order takes longer, whatever happens to it: a debit, a refund, a dispute, and a week of trouble on top."""

_S = OrderStatus
_PASSING = (_S.PENDING, _S.INVENTORY_RESERVED, _S.AUTHORISED)
Visits = Mapping[str, Visit]


def restless(universe: LongUniverse, visits: Visits) -> Iterator[str]:
    """What does not rest that should, when nothing has been in anybody's way for an hour (I14, I28)."""
    now = universe.clock.now()
    for order in universe.store.all(ORDERS):
        by_hand = visits[order.purchase.checkout_id].by_hand
        if order.due_at is not None and order.due_at < now:
            yield f"I14 {order.id} is {order.status} and was due at {order.due_at}"
        if order.failures and not by_hand:
            yield f"I28 {order.id} is {order.status} and waits in vain, though everybody answers"
        if order.review is not None and not by_hand:
            yield f"I14 {order.id} is {order.status} and left to a person: {order.review.reason}, {order.review.detail}"
        if order.changed_at < now - SETTLED_WITHIN and _should_have_passed(universe, order):
            yield f"I28 {order.id} is {order.status} since {order.changed_at}"


def _should_have_passed(universe: LongUniverse, order: Order) -> bool:
    match order.status:
        case _S.PAYMENT_PROCESSING:
            return not order.charge.is_processing
        case _S.CUSTOMER_ACTION:
            return order.purchase.deadline_at < universe.clock.now() - SETTLED_WITHIN
        case _S.ABANDONING:  # a debit may have failed a moment ago: then the look that sees it is due within the hour
            look_by = universe.clock.now() + timedelta(seconds=universe.settings.policy.pending_look_seconds)
            is_looked_at = order.due_at is not None and order.due_at <= look_by
            return not (is_looked_at and _is_a_debit(universe, order))
        case _S.PAID:
            return order.id not in universe.carrier.shipments()
        case _S.REFUNDING:
            return order.charge.refund_id is None and order.review is None
    return order.status in _PASSING


def _is_a_debit(universe: LongUniverse, order: Order) -> bool:
    payments = universe.stripe.payments_of_order(order.id)
    charges = (charge for payment in payments for charge in universe.stripe.intent(payment.id).charges)
    return any(charge.method.is_bank_debit for charge in charges)


def late(universe: LongUniverse) -> Iterator[str]:
    """What never came to an end (I14)."""
    for order in universe.store.all(ORDERS):
        if order.purchase.placed_at < universe.clock.now() - LONGEST:
            yield f"I14 {order.id} was placed at {order.purchase.placed_at} and is {order.status} still"


def astray(universe: LongUniverse) -> Iterator[str]:
    """What belongs to no order: money, stock or a parcel (I1, I11, I12)."""
    known = {order.id for order in universe.store.all(ORDERS)}
    for payment_id in {movement.payment_id for movement in universe.stripe.movements}:
        if universe.stripe.intent(payment_id).metadata["order_id"] not in known:
            yield f"I1 {payment_id} moved money for no order"
    for hold in universe.inventory.holds().values():
        if hold.is_open and hold.id not in known:
            yield f"I11 {hold.id} holds stock for no order"
    for order_id in universe.carrier.shipments():
        if order_id not in known:
            yield f"I12 {order_id} is a parcel of no order"


def close(universe: LongUniverse, visits: dict[str, Visit]) -> list[Order]:
    """Take out what is finished, and judge it. The orders that were taken out.

    Raises:
        InvariantBroken: with a sentence for each broken promise.
    """
    closed = list(_finished(universe, visits))
    for by_hand in (False, True):
        orders = [order for order in closed if visits[order.purchase.checkout_id].by_hand is by_hand]
        if orders:
            judge(_archived(universe, orders, visits), may_need_a_person=by_hand)
    known = {order.purchase.checkout_id for order in universe.store.all(ORDERS)}
    for checkout_id in [id_ for id_, visit in visits.items() if not visit.plans and id_ not in known]:
        del visits[checkout_id]
    universe.forget_the_long_gone()
    bits_of.cache_clear()
    return closed


def _finished(universe: LongUniverse, visits: Visits) -> Iterator[Order]:
    """Orders that have rested, and of which nobody is going to do or to tell anything more."""
    busy = _told_of(universe)
    on_their_way = universe.sender.on_their_way if universe.sender is not None else frozenset()
    for order in universe.store.all(ORDERS):
        visit = visits[order.purchase.checkout_id]
        rests = order.status.is_final or (order.review is not None and visit.by_hand)
        if not rests or order.due_at is not None or visit.plans or order.changed_at > universe.clock.now() - REST:
            continue
        payments = {payment.id for payment in universe.stripe.payments_of_order(order.id)}
        if not payments & on_their_way and not ({order.id} | payments) & busy:
            yield order


def _told_of(universe: LongUniverse) -> set[str]:
    """Orders and payments of which something is still to be told: mails, business events, webhooks."""
    run, store = universe.clock.run, universe.store
    names = (OUTBOX, INBOX, *run(store.queues(PREFIX)))
    items = [item for name in names for item in store.all_items(name) if item.status not in _OVER[name == INBOX]]
    contents = [item.content for item in items]
    return {each.id if isinstance(each, WebhookSubject) else each.subject for each in contents}


_OVER = {
    True: (ItemStatus.PROCESSED, ItemStatus.IGNORED),
    False: (ItemStatus.PROCESSED, ItemStatus.DEAD),
}
"""When nothing more is done about an item by itself: of the inbox's, and of others."""


def _archived(universe: LongUniverse, orders: list[Order], visits: Visits) -> ArchiveUniverse:
    """All that anybody knows of these orders, in a universe of their own; at the same moment."""
    order_ids = {order.id for order in orders}
    archive = ArchiveUniverse(NO_FAULTS, universe.settings)
    archive.pass_time(universe.clock.now_us / 1_000_000)
    archive.calm_from = universe.calm_from
    payment_ids = universe.stripe.archive(order_ids, archive.stripe)
    if universe.sender is not None:
        universe.sender.forget(payment_ids)
    universe.store.archive(order_ids, payment_ids, archive.store)
    messages = [item.content for item in archive.store.all_items(OUTBOX)]
    records = {f"heard {message.key}" for message in messages if isinstance(message, BusinessEvent)}
    universe.store.archive_records(records, archive.store)
    universe.inventory.archive(order_ids, archive.inventory)
    universe.carrier.archive(order_ids, archive.carrier)
    universe.mailer.archive(order_ids, archive.mailer)
    archive.heard = [told for order in orders for told in visits[order.purchase.checkout_id].heard]
    return archive
