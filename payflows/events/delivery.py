"""How far a business event has got with each of its handlers, and what a handler may have written. No calls here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from payflows.checkout.model import Order, Transition
from payflows.events.model import BusinessEvent, Message


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
        event: what happened.
        handler: the name that it subscribed under.
        status: how far it has got.
        due_at: when the handler is to be called; None: never.
        waits: how often it was called in vain.
        reason: what went wrong last, without anybody's data.
        delivered_at: when the handler had done its work.
        version: grows with every change.
    """

    event: BusinessEvent
    handler: str
    status: DeliveryStatus
    due_at: datetime | None
    waits: int = 0
    reason: str | None = None
    delivered_at: datetime | None = None
    version: int = 0

    @property
    def key(self) -> str:
        """Unique; what a handler does outside the store is keyed by it."""
        return f"{self.handler}:{self.event.key}"

    def delivered(self, at: datetime) -> Delivery:
        """The handler has done its work."""
        return self._replace(
            status=DeliveryStatus.DELIVERED, due_at=None, reason=None, delivered_at=at, version=self.version + 1
        )

    def put_off(self, due_at: datetime, reason: str) -> Delivery:
        """The handler failed and is called again."""
        waits, version = self.waits + 1, self.version + 1
        return self._replace(status=DeliveryStatus.WAITING, due_at=due_at, waits=waits, reason=reason, version=version)

    def given_up(self, reason: str) -> Delivery:
        """The handler failed for the last time."""
        return self._replace(status=DeliveryStatus.DEAD, due_at=None, reason=reason, version=self.version + 1)

    def replayed(self, now: datetime) -> Delivery:
        """It is tried again, with all its patience; the reason stays to be read until it has worked."""
        return self._replace(status=DeliveryStatus.PENDING, due_at=now, waits=0, version=self.version + 1)


Field = str | int | bool | None
"""What a field of a record may hold."""


class Record(NamedTuple):
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
    """An order's next version, with its row of the log and what it tells."""

    before: Order
    after: Order
    transition: Transition | None
    messages: tuple[Message, ...]


class RecordWrite(NamedTuple):
    """A record's next version."""

    before: Record
    after: Record


class MessageWrite(NamedTuple):
    """A message for the outbox."""

    message: Message


class DeliveryWrite(NamedTuple):
    """A delivery's next version."""

    before: Delivery
    after: Delivery


Write = OrderWrite | RecordWrite | MessageWrite | DeliveryWrite
"""One of the things that are stored together, or not at all."""
