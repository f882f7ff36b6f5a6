"""The daily checks of a soak, and how finished orders are taken out of all stores. Other checkers are elsewhere.

Finished orders are moved, with all that is known of them, into a universe of their own; it is judged like any
other that has come to rest, and forgotten. So a shop of years holds no more than a shop of weeks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX, WEBHOOKS
from payflows.kernel.queue_item import ItemStatus, WebhookSubject

from simulations.checkout.checkers.liveness import SETTLED_WITHIN
from simulations.checkout.checkers.webhooks import announced
from simulations.checkout.soak import handlers
from simulations.checkout.soak.customers import Visit
from simulations.checkout.soak.universe import ArchiveUniverse, LongUniverse
from simulations.checkout.verdict import judge
from simulations.search.breach import Breach, InvariantBroken
from simulations.search.universe import Universe
from simulations.time.draws import bits_of

REST = timedelta(days=1)
"""An order is finished when it has rested for this long, and no one has plans for it."""

LONGEST = timedelta(days=60)
"""No order takes longer, whatever happens to it: a debit, a refund, a dispute, and a week of trouble on top."""

_S = OrderStatus
_PASSING = (_S.PENDING, _S.INVENTORY_RESERVED, _S.AUTHORISED)
Visits = Mapping[str, Visit]


def overdue(universe: LongUniverse, visits: Visits) -> Iterator[Breach]:
    """Find what should rest and does not, when no fault has been in the way for an hour (I14, I28)."""
    now = universe.universe.own_clock.now()  # the program's: it may have been set, and dates what is due
    for order in universe.store.all(ORDERS):
        by_hand = visits[order.purchase.checkout_id].by_hand
        if order.due_at is not None and order.due_at < now:
            yield Breach("I14", order.id, f"{order.id} is {order.status} and was due at {order.due_at}")
        if order.failures and not by_hand:
            yield Breach("I28", order.id, f"{order.id} is {order.status} and backs off, though every service answers")
        if order.review is not None and not by_hand:
            yield Breach(
                "I14",
                order.id,
                f"{order.id} is {order.status} and left to a person: {order.review.reason}, {order.review.detail}",
            )
        if order.changed_at < now - SETTLED_WITHIN and _should_have_passed(universe, order):
            yield Breach("I28", order.id, f"{order.id} is {order.status} since {order.changed_at}")


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


def never_ending(universe: LongUniverse) -> Iterator[Breach]:
    """Find what never came to an end (I14)."""
    for order in universe.store.all(ORDERS):
        if order.purchase.placed_at < universe.clock.now() - LONGEST:
            yield Breach(
                "I14", order.id, f"{order.id} was placed at {order.purchase.placed_at} and is {order.status} still"
            )


def orphaned(universe: LongUniverse) -> Iterator[Breach]:
    """Find what belongs to no order: money, stock or a parcel (I1, I11, I12)."""
    known = {order.id for order in universe.store.all(ORDERS)}
    for payment_id in {movement.source_id for movement in universe.stripe.movements}:
        if universe.stripe.intent(payment_id).metadata["order_id"] not in known:
            yield Breach("I1", payment_id, f"{payment_id} moved money for no order")
    for hold in universe.inventory.holds().values():
        if hold.is_open and hold.id not in known:
            yield Breach("I11", hold.id, f"{hold.id} holds stock for no order")
    for order_id in universe.carrier.shipments():
        if order_id not in known:
            yield Breach("I12", order_id, f"{order_id} is a parcel of no order")


def close(universe: LongUniverse, visits: dict[str, Visit]) -> list[Order]:
    """Take out what is finished, and judge it. Returns the orders that were taken out.

    Raises:
        InvariantBroken: with a breach for each broken promise.
    """
    closed = list(_finished(universe, visits))
    for by_hand in (False, True):
        orders = [order for order in closed if visits[order.purchase.checkout_id].by_hand is by_hand]
        if orders:
            _judge_archive(universe, orders, visits, may_need_a_person=by_hand)
    known = {order.purchase.checkout_id for order in universe.store.all(ORDERS)}
    for checkout_id in [id_ for id_, visit in visits.items() if not visit.plans and id_ not in known]:
        del visits[checkout_id]
    universe.forget_the_long_gone()
    bits_of.cache_clear()
    return closed


def _finished(universe: LongUniverse, visits: Visits) -> Iterator[Order]:
    """Return orders that have rested, and about which nothing more will be done, sent or delivered."""
    busy = _unfinished(universe)
    on_their_way = universe.sender.on_their_way if universe.sender is not None else frozenset()
    for order in universe.store.all(ORDERS):
        visit = visits[order.purchase.checkout_id]
        rests = order.status.is_final or (order.review is not None and visit.by_hand)
        if not rests or order.due_at is not None or visit.plans or order.changed_at > universe.clock.now() - REST:
            continue
        payments = {payment.id for payment in universe.stripe.payments_of_order(order.id)}
        if not payments & on_their_way and not ({order.id} | payments) & busy:
            yield order


def _unfinished(universe: LongUniverse) -> set[str]:
    """Return orders and payments that have mails, business events or webhooks still to deliver."""
    store = universe.store
    names = (OUTBOX, INBOX, *universe.clock.run(store.queues(PREFIX)))
    items = [item for name in names for item in store.all_items(name) if item.status not in _OVER]
    contents = [item.content for item in items]
    return {each.id if isinstance(each, WebhookSubject) else each.subject for each in contents}


_OVER = (ItemStatus.PROCESSED, ItemStatus.IGNORED)
"""When nothing more is done about an item; a dead letter is replayed."""


def _judge_archive(universe: LongUniverse, orders: list[Order], visits: Visits, *, may_need_a_person: bool) -> None:
    assert universe.sender is not None, "it listens to webhooks"
    given_up = {event.id for event in universe.sender.undelivered}
    archive, webhooks = _archived(universe, orders, visits)
    judge(archive, may_need_a_person=may_need_a_person)
    breaches = [*handlers.breaches(archive), *_lost_webhooks(archive, webhooks - given_up)]
    if breaches:
        raise InvariantBroken(breaches)


def _lost_webhooks(archive: ArchiveUniverse, event_ids: Collection[str]) -> Iterator[Breach]:
    """Find webhooks that were answered 2xx and are not stored (I24)."""
    stored = {webhook.event_id for webhook in archive.store.all_entries(WEBHOOKS)}
    for event_id in sorted(set(event_ids) - stored):
        yield Breach("I24", event_id, f"the webhook {event_id} was answered 2xx and is not stored")


def _archived(universe: LongUniverse, orders: list[Order], visits: Visits) -> tuple[ArchiveUniverse, set[str]]:
    """Move all that is known of these orders into a universe of their own. Returns it, and its webhooks' ids."""
    order_ids = {order.id for order in orders}
    archive = ArchiveUniverse(Universe(), universe.settings)
    archive.pass_time(universe.clock.now_us / 1_000_000)
    archive.universe.calm_from = universe.calm_from
    payment_ids = universe.stripe.archive(order_ids, archive.stripe)
    assert universe.sender is not None, "it listens to webhooks"
    webhooks = universe.sender.forget(payment_ids)
    universe.store.archive(order_ids, payment_ids, archive.store, webhooks=webhooks)
    events = [event.key for event in announced(archive)]
    records = {name for event in events for name in (f"counted {event}", handlers.record_of(event))}
    universe.store.archive_records(records, archive.store)
    universe.inventory.archive(order_ids, archive.inventory)
    universe.carrier.archive(order_ids, archive.carrier)
    universe.mailer.archive(order_ids, archive.mailer)
    archive.answers = [order for placed in orders for order in visits[placed.purchase.checkout_id].answers]
    universe.handlers.forget(events)
    return archive, set(webhooks)
