"""What the checks of a store read, and what they expect to be raised."""

from __future__ import annotations

from collections.abc import Awaitable

from payflows.kernel.changes import OUTBOX, Change, Emit, Put
from payflows.kernel.messages import Mail
from payflows.kernel.queue_item import HandlerRecord, ItemStatus, QueueItem
from payflows.kernel.store import Store
from payflows.testing.store_sample import BOOKINGS, PARCELS, START

HANDLER = "handler points"


def points(before: HandlerRecord) -> tuple[Change, ...]:
    """Return what a handler writes: a record, and a message."""
    number = before.version + 1
    mail = Mail(f"points:{number}", "points_earned", "par_1", START, PARCELS.name)
    return Put(before, HandlerRecord("points", {"points": number}, number)), Emit((mail,))


async def raises(error: type[BaseException], call: Awaitable[object]) -> None:
    """Expect a call to raise an error."""
    try:
        await call
    except error:
        return
    raise AssertionError(f"{error.__name__} was to be raised")


async def next_on(store: Store, queue: str) -> QueueItem:
    """Return what is due first on a queue."""
    item = await store.next_item(queue)
    assert item is not None, f"{queue} has something due"
    return item


async def outbox_of(store: Store) -> list[QueueItem]:
    """Return all that is in the outbox."""
    return [item for status in ItemStatus for item in await store.items(OUTBOX, status)]


async def everything_in(store: Store) -> object:
    """Return all that the sample's changes could have changed."""
    parcels = [
        (parcel, await store.log(PARCELS, parcel.id))
        for owner in ("ada", "bob")
        for parcel in await store.find_all(PARCELS, f"owner:{owner}")
    ]
    items = [await store.items(queue, status) for queue in (OUTBOX, HANDLER) for status in ItemStatus]
    entries = await store.entries(BOOKINGS, "locker fees")
    return parcels, items, entries, await store.record("points"), await store.due_at(PARCELS)
