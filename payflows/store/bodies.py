"""The bodies of rows: aggregates, entries and queue items as JSON text and back. Which rows there are is in `sql`.

An aggregate's body names the schema in which it was written, and is upgraded when it is read.
"""

from __future__ import annotations

import json
from typing import cast

from payflows.errors import UnreadableRow
from payflows.kernel.aggregate import A, E, EntryKind, Kind
from payflows.kernel.queue_item import QueueItem
from payflows.store.codec import codec_of


def body_of_aggregate(kind: Kind[A], aggregate: A) -> str:
    """Return it in the kind's schema of today."""
    return json.dumps({"schema": kind.schema, "body": codec_of(kind.aggregate_type).encode(aggregate)})


def aggregate_of(kind: Kind[A], text: str) -> A:
    """Return an aggregate, upgraded step by step from the schema in which it was written.

    Raises:
        UnreadableRow: it was written by other code than this, and no upgrade leads here.
    """
    stored = json.loads(text)
    body, schema = stored["body"], stored["schema"]
    name = f"{kind.name} {body.get('id')}, written in schema {schema},"
    if schema > kind.schema:
        raise UnreadableRow(f"{name} is newer than this code, which knows schema {kind.schema} at most")
    while schema < kind.schema:
        if schema not in kind.upgrades:
            raise UnreadableRow(f"{name} needs an upgrade from schema {schema} to {schema + 1}, and its kind has none")
        body, schema = kind.upgrades[schema](body), schema + 1
    try:
        return cast(A, codec_of(kind.aggregate_type).decode(body))
    except UnreadableRow as error:
        raise UnreadableRow(f"{name} cannot be read: {error}") from error


def body_of_entry(kind: EntryKind[E], entry: E) -> str:
    """Return an entry's body."""
    return json.dumps(codec_of(kind.entry_type).encode(entry))


def entry_of(kind: EntryKind[E], text: str) -> E:
    """Return an entry. Raises `UnreadableRow`."""
    return cast(E, codec_of(kind.entry_type).decode(json.loads(text)))


def body_of_item(item: QueueItem) -> str:
    """Return a queue item's body."""
    return json.dumps(codec_of(QueueItem).encode(item))


def item_of(text: str) -> QueueItem:
    """Return a queue item. Raises `UnreadableRow`."""
    return cast(QueueItem, codec_of(QueueItem).decode(json.loads(text)))
