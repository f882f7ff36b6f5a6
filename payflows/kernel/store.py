"""The store's port: what belongs together is written in one step, and read back as it was written.

Every coroutine here may raise `CallNotSent` (it had no effect) or `OutcomeUnknown` (it may have had).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from payflows.kernel.aggregate import A, E, EntryKind, Kind, Transition
from payflows.kernel.changes import Change
from payflows.kernel.messages import Mail
from payflows.kernel.ports import compares, moves, polls, reads, writes
from payflows.kernel.queue_item import HandlerRecord, ItemStatus, QueueItem

PAGE = 100
"""How many aggregates or entries a page holds, where nothing else is asked for."""


class Store(Protocol):
    """Keeps aggregates with their log, append-only entries, queue items and handlers' records.

    Whoever writes one against a database of their own checks it with `payflows.testing.check_store`.
    """

    # Writing

    @writes
    async def add(self, kind: Kind[A], new: A) -> A:
        """Store a new aggregate, or return the one that has this id already, whatever it holds.

        Raises:
            AlreadyExists: another one has its reference or claim.
        """
        ...

    @compares
    @moves
    async def change(self, *changes: Change) -> None:
        """Write all of it in one step, with the log rows and messages that it brings, or change nothing.

        Raises:
            VersionConflict: something was changed since it was read.
            AlreadyExists: an id, key, reference or claim is taken.
        """
        ...

    @compares
    @writes
    async def advance(self, before: QueueItem, after: QueueItem, *changes: Change) -> None:
        """Replace a queue item by its next version, with what its processing wants written, or change nothing.

        Raises:
            VersionConflict: the item, or something that its processing writes, was changed since it was read.
        """
        ...

    @writes
    async def put_off(self, kind: Kind[A], id: str, until: datetime) -> None:
        """Make an aggregate due only then, without reading it: other code wrote it. Its next version sets it anew."""
        ...

    @writes
    async def put_off_item(self, queue: str, until: datetime) -> None:
        """Make the item that is due first due only then, without reading it."""
        ...

    # Aggregates and entries

    @reads
    async def get(self, kind: Kind[A], id: str) -> A:
        """Return the aggregate as stored. Raises `NotFound`."""
        ...

    @reads
    async def find(self, kind: Kind[A], reference: str) -> A:
        """Return the aggregate that has this reference. Raises `NotFound`."""
        ...

    @reads
    async def find_all(
        self, kind: Kind[A], group: str, *, after: str | None = None, limit: int = PAGE
    ) -> tuple[A, ...]:
        """Return a page of the aggregates of a group, oldest first; the next one comes after the last one's id."""
        ...

    @reads
    async def log(self, kind: Kind[A], id: str) -> tuple[Transition, ...]:
        """Return the aggregate's transitions, oldest first."""
        ...

    @reads
    async def entries(
        self, kind: EntryKind[E], owner: str, *, after: str | None = None, limit: int = PAGE
    ) -> tuple[E, ...]:
        """Return a page of an owner's entries, oldest first; the next one comes after the last one's key."""
        ...

    @reads
    async def entry(self, kind: EntryKind[E], key: str) -> E:
        """Return one entry. Raises `NotFound`."""
        ...

    @reads
    async def due(self, kind: Kind[A], now: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of the aggregates that are due by now, those due the longest first."""
        ...

    @polls
    async def due_at(self, kind: Kind[A]) -> datetime | None:
        """Return when the next aggregate is due, now or later; None where none will be."""
        ...

    # Queues and records

    @reads
    async def item(self, queue: str, key: str) -> QueueItem:
        """Return one queue item. Raises `NotFound`."""
        ...

    @reads
    async def items(self, queue: str, status: ItemStatus) -> tuple[QueueItem, ...]:
        """Return all items of a queue that have this status, oldest first."""
        ...

    @reads
    async def queues(self, prefix: str) -> tuple[str, ...]:
        """Return the names of all queues that begin so and ever had an item."""
        ...

    @polls
    async def next_item(self, queue: str) -> QueueItem | None:
        """Return the item that is due first, now or later; None where none will be."""
        ...

    @polls
    async def queues_due_at(self, prefix: str) -> Mapping[str, datetime]:
        """Return when the first item is due on each queue whose name begins so; those without any are left out."""
        ...

    @reads
    async def record(self, name: str) -> HandlerRecord:
        """Return a handler's record as stored; one of version 0 where there is none."""
        ...

    @polls
    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every write of this process, so that its worker need not poll."""
        ...


class StoreReader(Protocol):
    """What those who check a store read at one moment, beside the store's port; no flow uses it."""

    def all(self, kind: Kind[A]) -> Iterator[A]:
        """Every aggregate of a kind, in the order in which they were added."""
        ...

    def all_entries(self, kind: EntryKind[E]) -> Iterator[E]:
        """Every entry of a kind, oldest first."""
        ...

    def all_items(self, queue: str) -> Iterator[QueueItem]:
        """Every item that ever came on a queue, in the order in which they came."""
        ...

    def transitions(self, kind: Kind[A], id: str) -> tuple[Transition, ...]:
        """Return an aggregate's log, oldest first; empty where there is none."""
        ...


class Mailer(Protocol):
    """Sends mail. It drops a key that it has seen; with one that does not, a mail may arrive twice."""

    @writes
    async def send(self, mail: Mail, *, to: str) -> None:
        """Send it once per `mail.key`."""
        ...
