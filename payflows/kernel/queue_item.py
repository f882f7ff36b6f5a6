"""Queue items: pieces of work, stored on a durable queue until they are done. No calls are made here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from payflows.kernel.messages import BusinessEvent, Mail


class WebhookSubject(NamedTuple):
    """What webhooks are about, as the inbox works on it: an object at Stripe, to be read anew.

    Attributes:
        source: the endpoint's connected account; empty for its own.
        kind: what is to be read, such as "payment".
        id: Stripe's id of it.
    """

    source: str
    kind: str
    id: str


class ItemStatus(StrEnum):
    """How far a queue item has got."""

    PENDING = "pending"
    RETRYING = "retrying"
    """It failed, and is tried again."""
    UNMATCHED = "unmatched"
    """What it is about is not ours yet: a webhook may come before the answer to the call that caused it."""
    PROCESSED = "processed"
    IGNORED = "ignored"
    """What it is about never became ours."""
    DEAD = "dead"
    """A dead letter: given up until a person replays it."""


Content = BusinessEvent | Mail | WebhookSubject


class QueueItem(NamedTuple):
    """A piece of work on a queue.

    Attributes:
        queue: which, such as "outbox" or "handler points".
        key: unique in its queue; what its handling does outside the store is keyed by it.
        content: what is to be delivered or looked at.
        came_at: when it first came.
        due_at: when it is to be worked on; None: never.
        status: how far it has got.
        failures: how often it failed since it was last new.
        last_error: what went wrong last, without personal data; kept to be read until it has worked.
        finished_at: when it was done.
        arrivals: how often it came: webhooks about one subject are worked on together.
        version: grows with every change.
    """

    queue: str
    key: str
    content: Content
    came_at: datetime
    due_at: datetime | None
    status: ItemStatus = ItemStatus.PENDING
    failures: int = 0
    last_error: str | None = None
    finished_at: datetime | None = None
    arrivals: int = 1
    version: int = 0

    def done(self, at: datetime) -> QueueItem:
        """Its next version, once it has worked."""
        # Made for every item: the constructor costs a third of `_replace`.
        queue, key, content, came_at, _, _, failures, _, _, arrivals, version = self
        return QueueItem(
            queue, key, content, came_at, None, ItemStatus.PROCESSED, failures, None, at, arrivals, version + 1
        )

    def failed(self, status: ItemStatus, error: str, retry_at: datetime | None) -> QueueItem:
        """Its next version after a failure: to be tried again, or given up where `retry_at` is None."""
        failures = self.failures + (retry_at is not None)
        return self._replace(
            status=status, due_at=retry_at, failures=failures, last_error=error, version=self.version + 1
        )

    def again(self, now: datetime, *, arrivals: int = 0) -> QueueItem:
        """Its next version, new once more: replayed, or arrived again."""
        return self._replace(
            status=ItemStatus.PENDING,
            due_at=now,
            failures=0,
            finished_at=None,
            arrivals=self.arrivals + arrivals,
            version=self.version + 1,
        )


Field = str | int | bool | None
"""What a field of a record may hold."""


class HandlerRecord(NamedTuple):
    """A handler's row in the store: points earned, a ledger's balance, what was counted.

    Attributes:
        name: unique in the store; begin it with the handler's name.
        fields: what it holds.
        version: grows with every change; 0: it is not stored yet.
    """

    name: str
    fields: Mapping[str, Field] = MappingProxyType({})
    version: int = 0
