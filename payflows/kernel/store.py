"""Where everything is kept, and who sends mail, as protocols. Who stands behind them is decided in `app.py`.

Every coroutine here may raise `CallNotSent` (it had no effect) or `OutcomeUnknown` (it may have had). Calls that
change something are keyed: the same key, or the same order id, again is the same call again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from payflows.kernel.ports import compares, moves, polls, reads, writes

if TYPE_CHECKING:
    from payflows.checkout.model import Order, Transition
    from payflows.kernel.delivery import ChangeSet, Delivery, DeliveryStatus, HandlerRecord
    from payflows.kernel.inbox_entry import WebhookEntry, WebhookStatus
    from payflows.kernel.messages import BusinessEvent, Mail, Message, OutboxEntry


class Mailer(Protocol):
    """Sends mail. It drops a key that it has seen; at one that does not, a mail may arrive twice."""

    @writes
    async def send(self, mail: Mail, *, to: str) -> None:
        """Send it once per `mail.key`."""
        ...


class Store(Protocol):
    """Keeps orders, their log and their outbox. Each call is all or nothing."""

    @writes
    async def add_order(self, order: Order, messages: tuple[Message, ...]) -> Order:
        """Store a new order, or return the one that already has this id, whatever it holds."""
        ...

    @reads
    async def order(self, order_id: str) -> Order:
        """The order as stored. Raises `NotFound`."""
        ...

    @reads
    async def order_of_payment(self, payment_id: str) -> Order:
        """The order that owns the payment. Raises `NotFound`."""
        ...

    @compares
    @moves
    async def save_order(
        self, before: Order, after: Order, transition: Transition | None, messages: tuple[Message, ...]
    ) -> None:
        """Replace `before` by `after`, log the transition and put the messages into the outbox, in one step.

        Raises:
            VersionConflict: what is stored has another version or status than `before`.
        """
        ...

    @reads
    async def due_orders(self, now: datetime) -> tuple[str, ...]:
        """Ids of the orders that somebody should look at by now, the longest waiting first."""
        ...

    @reads
    async def transitions(self, order_id: str) -> tuple[Transition, ...]:
        """The order's log, oldest first."""
        ...

    @polls
    async def orders_due_at(self) -> datetime | None:
        """When the next order is due, now or later; None where none will be."""
        ...

    @polls
    async def next_message(self) -> OutboxEntry | None:
        """What the outbox has to deliver first, now or later; None where it has nothing."""
        ...

    @writes
    async def put_off_message(self, key: str, due_at: datetime) -> None:
        """The message with this key could not be delivered: it is tried again then."""
        ...

    @writes
    async def mark_delivered(self, key: str, at: datetime) -> None:
        """The message with this key has been delivered."""
        ...


class DeliveryStore(Protocol):
    """Keeps business events, how far each handler has got with them, and what handlers write."""

    @writes
    async def add_event(self, event: BusinessEvent, deliveries: tuple[Delivery, ...]) -> None:
        """Store a business event with its deliveries, in one step; those that are there already stay as they are."""
        ...

    @polls
    async def next_delivery(self, handler: str) -> Delivery | None:
        """The handler's delivery that is due first, now or later; None where none will be."""
        ...

    @polls
    async def deliveries_due_at(self) -> Mapping[str, datetime]:
        """The handlers for whom something is due, now or later, and when the first of it is."""
        ...

    @reads
    async def delivery(self, key: str) -> Delivery:
        """One delivery. Raises `NotFound`."""
        ...

    @reads
    async def deliveries(self, status: DeliveryStatus) -> tuple[Delivery, ...]:
        """All that have this status, in the order in which they were published."""
        ...

    @reads
    async def order(self, order_id: str) -> Order:
        """The order as stored. Raises `NotFound`."""
        ...

    @reads
    async def record(self, name: str) -> HandlerRecord:
        """A handler's record as stored; one of version 0 where there is none."""
        ...

    @compares
    @writes
    async def save_delivery(self, before: Delivery, after: Delivery, writes: ChangeSet) -> None:
        """Replace `before` by `after`, with all that its handler wants written, in one step, or change nothing.

        Raises:
            VersionConflict: the delivery, or something that the handler writes, was changed since it was read.
        """
        ...


class WebhookStore(Protocol):
    """Keeps the webhooks that came in. Each call is all or nothing."""

    @writes
    async def add_webhook(self, entry: WebhookEntry) -> bool:
        """Store a new webhook durably; False, and nothing stored, where its event id is known already."""
        ...

    @reads
    async def webhook(self, event_id: str) -> WebhookEntry:
        """The webhook as stored. Raises `NotFound`."""
        ...

    @polls
    async def next_webhook(self) -> WebhookEntry | None:
        """The one that is due first, now or later; None where none will be."""
        ...

    @compares
    @writes
    async def save_webhook(self, before: WebhookEntry, after: WebhookEntry) -> None:
        """Replace `before` by `after`, in one step.

        Raises:
            VersionConflict: what is stored has another version than `before`.
        """
        ...

    @reads
    async def webhooks(self, status: WebhookStatus) -> tuple[WebhookEntry, ...]:
        """All that have this status, oldest first."""
        ...


class ShopStore(Store, DeliveryStore, WebhookStore, Protocol):
    """All that a shop keeps, in one place: what belongs together is stored together."""
