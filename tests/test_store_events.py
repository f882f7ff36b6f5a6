"""What the store in memory keeps for outbox and bus: messages in order, and writes that go together or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payflows.checkout.model import Order, OrderStatus, Transition
from payflows.errors import Stale, StaleDelivery, StaleOrder, StaleRecord, UnknownDelivery
from payflows.events.delivery import (
    Delivery,
    DeliveryStatus,
    DeliveryWrite,
    MessageWrite,
    OrderWrite,
    Record,
    RecordWrite,
    Write,
)
from payflows.events.model import EventType, OutboxEntry
from simulations.world import START
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
    return Delivery(told(order), handler, DeliveryStatus.PENDING, START + timedelta(minutes=minutes))


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
    assert books.world.run(books.store.handlers_waited_for()) == ("ledger", "mails")


def test_a_delivery_that_is_nobodys_is_unknown(books: Books) -> None:
    with pytest.raises(UnknownDelivery):
        books.world.run(books.store.delivery("ledger:ord_1"))


# Writes that belong together.


def all_writes(order: Order, delivery: Delivery) -> dict[str, Write]:
    cancelled = replace(order, status=OrderStatus.CANCELLED, version=2)
    logged = Transition(order.id, 2, order.status, cancelled.status, START)
    return {
        "order": OrderWrite(order, cancelled, logged, (told(cancelled, EventType.ORDER_CANCELLED),)),
        "record": RecordWrite(Record("points"), Record("points", {"earned": 1}, 1)),
        "message": MessageWrite(told(order, EventType.ORDER_SHIPPED)),
        "delivery": DeliveryWrite(delivery, delivery.delivered(START)),
    }


STALE: dict[str, type[Stale]] = {"order": StaleOrder, "record": StaleRecord, "delivery": StaleDelivery}


def test_what_belongs_together_is_stored_together(books: Books) -> None:
    order = books.add(an_order())
    delivery = a_delivery(order)
    publish(books, delivery)

    books.world.run(books.store.commit(tuple(all_writes(order, delivery).values())))

    assert books.read().status is OrderStatus.CANCELLED
    assert books.world.run(books.store.record("points")) == Record("points", {"earned": 1}, 1)
    assert books.waiting() == ["ord_1:2:order.cancelled", "ord_1:1:order.shipped"]
    assert books.world.run(books.store.delivery(delivery.key)).status is DeliveryStatus.DELIVERED
    assert books.world.run(books.store.handlers_waited_for()) == ()


@pytest.mark.parametrize("stale", STALE)
def test_where_one_was_changed_since_it_was_read_nothing_is_stored(books: Books, stale: str) -> None:
    order = books.add(an_order())
    delivery = a_delivery(order)
    publish(books, delivery)
    writes = all_writes(order, delivery)
    books.world.run(books.store.commit((writes[stale],)))
    before = books.all_there_is(), books.world.run(books.store.record("points")), delivery.version

    with pytest.raises(STALE[stale]):
        books.world.run(books.store.commit(tuple(writes.values())))

    assert before == (books.all_there_is(), books.world.run(books.store.record("points")), delivery.version)
    assert (books.world.run(books.store.delivery(delivery.key)) == delivery) is (stale != "delivery")
