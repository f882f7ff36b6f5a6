"""The store in memory keeps a database's promises: compare-and-set, all or nothing, create if absent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from payflows.checkout.goods import Address
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import TRANSITIONS, Attempt, Order, OrderStatus, Purchase, Transition
from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.errors import NotFound, VersionConflict
from payflows.kernel.messages import BusinessEvent, EventType, Mail, MailKind, OutboxEntry
from payflows.money import Money, Rate
from payflows.parties import Customer
from payflows.store.memory import InMemoryStore
from simulations.time.world import START, World

MINUTE = timedelta(minutes=1)
PRICE = Money(2_900, "usd")
PRICES = PriceList({"mug": Money(1_450, "usd")}, {"usd": CurrencyTerms(tax=Rate(0), shipping=Money(0, "usd"))})
PURCHASE = Purchase(
    merchant_id="mer_1",
    checkout_id="checkout-1",
    customer=Customer(id="ada", email="ada@example.com"),
    price=PRICES.price([CartItem("mug", 2)]),
    address=Address(name="Ada", line1="1 Example Street", city="Springfield", postal_code="00000", country="US"),
    placed_at=START,
    deadline_at=START + 60 * MINUTE,
)


def an_order(id: str = "ord_1", *, due_at: datetime | None = None) -> Order:
    return Order(
        id=id,
        purchase=PURCHASE,
        status=OrderStatus.PENDING,
        version=1,
        changed_at=START,
        due_at=due_at,
        attempt=Attempt(1, "pm_card_visa"),
    )


def told(order: Order, event: EventType = EventType.ORDER_PLACED) -> BusinessEvent:
    return BusinessEvent(f"{order.id}:{order.version}:{event.value}", event, order.id, order.changed_at, PRICE)


class Books:
    """A store in virtual time, with short words for what a test does."""

    def __init__(self) -> None:
        self.world = World()
        self.store = InMemoryStore()

    def add(self, order: Order, *messages: BusinessEvent | Mail) -> Order:
        return self.world.run(self.store.add_order(order, messages))

    def enter(self, before: Order, status: OrderStatus, *messages: BusinessEvent | Mail) -> Order:
        after = replace(before, status=status, version=before.version + 1)
        logged = Transition(before.id, after.version, before.status, status, START)
        self.world.run(self.store.save_order(before, after, logged, messages))
        return after

    def note(self, before: Order, after: Order, *messages: BusinessEvent | Mail) -> Order:
        noted = replace(after, version=before.version + 1)
        self.world.run(self.store.save_order(before, noted, None, messages))
        return noted

    def read(self, order_id: str = "ord_1") -> Order:
        return self.world.run(self.store.get(ORDERS, order_id))

    def path(self, order_id: str = "ord_1") -> list[OrderStatus]:
        return [row.after for row in self.store.transitions(ORDERS, order_id)]

    def due(self, now: datetime) -> tuple[str, ...]:
        return self.world.run(self.store.due_orders(now))

    def waiting(self) -> list[str]:
        return [entry.message.key for entry in self.store.undelivered()]

    def all_there_is(self) -> object:
        """Everything that a write could have changed."""
        rows = [self.store.transitions(ORDERS, order.id) for order in self.store.all(ORDERS)]
        return list(self.store.all(ORDERS)), rows, self.store.outbox(), self.due(START + timedelta(days=99))


@pytest.fixture
def books() -> Books:
    return Books()


# Create if absent.


def test_an_order_is_stored_with_its_first_row_and_what_it_tells(books: Books) -> None:
    order = an_order(due_at=START)

    assert books.add(order, told(order)) is order

    assert books.read() == order
    assert books.store.transitions(ORDERS, "ord_1") == (Transition("ord_1", 1, None, OrderStatus.PENDING, START),)
    assert books.waiting() == ["ord_1:1:order.placed"]
    assert books.due(START) == ("ord_1",)


def test_an_id_that_is_there_already_keeps_its_order_and_says_nothing_again(books: Books) -> None:
    order = an_order()
    moved = books.enter(books.add(order, told(order)), OrderStatus.INVENTORY_RESERVED)
    before = books.all_there_is()

    other = replace(an_order(due_at=START), attempt=Attempt(1, "pm_card_mastercard"))
    answer = books.add(other, told(other, EventType.ORDER_CANCELLED))

    assert answer == moved
    assert books.all_there_is() == before


def test_orders_are_listed_as_they_were_placed(books: Books) -> None:
    for name in ("ord_2", "ord_1", "ord_3"):
        books.add(an_order(name))
    books.enter(books.read("ord_1"), OrderStatus.CANCELLED)

    assert [order.id for order in books.store.all(ORDERS)] == ["ord_2", "ord_1", "ord_3"]


# Compare and set.


def test_a_change_is_stored_with_its_row_and_what_it_tells(books: Books) -> None:
    order = books.add(an_order())

    moved = books.enter(order, OrderStatus.CANCELLED, told(order, EventType.ORDER_CANCELLED))

    assert books.read() == moved
    assert books.path() == [OrderStatus.PENDING, OrderStatus.CANCELLED]
    assert books.waiting() == ["ord_1:1:order.cancelled"]


def test_a_change_within_a_status_leaves_no_row(books: Books) -> None:
    order = books.add(an_order())

    noted = books.note(order, replace(order, waits=1))

    assert books.read() == noted
    assert (noted.version, books.path()) == (2, [OrderStatus.PENDING])


@pytest.mark.parametrize("stale", ["version", "status"])
def test_who_read_an_older_order_changes_nothing(books: Books, stale: str) -> None:
    first = books.add(an_order())
    now = books.enter(first, OrderStatus.INVENTORY_RESERVED)
    seen = replace(now, version=1) if stale == "version" else replace(now, status=OrderStatus.PENDING)
    before = books.all_there_is()

    with pytest.raises(VersionConflict, match="ord_1 was read at version"):
        books.enter(seen, OrderStatus.ABANDONING, told(seen, EventType.ORDER_CANCELLED))
    with pytest.raises(VersionConflict):
        books.note(seen, replace(seen, payment_id="pi_1", due_at=START), told(seen))

    assert books.all_there_is() == before
    with pytest.raises(NotFound):
        books.world.run(books.store.find(ORDERS, "pi_1"))


def test_of_two_who_read_the_same_order_one_wins(books: Books) -> None:
    seen = books.add(an_order())

    books.enter(seen, OrderStatus.INVENTORY_RESERVED)
    with pytest.raises(VersionConflict):
        books.enter(seen, OrderStatus.CANCELLED)

    assert books.path() == [OrderStatus.PENDING, OrderStatus.INVENTORY_RESERVED]


@pytest.mark.parametrize("status", OrderStatus)
def test_only_transitions_of_the_table_are_stored(books: Books, status: OrderStatus) -> None:
    """X3: what happened to an order is told by a log that only grows, row by row along the table."""
    order = books.add(an_order())
    before = books.all_there_is()

    if status in TRANSITIONS[OrderStatus.PENDING]:
        assert books.enter(order, status).status is status
    else:
        with pytest.raises(AssertionError, match=f"pending may not become {status}"):
            books.enter(order, status, told(order))
        assert books.all_there_is() == before


def test_a_change_of_status_without_a_row_is_a_mistake_in_the_code(books: Books) -> None:
    order = books.add(an_order())

    with pytest.raises(AssertionError, match="a change of status is logged"):
        books.note(order, replace(order, status=OrderStatus.CANCELLED))

    assert books.read() == order


@pytest.mark.parametrize("change", [{"version": 3}, {"version": 1}, {"version": 2, "id": "ord_2"}], ids=str)
def test_a_version_that_does_not_follow_is_a_mistake_in_the_code(books: Books, change: dict[str, object]) -> None:
    order = books.add(an_order())
    after = replace(order, **change)  # type: ignore[arg-type]

    with pytest.raises(AssertionError):
        books.world.run(books.store.save_order(order, after, None, ()))

    assert books.read() == order


# Reading.


def test_an_order_is_found_by_its_payment_once_that_is_stored(books: Books) -> None:
    order = books.add(an_order())
    with pytest.raises(NotFound):
        books.world.run(books.store.find(ORDERS, "pi_1"))

    books.note(order, replace(order, payment_id="pi_1"))

    assert books.world.run(books.store.find(ORDERS, "pi_1")) == books.read()


def test_an_unknown_order_is_a_refusal_and_has_no_log(books: Books) -> None:
    with pytest.raises(NotFound, match="no such order"):
        books.read("ord_2")
    assert books.path("ord_2") == []


# What is due.


def test_what_is_due_comes_longest_waiting_first(books: Books) -> None:
    for name, minutes in (("late", 3), ("first", 1), ("second", 2), ("later", 4)):
        books.add(an_order(name, due_at=START + minutes * MINUTE))
    books.add(an_order("never"))

    assert books.due(START) == ()
    assert books.due(START + 3 * MINUTE - timedelta(microseconds=1)) == ("first", "second")
    assert books.due(START + 3 * MINUTE) == ("first", "second", "late")


def test_it_stays_due_until_it_is_stored_anew(books: Books) -> None:
    order = books.add(an_order(due_at=START))
    assert books.due(START) == books.due(START) == ("ord_1",)

    order = books.note(order, replace(order, due_at=START + MINUTE))
    assert books.due(START) == ()
    assert books.due(START + MINUTE) == ("ord_1",)
    books.note(order, replace(order, due_at=None))

    assert books.due(START + 99 * MINUTE) == ()


def test_an_order_stored_twice_for_one_moment_is_due_once(books: Books) -> None:
    order = books.add(an_order(due_at=START + MINUTE))
    order = books.note(order, replace(order, due_at=START))
    books.note(order, replace(order, due_at=START + MINUTE))

    assert books.due(START + MINUTE) == ("ord_1",)


# The outbox.


def test_messages_wait_in_the_order_in_which_they_were_told(books: Books) -> None:
    first, second = an_order("ord_1"), an_order("ord_2")
    mail = Mail("ord_1:2:mail:order_cancelled", MailKind.ORDER_CANCELLED, "ord_1")
    books.add(first, told(first))
    books.add(second, told(second))
    books.enter(first, OrderStatus.CANCELLED, told(replace(first, version=2), EventType.ORDER_CANCELLED), mail)

    assert books.waiting() == [
        "ord_1:1:order.placed",
        "ord_2:1:order.placed",
        "ord_1:2:order.cancelled",
        "ord_1:2:mail:order_cancelled",
    ]


def test_what_was_delivered_waits_no_more_and_is_remembered(books: Books) -> None:
    order = an_order()
    first, second = told(order), told(order, EventType.ORDER_CANCELLED)
    books.add(order, first, second)

    books.world.run(books.store.mark_delivered(second.key, START + MINUTE))
    books.world.run(books.store.mark_delivered(second.key, START + 2 * MINUTE))
    books.world.run(books.store.mark_delivered("unknown", START))

    assert books.waiting() == [first.key]
    assert books.store.outbox() == (OutboxEntry(second, delivered_at=START + MINUTE), OutboxEntry(first))
