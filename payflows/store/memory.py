"""A store in memory that keeps a database's promises: all or nothing, compare-and-set, unique ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from payflows.checkout.model import TRANSITIONS, Order, Transition
from payflows.errors import NotFound, VersionConflict
from payflows.kernel.delivery import ChangeSet, Delivery
from payflows.kernel.messages import Message
from payflows.store.delivery_table import DeliveryTable
from payflows.store.due import DueQueue
from payflows.store.message_table import MessageTable
from payflows.store.webhook_table import WebhookTable


class InMemoryStore(MessageTable, DeliveryTable, WebhookTable):
    """All that a shop keeps, for notebooks, tests and simulations: orders and their log, and what is told of them."""

    def __init__(self) -> None:
        MessageTable.__init__(self)
        DeliveryTable.__init__(self)
        WebhookTable.__init__(self)
        self._orders: dict[str, Order] = {}
        self._order_of_payment: dict[str, str] = {}
        self._transitions: dict[str, list[Transition]] = {}
        self._due = DueQueue()

    async def add_order(self, order: Order, messages: tuple[Message, ...]) -> Order:
        """Store a new order, or return the one that already has this id."""
        known = self._orders.get(order.id)
        if known is not None:
            return known
        self._keep(order, messages)
        self._transitions[order.id] = [Transition(order.id, order.version, None, order.status, order.changed_at)]
        return order

    async def order(self, order_id: str) -> Order:
        """The order as stored. Raises `NotFound`."""
        try:
            return self._orders[order_id]
        except KeyError:
            raise NotFound("no such order") from None

    async def order_of_payment(self, payment_id: str) -> Order:
        """The order that owns the payment. Raises `NotFound`."""
        try:
            return self._orders[self._order_of_payment[payment_id]]
        except KeyError:
            raise NotFound("no order has this payment") from None

    async def save_order(
        self, before: Order, after: Order, transition: Transition | None, messages: tuple[Message, ...]
    ) -> None:
        """Replace `before` by `after`, with its transition and messages, or change nothing.

        Raises:
            VersionConflict: somebody else stored another version.
        """
        self._check_order(before, after, transition)
        if transition is not None:
            self._transitions[after.id].append(transition)
        self._keep(after, messages)

    async def save_delivery(self, before: Delivery, after: Delivery, writes: ChangeSet) -> None:
        """Replace `before` by `after`, with all that its handler wants written, or change nothing.

        Raises:
            VersionConflict: the delivery, or something that the handler writes, was changed since it was read.
        """
        self._check_delivery(before, after)
        for order in writes.orders:
            self._check_order(order.before, order.after, None)
        for record in writes.records:
            self._check_record(record)
        self._keep_delivery(after)
        for order in writes.orders:
            self._keep(order.after, order.messages)
        for record in writes.records:
            self._records[record.after.name] = record.after
        for message in writes.messages:
            self._keep_message(message)

    async def due_orders(self, now: datetime) -> tuple[str, ...]:
        """Ids of the orders that are due by now, the longest waiting first."""
        return self._due.due(now)

    async def orders_due_at(self) -> datetime | None:
        """When the next order is due, now or later; None where none will be."""
        return self._due.first_at()

    async def transitions(self, order_id: str) -> tuple[Transition, ...]:
        """The order's log, oldest first."""
        return tuple(self._transitions.get(order_id, ()))

    def orders(self) -> Iterator[Order]:
        """Every order, in the order in which they were placed."""
        return iter(self._orders.values())

    def archive(
        self, order_ids: Collection[str], into: InMemoryStore, *, webhooks: Collection[str], records: Collection[str]
    ) -> None:
        """Move finished orders into another store, with all that is kept about them.

        Args:
            order_ids: which; nothing of theirs is due, and the outbox has delivered all that they told.
            into: where they go.
            webhooks: about their payments, by event id: of one that was ignored the store does not know what about.
            records: of handlers, by their names.
        """
        for order_id in order_ids:
            into._orders[order_id] = self._orders.pop(order_id)
            into._transitions[order_id] = self._transitions.pop(order_id)
            self._due.put(order_id, None)
        for payment_id in [payment_id for payment_id, owner in self._order_of_payment.items() if owner in order_ids]:
            into._order_of_payment[payment_id] = self._order_of_payment.pop(payment_id)
        self._archive_messages(order_ids, into)
        self._archive_deliveries(order_ids, into)
        self._archive_records(records, into)
        self._archive_webhooks(webhooks, into)

    def _check_order(self, before: Order, after: Order, transition: Transition | None) -> None:
        stored = self._orders[before.id]
        if stored.version != before.version or stored.status is not before.status:
            raise VersionConflict(
                "order", f"{before.id} was read at version {before.version} and is at {stored.version}"
            )
        assert after.version == before.version + 1 and after.id == before.id
        if transition is not None:
            assert after.status in TRANSITIONS[before.status], f"{before.status} may not become {after.status}"
        else:
            assert after.status is before.status, "a change of status is logged"

    def _keep(self, order: Order, messages: tuple[Message, ...]) -> None:
        self._orders[order.id] = order
        if order.payment_id is not None:
            self._order_of_payment[order.payment_id] = order.id
        self._due.put(order.id, order.due_at)
        for message in messages:
            self._keep_message(message)
