"""What the checks of a store share: how they look into one."""

from __future__ import annotations

from collections.abc import Awaitable

from payflows.kernel.changes import OUTBOX
from payflows.kernel.queue_item import ItemStatus, QueueItem
from payflows.kernel.store import Store
from payflows.testing.store_sample import BOOKINGS, HANDLER, PARCELS


async def raises(error: type[BaseException], call: Awaitable[object]) -> None:
    """Assert that a call raises an error."""
    try:
        await call
    except error:
        return
    raise AssertionError(f"{error.__name__} was to be raised")


async def next_of(store: Store, queue: str) -> QueueItem:
    """Return the item that is due first on a queue."""
    item = await store.next_item(queue)
    assert item is not None, f"{queue} has something due"
    return item


async def outbox_of(store: Store) -> list[QueueItem]:
    """Return all that is in the outbox, done or not."""
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
