"""Changes: what a store can be asked to write in one step, all of it or nothing, and what each brings with it."""

from __future__ import annotations

from typing import Any, NamedTuple

from payflows.kernel.aggregate import Aggregate, Entry, EntryKind, Kind, Transition
from payflows.kernel.messages import Message
from payflows.kernel.queue_item import HandlerRecord, QueueItem

OUTBOX = "outbox"


class Insert(NamedTuple):
    """A new aggregate; a known id, reference or claim fails the whole step."""

    kind: Kind[Any]
    after: Aggregate


class Replace(NamedTuple):
    """An aggregate's next version; one that was changed since it was read fails the whole step."""

    kind: Kind[Any]
    before: Aggregate
    after: Aggregate


class Append(NamedTuple):
    """Append-only entries, checked together; a known key fails the whole step."""

    kind: EntryKind[Any]
    entries: tuple[Entry, ...]


class Emit(NamedTuple):
    """Messages for the outbox, beside those that replaced aggregates announce."""

    messages: tuple[Message, ...]


class Enqueue(NamedTuple):
    """A new queue item; one whose key is known stays as it is."""

    item: QueueItem


class Arrive(NamedTuple):
    """A queue item that came, maybe once more: then it is due again, also while it is being worked on."""

    item: QueueItem


class Put(NamedTuple):
    """A handler's record; one that was changed since it was read fails the whole step."""

    before: HandlerRecord
    after: HandlerRecord


Change = Insert | Replace | Append | Emit | Enqueue | Arrive | Put


def check_step(kind: Kind[Any], before: Aggregate, after: Aggregate) -> None:
    """Assert that a replacement is the next version, by a legal transition."""
    assert after.version == before.version + 1 and after.id == before.id
    if after.status is not before.status:
        legal = kind.transitions[before.status]
        assert after.status in legal, f"{kind.name}: {before.status} may not become {after.status}"


def log_row(before: Aggregate | None, after: Aggregate) -> Transition | None:
    """The row that a change adds to the log; None where the status stays."""
    if before is not None and before.status is after.status:
        return None
    left = before.status if before is not None else None
    return Transition(after.id, after.version, left, after.status, after.changed_at, after.cause())


def outgoing(message: Message) -> QueueItem:
    """The message as an item of the outbox."""
    return QueueItem(OUTBOX, message.key, message, message.at, message.at)
