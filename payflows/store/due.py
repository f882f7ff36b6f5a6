"""What is due when, in memory: the earliest first, and of two at the same moment the one that came first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush


class DueQueue:
    """Keys and the moments at which they are due. One that is no longer true is dropped when it comes up.

    Args:
        due_at: when a key is due by what is stored now; None: not at all.
    """

    __slots__ = ("_due_at", "_number", "_queue")

    def __init__(self, due_at: Callable[[str], datetime | None]) -> None:
        self._due_at = due_at
        self._queue: list[tuple[datetime, int, str]] = []
        self._number = 0

    def put(self, due_at: datetime, key: str) -> None:
        """It is due then; what was said of it before is no longer true once the stored moment is another."""
        self._number += 1
        heappush(self._queue, (due_at, self._number, key))

    def first(self) -> str | None:
        """The key that is due first, now or later; None where none is."""
        while self._queue:
            due_at, _, key = self._queue[0]
            if self._due_at(key) == due_at:
                return key
            heappop(self._queue)
        return None

    def first_at(self) -> datetime | None:
        """When the first key is due; None where none is."""
        return self._queue[0][0] if self.first() is not None else None

    def due(self, now: datetime) -> tuple[str, ...]:
        """All keys that are due by now, the longest waiting first. They stay until something else is stored."""
        found: dict[str, tuple[datetime, int]] = {}
        while self._queue and self._queue[0][0] <= now:
            due_at, number, key = heappop(self._queue)
            if key not in found and self._due_at(key) == due_at:
                found[key] = (due_at, number)
        for key, (due_at, number) in found.items():
            heappush(self._queue, (due_at, number, key))
        return tuple(found)
