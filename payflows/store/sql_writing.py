"""Writing changes into a database's tables, within a transaction that another module begins and ends."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from payflows.errors import AlreadyExists, VersionConflict
from payflows.kernel.aggregate import Aggregate, Kind
from payflows.kernel.changes import (
    Append,
    Arrive,
    Change,
    Emit,
    Enqueue,
    Insert,
    Put,
    Replace,
    check_step,
    log_row,
    outgoing,
)
from payflows.kernel.queue_item import QueueItem
from payflows.store.bodies import body_of_aggregate, body_of_entry, body_of_item, item_of
from payflows.store.codec import us_of
from payflows.store.sql_tables import AGGREGATES, CLAIMS, ENTRIES, GROUPS, ITEMS, RECORDS, REFERENCES, TRANSITIONS


class Writer:
    """Writes changes; where one fails, the transaction is to be rolled back.

    Args:
        connection: in a transaction that holds the write lock.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def apply(self, *changes: Change) -> None:
        """Write them in turn. Raises `VersionConflict` or `AlreadyExists`."""
        for change in changes:
            match change:
                case Replace(kind, before, after):
                    self._replace(kind, before, after)
                case Insert(kind, after):
                    self._insert(kind, after)
                case Enqueue(item):
                    self._enqueue(item)
                case Arrive(item):
                    self._arrive(item)
                case Append():
                    self._append(change)
                case Put():
                    self._put(change)
                case Emit(messages):
                    for message in messages:
                        self._enqueue(outgoing(message))

    def advance(self, before: QueueItem, after: QueueItem) -> None:
        """Replace a queue item. Raises `VersionConflict` where it was changed since it was read."""
        assert after.version == before.version + 1 and after.key == before.key
        mine = (ITEMS.c.queue == before.queue, ITEMS.c.key == before.key, ITEMS.c.version == before.version)
        if not self._connection.execute(update(ITEMS).where(*mine).values(_columns_of(after))).rowcount:
            raise VersionConflict("queue item")

    def put_off(self, kind: Kind[Any], id: str, until: datetime) -> None:
        """Set the column alone by which an aggregate is found as due."""
        mine = (AGGREGATES.c.kind == kind.name, AGGREGATES.c.id == id)
        self._connection.execute(update(AGGREGATES).where(*mine).values(due_us=us_of(until)))

    def put_off_item(self, queue: str, until: datetime) -> None:
        """Set the column alone by which the item that is due first is found as due."""
        first = first_due(queue, ITEMS.c.number).scalar_subquery()
        self._connection.execute(update(ITEMS).where(ITEMS.c.number == first).values(due_us=us_of(until)))

    def _insert(self, kind: Kind[Any], after: Aggregate) -> None:
        known = (AGGREGATES.c.kind == kind.name, AGGREGATES.c.id == after.id)
        if self._connection.execute(select(AGGREGATES.c.id).where(*known)).first() is not None:
            raise AlreadyExists(f"there is a {kind.name} {after.id}")
        row = {"kind": kind.name, "id": after.id, **_aggregate_columns(kind, after)}
        self._connection.execute(insert(AGGREGATES).values(row))
        self._index(kind, None, after)

    def _replace(self, kind: Kind[Any], before: Aggregate, after: Aggregate) -> None:
        check_step(kind, before, after)
        mine = (
            AGGREGATES.c.kind == kind.name,
            AGGREGATES.c.id == before.id,
            AGGREGATES.c.version == before.version,
            AGGREGATES.c.status == before.status.value,
        )
        changed = update(AGGREGATES).where(*mine).values(_aggregate_columns(kind, after))
        if not self._connection.execute(changed).rowcount:
            raise VersionConflict(kind.name, f"{before.id} was read at version {before.version} and has moved on")
        self._index(kind, before, after)

    def _index(self, kind: Kind[Any], before: Aggregate | None, after: Aggregate) -> None:
        """Keep all by which it is found, its log row and its messages."""
        self._refer(kind, after)
        self._claim(kind, set(before.claims()) if before is not None else set(), after)
        self._regroup(kind, set(before.groups()) if before is not None else set(), after)
        row = log_row(before, after)
        if row is not None:
            logged = {"kind": kind.name, "subject": row.subject, "version": row.version, "before": row.before}
            at = {"after": row.after, "at_us": us_of(row.at), "cause": row.cause}
            self._connection.execute(insert(TRANSITIONS).values(logged | at))
        for message in kind.announce(before, after):
            self._enqueue(outgoing(message))

    def _refer(self, kind: Kind[Any], after: Aggregate) -> None:
        for reference in after.references():
            known = (REFERENCES.c.kind == kind.name, REFERENCES.c.reference == reference)
            owner = self._connection.execute(select(REFERENCES.c.id).where(*known)).scalar()
            if owner is None:
                row = {"kind": kind.name, "reference": reference, "id": after.id}
                self._connection.execute(insert(REFERENCES).values(row))
            elif owner != after.id:
                raise AlreadyExists(f"another {kind.name} has the reference {reference}")

    def _claim(self, kind: Kind[Any], old: set[str], after: Aggregate) -> None:
        for claim in old.difference(after.claims()):
            mine = (CLAIMS.c.kind == kind.name, CLAIMS.c.claim == claim, CLAIMS.c.id == after.id)
            self._connection.execute(delete(CLAIMS).where(*mine))
        for claim in set(after.claims()) - old:
            known = (CLAIMS.c.kind == kind.name, CLAIMS.c.claim == claim)
            if self._connection.execute(select(CLAIMS.c.id).where(*known)).first() is not None:
                raise AlreadyExists(f"another {kind.name} has the claim {claim}")
            self._connection.execute(insert(CLAIMS).values(kind=kind.name, claim=claim, id=after.id))

    def _regroup(self, kind: Kind[Any], old: set[str], after: Aggregate) -> None:
        for name in old.difference(after.groups()):
            mine = (GROUPS.c.kind == kind.name, GROUPS.c.name == name, GROUPS.c.id == after.id)
            self._connection.execute(delete(GROUPS).where(*mine))
        for name in set(after.groups()) - old:
            self._connection.execute(insert(GROUPS).values(kind=kind.name, name=name, id=after.id))

    def _enqueue(self, item: QueueItem) -> None:
        row = {"queue": item.queue, "key": item.key, **_columns_of(item)}
        self._connection.execute(upsert(ITEMS).values(row).on_conflict_do_nothing(index_elements=["queue", "key"]))

    def _arrive(self, item: QueueItem) -> None:
        mine = (ITEMS.c.queue == item.queue, ITEMS.c.key == item.key)
        known = self._connection.execute(select(ITEMS.c.body).where(*mine)).scalar()
        if known is None:
            return self._enqueue(item)
        again = item_of(known).again(item.came_at, arrivals=1)
        self._connection.execute(update(ITEMS).where(*mine).values(_columns_of(again)))

    def _append(self, change: Append) -> None:
        change.kind.check(change.entries)
        for entry in change.entries:
            known = (ENTRIES.c.kind == change.kind.name, ENTRIES.c.key == entry.key)
            if self._connection.execute(select(ENTRIES.c.number).where(*known)).first() is not None:
                raise AlreadyExists(f"there is an entry {entry.key}")
            body = body_of_entry(change.kind, entry)
            row = {"kind": change.kind.name, "key": entry.key, "owner": entry.owner, "body": body}
            self._connection.execute(insert(ENTRIES).values(row))

    def _put(self, change: Put) -> None:
        before, after = change
        stored = self._connection.execute(select(RECORDS.c.version).where(RECORDS.c.name == before.name)).scalar()
        if (stored or 0) != before.version:
            raise VersionConflict("record")
        assert after.version == before.version + 1
        values = {"version": after.version, "body": json.dumps(dict(after.fields))}
        if stored is None:
            self._connection.execute(insert(RECORDS).values(name=after.name, **values))
        else:
            self._connection.execute(update(RECORDS).where(RECORDS.c.name == after.name).values(values))


def first_due(queue: str, what: Table | Column[Any]) -> Select[Any]:
    """Select something of the item of a queue that is due first."""
    due = select(what).where(ITEMS.c.queue == queue, ITEMS.c.due_us.is_not(None))
    return due.order_by(ITEMS.c.due_us, ITEMS.c.number).limit(1)


def _aggregate_columns(kind: Kind[Any], after: Aggregate) -> dict[str, object]:
    return {
        "status": after.status.value,
        "version": after.version,
        "due_us": None if after.due_at is None else us_of(after.due_at),
        "body": body_of_aggregate(kind, after),
    }


def _columns_of(item: QueueItem) -> dict[str, object]:
    return {
        "status": item.status.value,
        "version": item.version,
        "due_us": None if item.due_at is None else us_of(item.due_at),
        "body": body_of_item(item),
    }
