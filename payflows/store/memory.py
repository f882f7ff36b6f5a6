"""A store in memory that keeps a database's promises: all or nothing, compare-and-set, unique ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from payflows.errors import NotFound, VersionConflict
from payflows.kernel.aggregate import A, Aggregate, E, EntryKind, Kind, Transition
from payflows.kernel.changes import OUTBOX, Append, Arrive, Change, Emit, Enqueue, Insert, Put, Replace, outgoing
from payflows.kernel.queue_item import HandlerRecord, ItemStatus, QueueItem
from payflows.kernel.store import PAGE
from payflows.store.aggregate_table import AggregateTable, EntryTable
from payflows.store.claims import check_disjoint, freed_claims
from payflows.store.queue_table import QueueTable


class _Tables(dict[str, AggregateTable[Any]]):
    """The tables of all kinds, each made when it is first asked for."""

    def __missing__(self, name: str) -> AggregateTable[Any]:
        table = self[name] = AggregateTable(name)
        return table


_NO_ITEMS = QueueTable()
"""What is read of a queue on which nothing was ever put."""


def _do_nothing() -> None:
    """Wake no worker."""


class InMemoryStore:
    """All that businesses keep, for notebooks, tests and simulations. A `Store`, and a `StoreReader` for checkers."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._entries: defaultdict[str, EntryTable[Any]] = defaultdict(EntryTable)
        self._queues: defaultdict[str, QueueTable] = defaultdict(QueueTable)
        self._records: dict[str, HandlerRecord] = {}
        self._wake: Callable[[], None] = _do_nothing

    # Writing

    async def add(self, kind: Kind[A], new: A) -> A:
        known: A | None = self._tables[kind.name].rows.get(new.id)
        if known is not None:
            return known
        await self.change(Insert(kind, new))
        return new

    async def change(self, *changes: Change) -> None:
        self._check_all(changes)
        for change in changes:
            self._apply(change)
        self._wake()

    async def advance(self, before: QueueItem, after: QueueItem, *changes: Change) -> None:
        queue = self._queues[before.queue]
        queue.check(before, after)
        self._check_all(changes)
        queue.keep(after)
        for change in changes:
            self._apply(change)
        self._wake()

    async def put_off(self, kind: Kind[A], id: str, until: datetime) -> None:
        self._tables[kind.name].due.put(id, until)

    async def put_off_item(self, queue: str, until: datetime) -> None:
        self._queues[queue].put_off_first(until)

    def on_change(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    # Aggregates and entries

    async def get(self, kind: Kind[A], id: str) -> A:
        found: A = self._tables[kind.name].get(id)
        return found

    async def find(self, kind: Kind[A], reference: str) -> A:
        found: A = self._tables[kind.name].find(reference)
        return found

    async def find_all(
        self, kind: Kind[A], group: str, *, after: str | None = None, limit: int = PAGE
    ) -> tuple[A, ...]:
        return self._tables[kind.name].find_all(group, after, limit)

    async def log(self, kind: Kind[A], id: str) -> tuple[Transition, ...]:
        return self.transitions(kind, id)

    async def entries(
        self, kind: EntryKind[E], owner: str, *, after: str | None = None, limit: int = PAGE
    ) -> tuple[E, ...]:
        return self._entries[kind.name].find_all(owner, after, limit)

    async def entry(self, kind: EntryKind[E], key: str) -> E:
        try:
            found: E = self._entries[kind.name].rows[key]
        except KeyError:
            raise NotFound(f"there is no such entry in the {kind.name}") from None
        return found

    async def due(self, kind: Kind[A], now: datetime, limit: int) -> tuple[str, ...]:
        return self._tables[kind.name].due.due(now, limit)

    async def due_at(self, kind: Kind[A]) -> datetime | None:
        return self._tables[kind.name].due.first_at()

    # Queues and records

    async def item(self, queue: str, key: str) -> QueueItem:
        return self._queues.get(queue, _NO_ITEMS).get(key)

    async def items(self, queue: str, status: ItemStatus) -> tuple[QueueItem, ...]:
        return self._queues.get(queue, _NO_ITEMS).find_all(status)

    async def queues(self, prefix: str) -> tuple[str, ...]:
        return tuple(name for name in self._queues if name.startswith(prefix))

    async def next_item(self, queue: str) -> QueueItem | None:
        return self._queues.get(queue, _NO_ITEMS).first()

    async def queues_due_at(self, prefix: str) -> dict[str, datetime]:
        due = [(name, queue.first_at()) for name, queue in self._queues.items() if name.startswith(prefix)]
        return {name: due_at for name, due_at in due if due_at is not None}

    async def record(self, name: str) -> HandlerRecord:
        return self._records.get(name) or HandlerRecord(name)

    # For those who check

    def all(self, kind: Kind[A]) -> Iterator[A]:
        return iter(self._tables[kind.name].rows.values())

    def all_entries(self, kind: EntryKind[E]) -> Iterator[E]:
        return iter(self._entries[kind.name].rows.values())

    def all_items(self, queue: str) -> Iterator[QueueItem]:
        return self._queues.get(queue, _NO_ITEMS).all()

    def transitions(self, kind: Kind[A], id: str) -> tuple[Transition, ...]:
        return tuple(self._tables[kind.name].log.get(id, ()))

    def _check_all(self, changes: Sequence[Change]) -> None:
        freed: Collection[str] = ()
        if len(changes) > 1:
            freed = freed_claims(changes)
            check_disjoint(changes)
        for change in changes:
            self._check(change, freed)

    def _check(self, change: Change, freed: Collection[str]) -> None:
        match change:  # by class alone: taking the fields apart costs as much again
            case Replace():
                self._tables[change.kind.name].check_replace(change.kind, change.before, change.after, freed)
            case Put(before, after):
                stored = self._records.get(before.name)
                if (stored.version if stored is not None else 0) != before.version:
                    raise VersionConflict("record")
                assert after.version == before.version + 1
            case Insert(kind, after):
                self._tables[kind.name].check_insert(after, freed)
            case Append(kind, entries):
                kind.check(entries)
                self._entries[kind.name].check(entries)

    def _apply(self, change: Change) -> None:
        match change:
            case Replace():
                self._keep(change.kind, change.before, change.after)
            case Insert(kind, after):
                self._keep(kind, None, after)
            case Enqueue(item):
                self._queues[item.queue].enqueue(item)
            case Arrive(item):
                self._queues[item.queue].arrive(item)
            case Put(_, after):
                self._records[after.name] = after
            case Append(kind, entries):
                self._entries[kind.name].keep(entries)
            case Emit(messages):
                for message in messages:
                    self._queues[OUTBOX].enqueue(outgoing(message))

    def _keep(self, kind: Kind[Any], before: Aggregate | None, after: Aggregate) -> None:
        self._tables[kind.name].keep(before, after)
        for message in kind.announce(before, after):
            self._queues[OUTBOX].enqueue(outgoing(message))
