"""Stores that are wrong on purpose: a process that dies between two transactions shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from payflows.kernel.aggregate import A, Kind, announce_nothing
from payflows.kernel.changes import Change, Enqueue, Insert, Replace, outgoing
from payflows.kernel.queue_item import QueueItem
from payflows.kernel.store import Store
from payflows.store.sql import SqlStore, directly


class OutboxApart(SqlStore):
    """Stores an aggregate in one transaction, and its messages in the next."""

    async def add(self, kind: Kind[A], new: A) -> A:
        stored = await super().add(_silent(kind), new)
        if stored == new:
            await super().change(*_messages_of([Insert(kind, new)]))
        return stored

    async def change(self, *changes: Change) -> None:
        await super().change(*map(_without_messages, changes))
        await super().change(*_messages_of(changes))


class QueueApart(SqlStore):
    """Stores what a handler wants written in one transaction, and that its item is done in the next."""

    async def advance(self, before: QueueItem, after: QueueItem, *changes: Change) -> None:
        await super().change(*changes)
        await super().advance(before, after)


def outbox_apart(path: Path) -> Store:
    return OutboxApart(path, run=directly)


def queue_apart(path: Path) -> Store:
    return QueueApart(path, run=directly)


def _silent(kind: Kind[A]) -> Kind[A]:
    return replace(kind, announce=announce_nothing)


def _without_messages(change: Change) -> Change:
    return change._replace(kind=_silent(change.kind)) if isinstance(change, Insert | Replace) else change


def _messages_of(changes: Iterable[Change]) -> Iterator[Enqueue]:
    for change in changes:
        if isinstance(change, Insert | Replace):
            before = change.before if isinstance(change, Replace) else None
            for message in change.kind.announce(before, change.after):
                yield Enqueue(outgoing(message))
