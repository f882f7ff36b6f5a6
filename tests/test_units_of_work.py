"""A handler's unit of work: stored with its item in one step, on what it read, once."""

from __future__ import annotations

import pytest

from payflows.checkout.messages import ORDERS, EventType, MailKind
from payflows.errors import NotFound
from payflows.kernel.changes import OUTBOX, Put
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import HandlerRecord, ItemStatus
from payflows.kernel.unit_of_work import Handler, UnitOfWork
from simulations.time.world import START
from tests.bus_fixture import PLACED, BusFixture, Listener
from tests.sample_orders import an_order


class BusWithAnOrder(BusFixture):
    """A bus with one order in its store."""

    def __init__(self) -> None:
        super().__init__()
        self.world.run(self.store.add(ORDERS, an_order()))

    def listen(self, *handlers: Handler) -> None:
        for number, handler in enumerate(handlers):
            self.bus.subscribe(EventType.ORDER_PLACED, handler, name=f"handler {number}")

    def points(self) -> object:
        return self.world.run(self.store.record("points")).fields.get("earned", 0)

    def mails(self) -> list[object]:
        items = [item for item in self.store.all_items(OUTBOX) if item.status is ItemStatus.PENDING]
        return [item.content for item in items if isinstance(item.content, Mail)]


@pytest.fixture
def fixture() -> BusWithAnOrder:
    return BusWithAnOrder()


async def earn(event: BusinessEvent, work: UnitOfWork) -> None:
    """Adds a point."""
    points = await work.record("points")
    work.put(points, {"earned": int(points.fields.get("earned") or 0) + 1})


async def earn_in_place(event: BusinessEvent, work: UnitOfWork) -> None:
    """Adds a point to what it was given, and fails."""
    points = await work.record("points")
    points.fields["earned"] = 99  # type: ignore[index]  # who does not run mypy may try


async def emit_at_no_time(event: BusinessEvent, work: UnitOfWork) -> None:
    """Announces something that happened in no time zone."""
    work.emit(PLACED._replace(key="ord_1:points", at=START.replace(tzinfo=None)))


async def emit_what_is_no_event(event: BusinessEvent, work: UnitOfWork) -> None:
    """Announces what no one can subscribe to (B9)."""
    work.emit(PLACED._replace(key="ord_1:points", type="points.earnd"))


async def emit_without_a_key(event: BusinessEvent, work: UnitOfWork) -> None:
    """Announces something that has no name."""
    work.emit(PLACED._replace(key=""))


async def mail_without_a_key(event: BusinessEvent, work: UnitOfWork) -> None:
    """Writes a mail that has no name."""
    work.emit(Mail("", MailKind.ORDER_CONFIRMED, "ord_1", START, ORDERS.name))


@pytest.mark.parametrize(
    "wrong", [earn_in_place, emit_at_no_time, emit_what_is_no_event, emit_without_a_key, mail_without_a_key]
)
def test_what_a_handler_does_wrong_is_its_own_failure_and_changes_nothing(
    fixture: BusWithAnOrder, wrong: Handler
) -> None:
    fixture.listen(earn, wrong)

    fixture.tell()

    assert fixture.points() == 1
    assert [item.queue for item in fixture.items(ItemStatus.RETRYING)] == ["handler handler 1"]


def test_a_business_event_that_a_handler_emits_goes_out(fixture: BusWithAnOrder) -> None:
    shipped = PLACED._replace(key="ord_1:2:order.shipped", type=EventType.ORDER_SHIPPED)

    async def ship(event: BusinessEvent, work: UnitOfWork) -> None:
        work.emit(shipped)

    fixture.listen(ship)
    fixture.tell()

    assert shipped in [item.content for item in fixture.store.all_items(OUTBOX)]


def test_what_a_handler_has_put_is_not_changed_after_that(fixture: BusWithAnOrder) -> None:
    kept = {"earned": 1}

    async def keep(event: BusinessEvent, work: UnitOfWork) -> None:
        work.put(await work.record("points"), kept)

    fixture.listen(keep)
    fixture.tell()
    kept["earned"] = 99

    assert fixture.points() == 1


async def spoil(fixture: BusWithAnOrder, earned: int) -> None:
    """Another process changes the record."""
    points = await fixture.store.record("points")
    await fixture.store.change(Put(points, HandlerRecord("points", {"earned": earned}, points.version + 1)))


def test_what_a_handler_writes_is_stored_with_its_item(fixture: BusWithAnOrder) -> None:
    fixture.listen(earn, earn)

    fixture.tell()

    assert fixture.points() == 2
    assert len(fixture.items(ItemStatus.PROCESSED)) == 2


def test_a_handler_sees_its_own_changes_and_they_are_one_write(fixture: BusWithAnOrder) -> None:
    async def twice(event: BusinessEvent, work: UnitOfWork) -> None:
        for _ in range(2):
            await earn(event, work)

    fixture.listen(twice)

    fixture.tell()

    assert fixture.points() == 2
    assert fixture.world.run(fixture.store.record("points")).version == 1


def test_nothing_is_written_while_a_handler_runs_or_where_it_fails(fixture: BusWithAnOrder) -> None:
    async def fail_late(event: BusinessEvent, work: UnitOfWork) -> None:
        await earn(event, work)
        await fixture.world.sleep(60)
        assert (await fixture.store.record("points")).version == 0
        raise ValueError("the ledger is closed")

    fixture.listen(fail_late)

    fixture.tell()

    assert fixture.points() == 0
    (waiting,) = fixture.items(ItemStatus.RETRYING)
    assert waiting.last_error == f"ValueError in fail_late, line {fail_late.__code__.co_firstlineno + 4}"


def test_who_was_overtaken_works_again_on_what_is_there_now(fixture: BusWithAnOrder) -> None:
    """B11 and a database's promise: no change is lost between reading and writing."""
    calls: list[object] = []

    async def slow(event: BusinessEvent, work: UnitOfWork) -> None:
        calls.append((await work.record("points")).fields.get("earned", 0))
        await earn(event, work)
        if len(calls) == 1:
            await spoil(fixture, 10)

    fixture.listen(slow)

    fixture.tell()

    assert calls == [0, 10]
    assert fixture.points() == 11


def test_who_is_overtaken_every_time_fails_like_any_other(fixture: BusWithAnOrder) -> None:
    async def unlucky(event: BusinessEvent, work: UnitOfWork) -> None:
        await earn(event, work)
        await spoil(fixture, 0)

    fixture.listen(unlucky)

    fixture.tell()

    assert fixture.points() == 0
    (waiting,) = fixture.items(ItemStatus.RETRYING)
    assert waiting.last_error == "VersionConflict: what it read was changed 20 times"


def test_two_workers_have_one_effect(fixture: BusWithAnOrder) -> None:
    """B5: both call the handler, and what one of them stored stands."""

    async def slow_earn(event: BusinessEvent, work: UnitOfWork) -> None:
        await earn(event, work)
        await fixture.world.sleep(5)

    fixture.listen(slow_earn)
    fixture.publish()

    first = fixture.world.start(fixture.bus.deliver_due(START))
    second = fixture.world.start(fixture.bus.deliver_due(START))
    fixture.world.run(fixture.world.join(first))
    fixture.world.run(fixture.world.join(second))

    assert fixture.points() == 1


def test_what_a_handler_tells_goes_out_with_its_writes(fixture: BusWithAnOrder) -> None:
    """B11: no dual write. What it tells is in the outbox if, and only if, its delivery is done."""
    mail = Mail("ord_1:1:mail:order_confirmed", MailKind.ORDER_CONFIRMED, "ord_1", START, ORDERS.name)
    deaf = Listener()
    deaf.deaf = True

    async def confirm(event: BusinessEvent, work: UnitOfWork) -> None:
        work.emit(mail)
        await deaf.hear(event, work)

    fixture.listen(confirm)

    fixture.tell()
    assert fixture.mails() == []
    deaf.deaf = False
    fixture.world.run_for(20)
    fixture.deliver()

    assert fixture.mails() == [mail]


def test_what_a_handler_does_elsewhere_is_keyed_by_handler_and_event(fixture: BusWithAnOrder) -> None:
    keys: list[str] = []

    async def call_a_friend(event: BusinessEvent, work: UnitOfWork) -> None:
        keys.append(work.key)

    fixture.listen(call_a_friend, call_a_friend)

    fixture.tell()

    assert keys == [f"handler 0:{PLACED.key}", f"handler 1:{PLACED.key}"]


def test_an_order_that_is_not_there_fails_the_handler_only(fixture: BusWithAnOrder) -> None:
    async def look_for_another(event: BusinessEvent, work: UnitOfWork) -> None:
        await work.get(ORDERS, "ord_2")

    fixture.listen(look_for_another, earn)

    fixture.tell()

    assert fixture.points() == 1
    (waiting,) = fixture.items(ItemStatus.RETRYING)
    assert waiting.last_error == f"{NotFound.__name__}: no such order"
