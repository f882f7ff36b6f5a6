"""A store in memory that keeps a database's promises: all or nothing, compare-and-set, unique ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

from payflows.checkout.model import TRANSITIONS, Order, Transition
from payflows.errors import StaleOrder, UnknownOrder
from payflows.events.model import HandlerFailure, Message, OutboxEntry


class InMemoryStore:
    """Orders, their transition log and their outbox, for notebooks, tests and simulations."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._order_of_payment: dict[str, str] = {}
        self._transitions: dict[str, list[Transition]] = {}
        self._waiting: dict[str, Message] = {}
        self._delivered: dict[str, OutboxEntry] = {}
        self._failures: list[HandlerFailure] = []
        # What was due when; entries that are no longer true are dropped when they come up.
        self._due: list[tuple[datetime, str]] = []

    async def add_order(self, order: Order, messages: tuple[Message, ...]) -> Order:
        """Store a new order, or return the one that already has this id."""
        known = self._orders.get(order.id)
        if known is not None:
            return known
        self._keep(order, messages)
        self._transitions[order.id] = [Transition(order.id, order.version, None, order.status, order.changed_at)]
        return order

    async def order(self, order_id: str) -> Order:
        """The order as stored. Raises `UnknownOrder`."""
        try:
            return self._orders[order_id]
        except KeyError:
            raise UnknownOrder("no such order") from None

    async def order_of_payment(self, payment_id: str) -> Order:
        """The order that owns the payment. Raises `UnknownOrder`."""
        try:
            return self._orders[self._order_of_payment[payment_id]]
        except KeyError:
            raise UnknownOrder("no order has this payment") from None

    async def save_order(
        self, before: Order, after: Order, transition: Transition | None, messages: tuple[Message, ...]
    ) -> None:
        """Replace `before` by `after`, with its transition and messages, or change nothing.

        Raises:
            StaleOrder: somebody else stored another version.
        """
        stored = self._orders[before.id]
        if stored.version != before.version or stored.status is not before.status:
            raise StaleOrder(f"{before.id} was read at version {before.version} and is at {stored.version}")
        assert after.version == before.version + 1 and after.id == before.id
        if transition is not None:
            assert after.status in TRANSITIONS[before.status], f"{before.status} may not become {after.status}"
            self._transitions[after.id].append(transition)
        else:
            assert after.status is before.status, "a change of status is logged"
        self._keep(after, messages)

    def _keep(self, order: Order, messages: tuple[Message, ...]) -> None:
        self._orders[order.id] = order
        if order.payment_id is not None:
            self._order_of_payment[order.payment_id] = order.id
        if order.due_at is not None:
            heappush(self._due, (order.due_at, order.id))
        for message in messages:
            self._waiting[message.key] = message

    async def due_orders(self, now: datetime) -> tuple[str, ...]:
        """Ids of the orders that are due by now, the longest waiting first."""
        due: dict[str, datetime] = {}
        while self._due and self._due[0][0] <= now:
            due_at, order_id = heappop(self._due)
            if self._orders[order_id].due_at == due_at:
                due[order_id] = due_at
        # They stay due until somebody stores a new version of them.
        for order_id, due_at in due.items():
            heappush(self._due, (due_at, order_id))
        return tuple(due)

    async def transitions(self, order_id: str) -> tuple[Transition, ...]:
        """The order's log, oldest first."""
        return tuple(self._transitions.get(order_id, ()))

    async def undelivered(self) -> tuple[OutboxEntry, ...]:
        """What the outbox has still to deliver, oldest first."""
        return tuple(OutboxEntry(message) for message in self._waiting.values())

    async def mark_delivered(self, key: str, at: datetime) -> None:
        """The message with this key has been delivered."""
        message = self._waiting.pop(key, None)
        if message is not None:
            self._delivered[key] = OutboxEntry(message, at)

    async def add_handler_failure(self, failure: HandlerFailure) -> None:
        """Keep what a handler could not do."""
        self._failures.append(failure)

    async def handler_failures(self) -> tuple[HandlerFailure, ...]:
        """All that handlers could not do, oldest first."""
        return tuple(self._failures)

    def orders(self) -> Iterator[Order]:
        """Every order, in the order in which they were placed."""
        return iter(self._orders.values())

    def outbox(self) -> tuple[OutboxEntry, ...]:
        """Everything that ever went through the outbox, what is delivered first."""
        waiting = (OutboxEntry(message) for message in self._waiting.values())
        return (*self._delivered.values(), *waiting)
