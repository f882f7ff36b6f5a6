"""The outbox's table, in memory: messages that wait, in their order, and those that are delivered."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from datetime import datetime

from payflows.kernel.messages import Message, OutboxEntry
from payflows.store.due import DueQueue


class MessageTable:
    """Messages, each under its key. What was not tried yet goes before what was put off."""

    def __init__(self) -> None:
        self._waiting: dict[str, OutboxEntry] = {}
        self._untried: deque[str] = deque()
        self._put_off = DueQueue()
        self._delivered: dict[str, OutboxEntry] = {}

    async def next_message(self) -> OutboxEntry | None:
        """What the outbox has to deliver first, now or later; None where it has nothing."""
        key = self._untried[0] if self._untried else self._put_off.first()
        return self._waiting[key] if key is not None else None

    async def put_off_message(self, key: str, due_at: datetime) -> None:
        """The message with this key could not be delivered: it is tried again then."""
        entry = self._waiting.get(key)
        if entry is not None:
            self._waiting[key] = entry._replace(due_at=due_at, waits=entry.waits + 1)
            self._put_off.put(key, due_at)
            self._drop_tried()

    async def mark_delivered(self, key: str, at: datetime) -> None:
        """The message with this key has been delivered."""
        entry = self._waiting.pop(key, None)
        if entry is not None:
            self._delivered[key] = OutboxEntry(entry.message, None, entry.waits, at)
            self._put_off.put(key, None)
            self._drop_tried()

    def undelivered(self) -> tuple[OutboxEntry, ...]:
        """What the outbox has still to deliver, oldest first."""
        return tuple(self._waiting.values())

    def outbox(self) -> tuple[OutboxEntry, ...]:
        """Everything that ever went through the outbox, what is delivered first."""
        return (*self._delivered.values(), *self._waiting.values())

    def _archive_messages(self, order_ids: Collection[str], into: MessageTable) -> None:
        for key in [key for key, entry in self._delivered.items() if entry.message.order_id in order_ids]:
            into._delivered[key] = self._delivered.pop(key)

    def _keep_message(self, message: Message) -> None:
        if message.key not in self._waiting and message.key not in self._delivered:
            self._waiting[message.key] = OutboxEntry(message)
            self._untried.append(message.key)

    def _drop_tried(self) -> None:
        while self._untried and self._is_tried(self._untried[0]):
            self._untried.popleft()

    def _is_tried(self, key: str) -> bool:
        entry = self._waiting.get(key)
        return entry is None or entry.waits > 0
