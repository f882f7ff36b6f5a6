"""What is due when, in memory: the earliest first, and of two at the same moment the one that came first."""

from __future__ import annotations

from datetime import datetime
from heapq import heappop, heappush


class DueQueue:
    """Keys, and the moment at which each is due. An earlier moment of a key is dropped when it comes up."""

    __slots__ = ("_moments", "_number", "_queue")

    def __init__(self) -> None:
        self._moments: dict[str, datetime] = {}
        self._queue: list[tuple[datetime, int, str]] = []
        self._number = 0

    def put(self, key: str, due_at: datetime | None) -> None:
        """Make the key due then, and at no other moment; None: not at all."""
        if due_at is None:
            self._moments.pop(key, None)
        elif self._moments.get(key) != due_at:
            self._moments[key] = due_at
            self._number += 1
            heappush(self._queue, (due_at, self._number, key))

    def first(self) -> str | None:
        """Return the key that is due first, now or later; None where none is."""
        while self._queue:
            due_at, _, key = self._queue[0]
            if self._moments.get(key) == due_at:
                return key
            heappop(self._queue)
        return None

    def first_at(self) -> datetime | None:
        """Return when the first key is due; None where none is."""
        return self._queue[0][0] if self._queue and self.first() is not None else None

    def due(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the keys that are due by now, those due the longest first. They stay until they are put elsewhere."""
        found: dict[str, tuple[datetime, int]] = {}
        while self._queue and self._queue[0][0] <= now and len(found) < limit:
            due_at, number, key = heappop(self._queue)
            if key not in found and self._moments.get(key) == due_at:
                found[key] = (due_at, number)
        for key, (due_at, number) in found.items():
            heappush(self._queue, (due_at, number, key))
        return tuple(found)
