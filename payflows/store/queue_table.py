"""The queues in memory: items by key, what is due first on each, and the dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from payflows.errors import NotFound, VersionConflict
from payflows.kernel.queue_item import ItemStatus, QueueItem
from payflows.store.due import DueQueue


class QueueTable:
    """All items of one queue."""

    def __init__(self) -> None:
        self._items: dict[str, QueueItem] = {}
        self._due = DueQueue()
        self._dead: dict[str, None] = {}  # apart, so that listing them walks through no million that are done

    def get(self, key: str) -> QueueItem:
        """Return one item. Raises `NotFound`."""
        try:
            return self._items[key]
        except KeyError:
            raise NotFound("there is no such item on this queue") from None

    def find_all(self, status: ItemStatus) -> tuple[QueueItem, ...]:
        """Return all that have this status, oldest first."""
        found = self._find_all(status)
        return tuple(sorted(found, key=lambda item: (item.came_at, item.key)))

    def all(self) -> Iterator[QueueItem]:
        """Every item, in the order in which they came."""
        return iter(self._items.values())

    def first(self) -> QueueItem | None:
        """Return what is due first, now or later; None where nothing is."""
        key = self._due.first()
        return None if key is None else self._items[key]

    def first_at(self) -> datetime | None:
        """Return when the first item is due; None where none is."""
        return self._due.first_at()

    def put_off_first(self, until: datetime) -> None:
        """Make what is due first due only then."""
        key = self._due.first()
        if key is not None:
            self._due.put(key, until)

    def check(self, before: QueueItem, after: QueueItem) -> None:
        """Raise `VersionConflict` where the item was changed since it was read."""
        if self._items[before.key].version != before.version:
            raise VersionConflict("queue item")
        assert after.version == before.version + 1 and after.key == before.key

    def keep(self, item: QueueItem) -> None:
        """Store it."""
        key = item.key
        self._items[key] = item
        self._due.put(key, item.due_at)
        if item.status is ItemStatus.DEAD:
            self._dead[key] = None
        elif self._dead:
            self._dead.pop(key, None)

    def enqueue(self, item: QueueItem) -> None:
        """Store a new item; one whose key is known stays as it is."""
        if item.key not in self._items:
            self.keep(item)

    def arrive(self, item: QueueItem) -> None:
        """Store an item that came, maybe once more."""
        known = self._items.get(item.key)
        self.keep(item if known is None else known.again(item.came_at, arrivals=1))

    def forget(self, key: str) -> QueueItem:
        """Take an item out, which is not due."""
        assert self._items[key].due_at is None, "it is still to be worked on"
        self._dead.pop(key, None)
        return self._items.pop(key)

    def _find_all(self, status: ItemStatus) -> list[QueueItem]:
        if status is ItemStatus.DEAD:
            return [self._items[key] for key in self._dead]
        return [item for item in self._items.values() if item.status is status]
