"""What the store in memory keeps for outbox and bus: messages in order, and writes that go together or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from payflows.kernel.delivery import (
    NOTHING,
    ChangeSet,
    Delivery,
    DeliveryStatus,
    HandlerRecord,
    OrderWrite,
    RecordWrite,
)

from payflows.checkout.messages import EventType, OutboxEntry
from payflows.checkout.model import Order
from payflows.errors import NotFound, VersionConflict
from simulations.time.world import START
from tests.test_store import MINUTE, Books, an_order, told


@pytest.fixture
def books() -> Books:
    return Books()


def test_what_could_not_go_out_is_put_off_and_holds_up_no_other(books: Books) -> None:
    order = an_order()
    first, second = told(order), told(order, EventType.ORDER_CANCELLED)
    books.add(order, first, second)

    books.world.run(books.store.put_off_message(first.key, START + MINUTE))
    assert books.world.run(books.store.next_message()) == OutboxEntry(second)
    books.world.run(books.store.mark_delivered(second.key, START))

    assert books.world.run(books.store.next_message()) == OutboxEntry(first, START + MINUTE, waits=1)
    assert books.waiting() == [first.key]


# Deliveries.


def a_delivery(order: Order, handler: str = "ledger", *, minutes: int = 0) -> Delivery:
    return Delivery.of(told(order), handler, START + timedelta(minutes=minutes))


def publish(books: Books, *deliveries: Delivery) -> None:
    for delivery in deliveries:
        books.world.run(books.store.add_event(delivery.event, (delivery,)))


def test_what_is_published_twice_is_delivered_once(books: Books) -> None:
    """B2, B5: the same key is the same business event."""
    first = a_delivery(an_order())
    publish(books, first, first._replace(waits=3))

    assert books.world.run(books.store.delivery(first.key)) == first
    assert books.store.published() == (first.event,)


def test_each_handler_has_its_own_queue_the_earliest_first(books: Books) -> None:
    late, early = a_delivery(an_order("ord_1"), minutes=5), a_delivery(an_order("ord_2"), minutes=1)
    mails = a_delivery(an_order("ord_1"), "mails")
    publish(books, late, early, mails)

    assert books.world.run(books.store.next_delivery("ledger")) == early
    assert books.world.run(books.store.next_delivery("mails")) == mails
    assert books.world.run(books.store.next_delivery("nobody")) is None
    assert books.world.run(books.store.deliveries_due_at()) == {"ledger": early.due_at, "mails": START}


def test_a_delivery_that_is_nobodys_is_unknown(books: Books) -> None:
    with pytest.raises(NotFound):
        books.world.run(books.store.delivery("ledger:ord_1"))


# Writes that belong together.


def reschedule(order: Order) -> OrderWrite:
    noted = replace(order, waits=1, version=order.version + 1)
    return OrderWrite(order, noted, (told(noted, EventType.ORDER_NEEDS_REVIEW),))


def a_point(before: HandlerRecord) -> RecordWrite:
    return RecordWrite(before, HandlerRecord("points", {"earned": before.version + 1}, before.version + 1))


WRITES: dict[str, tuple[type[VersionConflict], ChangeSet]] = {
    "order": (VersionConflict, ChangeSet(orders=(reschedule(an_order()),))),
    "record": (VersionConflict, ChangeSet(records=(a_point(HandlerRecord("points")),))),
    "delivery": (VersionConflict, NOTHING),
}
ALL_WRITES = ChangeSet(
    orders=WRITES["order"][1].orders,
    records=WRITES["record"][1].records,
    messages=(told(an_order(), EventType.ORDER_SHIPPED),),
)


def test_what_belongs_together_is_stored_together(books: Books) -> None:
    delivery = a_delivery(books.add(an_order()))
    publish(books, delivery)

    books.world.run(books.store.save_delivery(delivery, delivery.delivered(START), ALL_WRITES))

    assert books.read().waits == 1
    assert books.world.run(books.store.record("points")) == HandlerRecord("points", {"earned": 1}, 1)
    assert books.waiting() == ["ord_1:2:order.needs_review", "ord_1:1:order.shipped"]
    assert books.world.run(books.store.delivery(delivery.key)).status is DeliveryStatus.DELIVERED
    assert books.world.run(books.store.deliveries_due_at()) == {}


@pytest.mark.parametrize("stale", WRITES)
def test_where_one_was_changed_since_it_was_read_nothing_is_stored(books: Books, stale: str) -> None:
    delivery, other = a_delivery(books.add(an_order())), a_delivery(an_order(), "mails")
    publish(books, delivery, other)
    overtaken = delivery if stale == "delivery" else other
    books.world.run(books.store.save_delivery(overtaken, overtaken.reschedule(START, "a rival"), WRITES[stale][1]))
    before = all_there_is(books)

    with pytest.raises(WRITES[stale][0]):
        books.world.run(books.store.save_delivery(delivery, delivery.delivered(START), ALL_WRITES))

    assert all_there_is(books) == before


def all_there_is(books: Books) -> object:
    run, store = books.world.run, books.store
    deliveries = [run(store.deliveries(status)) for status in DeliveryStatus]
    return books.all_there_is(), run(store.record("points")), deliveries
