"""A unit of work: what a handler reads, and what it wants written once it has ended well."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any

from payflows.checks import instance_of
from payflows.errors import InvalidInput
from payflows.kernel.aggregate import A, Kind
from payflows.kernel.changes import Change, Emit, Put
from payflows.kernel.messages import BusinessEvent, Message, check_message
from payflows.kernel.queue_item import Field, HandlerRecord
from payflows.kernel.store import Store


class UnitOfWork:
    """One handler's work on one business event.

    Nothing is written while the handler runs, and no transaction is open while it waits. When it has ended well, its
    writes and the item's new status are stored in one step, if nothing that it read was changed meanwhile; else it
    is called again with a new unit of work. So its effects in the store happen once.

    Attributes:
        key: unique to handler and business event. What the handler does outside the store (a mail, a call) happens at
            least once, and must be keyed by this.
    """

    __slots__ = ("_check", "_messages", "_records", "_store", "key")

    def __init__(self, store: Store, key: str, check: Callable[[Message], None] = check_message) -> None:
        self.key = key
        self._store = store
        self._check = check
        self._records: dict[str, tuple[HandlerRecord, HandlerRecord]] = {}
        self._messages: list[Message] = []

    async def get(self, kind: Kind[A], id: str) -> A:
        """Return an aggregate as stored. Raises `NotFound`."""
        instance_of("kind", kind, Kind, error=InvalidInput)
        instance_of("id", id, str, error=InvalidInput)
        return await self._store.get(kind, id)

    async def record(self, name: str) -> HandlerRecord:
        """Return the record as stored, or as this work has changed it; an empty one where there is none."""
        instance_of("name", name, str, error=InvalidInput)
        found = self._records[name][1] if name in self._records else await self._store.record(name)
        return found._replace(fields=MappingProxyType(found.fields))  # a store in memory gives its own

    def put(self, record: HandlerRecord, fields: Mapping[str, Field]) -> None:
        """Have a record's fields replaced.

        Args:
            record: as `record` gave it.
            fields: all that it shall hold.
        """
        instance_of("record", record, HandlerRecord, error=InvalidInput)
        instance_of("fields", fields, Mapping, error=InvalidInput)
        before = self._records[record.name][0] if record.name in self._records else record
        self._records[record.name] = before, HandlerRecord(record.name, dict(fields), before.version + 1)

    def emit(self, message: Message) -> None:
        """Have a business event published, or a mail sent, by the outbox.

        Raises:
            InvalidEvent: it is neither, of no known type, or has no key or time that can be stored.
        """
        self._check(message)
        self._messages.append(message)

    def changes(self) -> tuple[Change, ...]:
        """Return all that is to be stored."""
        puts = [Put(before, after) for before, after in self._records.values()]
        return (*puts, Emit(tuple(self._messages))) if self._messages else tuple(puts)


Handler = Callable[[BusinessEvent, UnitOfWork], Coroutine[Any, Any, None]]
"""Does something about a business event; what it writes goes through its unit of work."""
