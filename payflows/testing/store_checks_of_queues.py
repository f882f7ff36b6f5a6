"""What a store promises of queues and handlers' records, one check for each promise."""

from __future__ import annotations

from payflows.errors import VersionConflict
from payflows.kernel.changes import OUTBOX, Append, Arrive, Change, Enqueue, Insert
from payflows.kernel.queue_item import HandlerRecord, ItemStatus
from payflows.kernel.store import Store
from payflows.testing.store_reads import HANDLER, everything_in, next_on, outbox_of, points, raises
from payflows.testing.store_sample import BOOKINGS, MINUTE, PARCELS, START, a_parcel, an_item, bookings, fetching

# Queues and records


async def the_outbox_goes_in_its_order(store: Store) -> None:
    """What is tried again later holds up no other."""
    await store.add(PARCELS, a_parcel(1))
    first = await next_on(store, OUTBOX)
    await store.advance(first, first.failed(ItemStatus.RETRYING, "CallNotSent", START + MINUTE))
    second = await next_on(store, OUTBOX)
    assert second.key != first.key
    await store.advance(second, second.done(START))
    last = await next_on(store, OUTBOX)
    assert (last.key, last.failures, last.due_at) == (first.key, 1, START + MINUTE)
    await store.advance(last, last.done(START))
    assert await store.next_item(OUTBOX) is None


async def what_cannot_be_read_is_put_off(store: Store) -> None:
    """So that it is not first for ever; the store need not read it for that, nor change its content."""
    await store.add(PARCELS, a_parcel(1, minutes=1))
    await store.add(PARCELS, a_parcel(2, minutes=2))
    await store.put_off(PARCELS, "par_1", START + 5 * MINUTE)
    assert await store.due(PARCELS, START + 9 * MINUTE, 9) == ("par_2", "par_1")
    early, late = an_item("early", minutes=1), an_item("late", minutes=2)
    await store.change(Enqueue(early), Enqueue(late))
    await store.put_off_item(HANDLER, START + 5 * MINUTE)
    assert await store.next_item(HANDLER) == late
    await store.advance(late, late.done(START))
    assert await store.queues_due_at("handler ") == {HANDLER: START + 5 * MINUTE}
    assert await store.next_item(HANDLER) == early


async def each_queue_has_its_own_order(store: Store) -> None:
    """The earliest first, whenever it came."""
    late, early = an_item("late", minutes=5), an_item("early", minutes=1)
    mails = an_item("mail", queue="handler mails", minutes=3)
    await store.change(Enqueue(late), Enqueue(early), Enqueue(mails), Enqueue(an_item("other", queue="inbox")))
    assert await store.next_item(HANDLER) == early
    assert await store.queues_due_at("handler ") == {HANDLER: early.due_at, "handler mails": mails.due_at}
    assert await store.items("handler never used", ItemStatus.PENDING) == ()
    assert await store.next_item("handler never used") is None
    assert set(await store.queues("handler ")) == {HANDLER, "handler mails"}


async def an_item_comes_once(store: Store) -> None:
    """The same key again stays as it is, also when it was processed."""
    item = an_item("stored")
    await store.change(Enqueue(item))
    await store.advance(item, item.done(START))
    await store.change(Enqueue(an_item("stored", minutes=9)))
    assert await store.item(HANDLER, "stored") == item.done(START)
    assert await store.next_item(HANDLER) is None


async def what_arrives_again_is_due_again(store: Store) -> None:
    """Also while it is being worked on: who works on it then does not mark it as processed."""
    item = an_item("subject", queue="inbox")
    await store.change(Arrive(item))
    await store.change(Arrive(an_item("subject", queue="inbox")))
    await raises(VersionConflict, store.advance(item, item.done(START)))
    again = await next_on(store, "inbox")
    assert (again.arrivals, again.status, again.due_at) == (2, ItemStatus.PENDING, START)


async def an_item_and_its_writes_are_stored_together(store: Store) -> None:
    """Record, messages and the item's next version: all, or nothing where one was changed since it was read."""
    item, other = an_item("one"), an_item("two")
    await store.change(Enqueue(item), Enqueue(other))
    writes = points(HandlerRecord("points"))
    await store.advance(item, item.done(START), *writes)
    assert await store.record("points") == HandlerRecord("points", {"points": 1}, 1)
    assert [message.key for message in await outbox_of(store)] == ["points:1"]
    before = await everything_in(store)
    await raises(VersionConflict, store.advance(other, other.done(START), *writes))
    await raises(VersionConflict, store.advance(item, item.done(START)))
    assert await everything_in(store) == before
    assert await store.item(HANDLER, "two") == other


async def dead_letters_are_listed_the_oldest_first(store: Store) -> None:
    """By status, without those that are done."""
    items = [an_item(name) for name in ("c", "a", "b")]
    await store.change(*map(Enqueue, items))
    for item in items[:2]:
        await store.advance(item, item.failed(ItemStatus.DEAD, "ValueError", None))
    await store.advance(items[2], items[2].done(START))
    dead = await store.items(HANDLER, ItemStatus.DEAD)
    assert [(item.key, item.last_error) for item in dead] == [("a", "ValueError"), ("c", "ValueError")]
    replayed = dead[0].again(START)
    await store.advance(dead[0], replayed)
    assert await store.next_item(HANDLER) == replayed
    assert [item.key for item in await store.items(HANDLER, ItemStatus.DEAD)] == ["c"]


async def one_failure_undoes_the_whole_step(store: Store) -> None:
    """Whichever of the changes it is, and wherever it stands among them."""
    parcel = await store.add(PARCELS, a_parcel(1))
    stale = await store.add(PARCELS, a_parcel(2))
    await store.change(fetching(stale))
    good: tuple[Change, ...] = (
        Insert(PARCELS, a_parcel(3)),
        fetching(parcel),
        Append(BOOKINGS, bookings(1, 250, -250)),
        Enqueue(an_item("one")),
        *points(HandlerRecord("points")),
    )
    before = await everything_in(store)
    for place in range(len(good) + 1):
        await raises(VersionConflict, store.change(*good[:place], fetching(stale), *good[place:]))
        assert await everything_in(store) == before
    await store.change(*good)
    assert await store.record("points") == HandlerRecord("points", {"points": 1}, 1)


async def the_worker_is_woken_by_every_write(store: Store) -> None:
    """So that it need not poll."""
    calls: list[int] = []
    store.on_change(lambda: calls.append(1))
    await store.add(PARCELS, a_parcel())
    await store.change(Enqueue(an_item("one")))
    await store.advance(an_item("one"), an_item("one").done(START))
    assert len(calls) >= 3
    await store.get(PARCELS, "par_1")
    assert len(calls) == 3


CHECKS_OF_QUEUES = (
    the_outbox_goes_in_its_order,
    each_queue_has_its_own_order,
    an_item_comes_once,
    what_arrives_again_is_due_again,
    an_item_and_its_writes_are_stored_together,
    dead_letters_are_listed_the_oldest_first,
    one_failure_undoes_the_whole_step,
    the_worker_is_woken_by_every_write,
)
