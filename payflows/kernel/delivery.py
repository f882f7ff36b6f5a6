"""How far a business event has got with each of its handlers, and what a handler may have written. No calls here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from payflows.checkout.model import Order
from payflows.kernel.messages import BusinessEvent, Message


class DeliveryStatus(StrEnum):
    """How far one handler has got with one business event."""

    PENDING = "pending"
    WAITING = "waiting"
    """The handler failed; it is tried again."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """A dead letter: given up until a person replays it."""


class Delivery(NamedTuple):
    """One business event on its way to one handler.

    Attributes:
        key: unique; what a handler does outside the store is keyed by it.
        event: what happened.
        handler: the name that it subscribed under.
        status: how far it has got.
        due_at: when the handler is to be called; None: never.
        waits: how often it was called in vain.
        reason: what went wrong last, without anybody's data.
        delivered_at: when the handler had done its work.
        version: grows with every change.
    """

    key: str
    event: BusinessEvent
    handler: str
    status: DeliveryStatus
    due_at: datetime | None
    waits: int = 0
    reason: str | None = None
    delivered_at: datetime | None = None
    version: int = 0

    @classmethod
    def of(cls, event: BusinessEvent, handler: str, due_at: datetime) -> Delivery:
        """A new one."""
        return cls(f"{handler}:{event.key}", event, handler, DeliveryStatus.PENDING, due_at)

    def delivered(self, at: datetime) -> Delivery:
        """The handler has done its work."""
        return self._moved(DeliveryStatus.DELIVERED, None, self.waits, None, at)

    def reschedule(self, due_at: datetime, reason: str) -> Delivery:
        """The handler failed and is called again."""
        return self._moved(DeliveryStatus.WAITING, due_at, self.waits + 1, reason)

    def given_up(self, reason: str) -> Delivery:
        """The handler failed for the last time."""
        return self._moved(DeliveryStatus.DEAD, None, self.waits, reason)

    def replayed(self, now: datetime) -> Delivery:
        """It is tried again, with all its patience; the reason stays to be read until it has worked."""
        return self._moved(DeliveryStatus.PENDING, now, 0, self.reason)

    def _moved(
        self,
        status: DeliveryStatus,
        due_at: datetime | None,
        waits: int,
        reason: str | None,
        delivered_at: datetime | None = None,
    ) -> Delivery:
        # Made at every delivery: the constructor costs a third of `_replace`.
        return Delivery(
            self.key, self.event, self.handler, status, due_at, waits, reason, delivered_at, self.version + 1
        )


Field = str | int | bool | None
"""What a field of a record may hold."""


class HandlerRecord(NamedTuple):
    """A handler's own row in the store: points earned, a ledger's balance, what was counted.

    Attributes:
        name: unique in the store; begin it with the handler's name.
        fields: what it holds.
        version: grows with every change; 0: it is not stored yet.
    """

    name: str
    fields: Mapping[str, Field] = MappingProxyType({})
    version: int = 0


class OrderWrite(NamedTuple):
    """An order's next version, with what it tells."""

    before: Order
    after: Order
    messages: tuple[Message, ...]


class RecordWrite(NamedTuple):
    """A record's next version."""

    before: HandlerRecord
    after: HandlerRecord


class ChangeSet(NamedTuple):
    """What a handler wants written, with its delivery's next version: all of it in one step, or nothing.

    Attributes:
        orders: changes that leave an order's status as it is.
        records: the handler's own rows.
        messages: what it tells, for the outbox.
    """

    orders: tuple[OrderWrite, ...] = ()
    records: tuple[RecordWrite, ...] = ()
    messages: tuple[Message, ...] = ()


NOTHING = ChangeSet()
