"""A store in one SQLite file: what is written survives the process. Its tables are in `sql_tables`.

Every change is one transaction that holds the write lock from its beginning (`BEGIN IMMEDIATE`), so it is compared with
what is stored and set without another writer in between. The file is in WAL mode: readers do not wait for writers.
A commit is on the disk before it is answered: what a flow calls next relies on it, after a power failure too.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Row, Select, create_engine, event, func, select
from sqlalchemy.exc import OperationalError

from payflows.checks import function, instance_of
from payflows.errors import CallNotSent, NotFound, OutcomeUnknown, PortError
from payflows.kernel.aggregate import A, E, EntryKind, Kind, Transition
from payflows.kernel.changes import Change, Insert
from payflows.kernel.queue_item import HandlerRecord, ItemStatus, QueueItem
from payflows.kernel.store import PAGE
from payflows.store.bodies import aggregate_of, entry_of, item_of
from payflows.store.codec import moment_of, us_of
from payflows.store.sql_tables import AGGREGATES, ENTRIES, GROUPS, ITEMS, METADATA, RECORDS, REFERENCES, TRANSITIONS
from payflows.store.sql_writing import Writer, first_due

T = TypeVar("T")

BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for another one."""

Run = Callable[[Callable[[], T]], Awaitable[T]]


async def in_a_thread(work: Callable[[], T]) -> T:
    """Run a transaction in a worker thread, so that it does not hold up asyncio's loop."""
    return await asyncio.to_thread(work)


async def directly(work: Callable[[], T]) -> T:
    """Run a transaction here and now, in virtual time."""
    return work()


class SqlStore:
    """All that businesses keep, in one file. A `Store`, and a `StoreReader` for checkers.

    Args:
        path: of the file; made with its tables where there is none.
        run: runs a transaction; in a worker thread of asyncio's, where nothing else is given.
    """

    def __init__(self, path: Path, *, run: Callable[[Callable[[], Any]], Awaitable[Any]] = in_a_thread) -> None:
        instance_of("path", path, Path)
        function("run", run)
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
        event.listen(self._engine, "connect", _prepare)
        self._run = run
        self._wake: Callable[[], None] = _do_nothing
        with self._transaction("BEGIN IMMEDIATE") as connection:
            METADATA.create_all(connection)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    # Writing

    async def add(self, kind: Kind[A], new: A) -> A:
        def add(connection: Connection) -> A:
            known = connection.execute(_aggregate(kind, new.id)).first()
            if known is not None:
                return aggregate_of(kind, known.body)
            Writer(connection).apply(Insert(kind, new))
            return new

        return cast(A, await self._write(add))

    async def change(self, *changes: Change) -> None:
        await self._write(lambda connection: Writer(connection).apply(*changes))

    async def advance(self, before: QueueItem, after: QueueItem, *changes: Change) -> None:
        def advance(connection: Connection) -> None:
            writer = Writer(connection)
            writer.advance(before, after)
            writer.apply(*changes)

        await self._write(advance)

    async def put_off(self, kind: Kind[A], id: str, until: datetime) -> None:
        await self._write(lambda connection: Writer(connection).put_off(kind, id, until))

    async def put_off_item(self, queue: str, until: datetime) -> None:
        await self._write(lambda connection: Writer(connection).put_off_item(queue, until))

    def on_change(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    # Aggregates and entries

    async def get(self, kind: Kind[A], id: str) -> A:
        row = await self._first(_aggregate(kind, id))
        if row is None:
            raise NotFound(f"no such {kind.name}")
        return aggregate_of(kind, row.body)

    async def find(self, kind: Kind[A], reference: str) -> A:
        owner = select(REFERENCES.c.id).where(REFERENCES.c.kind == kind.name, REFERENCES.c.reference == reference)
        rows = select(AGGREGATES).where(AGGREGATES.c.kind == kind.name, AGGREGATES.c.id == owner.scalar_subquery())
        row = await self._first(rows)
        if row is None:
            raise NotFound(f"no {kind.name} has this reference")
        return aggregate_of(kind, row.body)

    async def find_all(
        self, kind: Kind[A], group: str, *, after: str | None = None, limit: int = PAGE
    ) -> tuple[A, ...]:
        members = select(GROUPS.c.id).where(GROUPS.c.kind == kind.name, GROUPS.c.name == group)
        rows = select(AGGREGATES).where(AGGREGATES.c.kind == kind.name, AGGREGATES.c.id.in_(members))
        if after is not None:
            last = select(AGGREGATES.c.number).where(AGGREGATES.c.kind == kind.name, AGGREGATES.c.id == after)
            rows = rows.where(AGGREGATES.c.number > last.scalar_subquery())
        found = await self._all(rows.order_by(AGGREGATES.c.number).limit(limit))
        return tuple(aggregate_of(kind, row.body) for row in found)

    async def log(self, kind: Kind[A], id: str) -> tuple[Transition, ...]:
        return cast(tuple[Transition, ...], await self._run(lambda: self.transitions(kind, id)))

    async def entries(
        self, kind: EntryKind[E], owner: str, *, after: str | None = None, limit: int = PAGE
    ) -> tuple[E, ...]:
        rows = select(ENTRIES).where(ENTRIES.c.kind == kind.name, ENTRIES.c.owner == owner)
        if after is not None:
            last = select(ENTRIES.c.number).where(ENTRIES.c.kind == kind.name, ENTRIES.c.key == after)
            rows = rows.where(ENTRIES.c.number > last.scalar_subquery())
        found = await self._all(rows.order_by(ENTRIES.c.number).limit(limit))
        return tuple(entry_of(kind, row.body) for row in found)

    async def entry(self, kind: EntryKind[E], key: str) -> E:
        row = await self._first(select(ENTRIES).where(ENTRIES.c.kind == kind.name, ENTRIES.c.key == key))
        if row is None:
            raise NotFound(f"there is no such entry in the {kind.name}")
        return entry_of(kind, row.body)

    async def due(self, kind: Kind[A], now: datetime, limit: int) -> tuple[str, ...]:
        due = select(AGGREGATES.c.id).where(AGGREGATES.c.kind == kind.name, AGGREGATES.c.due_us <= us_of(now))
        rows = await self._all(due.order_by(AGGREGATES.c.due_us, AGGREGATES.c.number).limit(limit))
        return tuple(row.id for row in rows)

    async def due_at(self, kind: Kind[A]) -> datetime | None:
        first = await self._first(select(func.min(AGGREGATES.c.due_us)).where(AGGREGATES.c.kind == kind.name))
        return None if first is None or first[0] is None else moment_of(first[0])

    # Queues and records

    async def item(self, queue: str, key: str) -> QueueItem:
        row = await self._first(select(ITEMS).where(ITEMS.c.queue == queue, ITEMS.c.key == key))
        if row is None:
            raise NotFound("there is no such item on this queue")
        return item_of(row.body)

    async def items(self, queue: str, status: ItemStatus) -> tuple[QueueItem, ...]:
        rows = await self._all(select(ITEMS).where(ITEMS.c.queue == queue, ITEMS.c.status == status.value))
        return tuple(sorted((item_of(row.body) for row in rows), key=lambda item: (item.came_at, item.key)))

    async def queues(self, prefix: str) -> tuple[str, ...]:
        names = select(ITEMS.c.queue).where(ITEMS.c.queue.startswith(prefix, autoescape=True))
        rows = await self._all(names.group_by(ITEMS.c.queue).order_by(func.min(ITEMS.c.number)))
        return tuple(row.queue for row in rows)

    async def next_item(self, queue: str) -> QueueItem | None:
        row = await self._first(first_due(queue, ITEMS))
        return None if row is None else item_of(row.body)

    async def queues_due_at(self, prefix: str) -> Mapping[str, datetime]:
        due = select(ITEMS.c.queue, func.min(ITEMS.c.due_us).label("due_us")).where(ITEMS.c.due_us.is_not(None))
        rows = await self._all(due.where(ITEMS.c.queue.startswith(prefix, autoescape=True)).group_by(ITEMS.c.queue))
        return {row.queue: moment_of(row.due_us) for row in rows}

    async def record(self, name: str) -> HandlerRecord:
        row = await self._first(select(RECORDS).where(RECORDS.c.name == name))
        return HandlerRecord(name) if row is None else HandlerRecord(name, json.loads(row.body), row.version)

    # For those who check

    def all(self, kind: Kind[A]) -> Iterator[A]:
        rows = self._read_all(select(AGGREGATES).where(AGGREGATES.c.kind == kind.name).order_by(AGGREGATES.c.number))
        return (aggregate_of(kind, row.body) for row in rows)

    def all_entries(self, kind: EntryKind[E]) -> Iterator[E]:
        rows = self._read_all(select(ENTRIES).where(ENTRIES.c.kind == kind.name).order_by(ENTRIES.c.number))
        return (entry_of(kind, row.body) for row in rows)

    def all_items(self, queue: str) -> Iterator[QueueItem]:
        rows = self._read_all(select(ITEMS).where(ITEMS.c.queue == queue).order_by(ITEMS.c.number))
        return (item_of(row.body) for row in rows)

    def transitions(self, kind: Kind[A], id: str) -> tuple[Transition, ...]:
        log = select(TRANSITIONS).where(TRANSITIONS.c.kind == kind.name, TRANSITIONS.c.subject == id)
        return tuple(_transition(kind, row) for row in self._read_all(log.order_by(TRANSITIONS.c.version)))

    async def _first(self, rows: Select[Any]) -> Row[Any] | None:
        return cast(Row[Any] | None, await self._run(lambda: next(iter(self._read_all(rows)), None)))

    async def _all(self, rows: Select[Any]) -> list[Row[Any]]:
        return cast(list[Row[Any]], await self._run(lambda: self._read_all(rows)))

    def _read_all(self, rows: Select[Any]) -> list[Row[Any]]:
        with self._transaction("BEGIN") as connection:
            return list(connection.execute(rows))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        def write() -> T:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                return work(connection)

        written: T = await self._run(write)
        self._wake()
        return written

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with _port_errors(CallNotSent), self._engine.connect() as connection:
            connection.exec_driver_sql(begin)
            yield connection
            with _port_errors(OutcomeUnknown):
                connection.exec_driver_sql("COMMIT")
            # Left before this, it is rolled back as its connection goes back to the pool.


_NOT_OURS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}
"""What is wrong with the file or its disk, and may be right again; any other error is a mistake in this code."""


@contextmanager
def _port_errors(kind: type[PortError]) -> Iterator[None]:
    """Raise what is wrong with the file or its disk as an error of a port."""
    try:
        yield
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # without what SQLite adds to it
        if code not in _NOT_OURS:
            raise
        raise kind(f"the store's file cannot be used: {error.orig}") from error


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    """Leave transactions to this store, and set SQLite up as it is to be."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # with NORMAL, a power failure may undo the latest commits


def _do_nothing() -> None:
    """Wake no worker."""


def _aggregate(kind: Kind[Any], id: str) -> Select[Any]:
    return select(AGGREGATES).where(AGGREGATES.c.kind == kind.name, AGGREGATES.c.id == id)


def _transition(kind: Kind[Any], row: Row[Any]) -> Transition:
    statuses = kind.statuses
    before = None if row.before is None else statuses(row.before)
    return Transition(row.subject, row.version, before, statuses(row.after), moment_of(row.at_us), row.cause)
