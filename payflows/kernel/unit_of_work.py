"""What a handler reads, and what it wants written once it has ended well."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.checkout.messages import announcements
from payflows.checkout.model import Order
from payflows.kernel.delivery import ChangeSet, Field, HandlerRecord, OrderWrite, RecordWrite
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import Message
from payflows.kernel.store import DeliveryStore


class UnitOfWork:
    """One handler's work on one business event.

    Nothing is written while the handler runs, and no transaction is open while it waits. When it has ended well, its
    writes and the delivery's new status are stored in one step, if nobody else has changed what it read; else it
    is called again with a new unit of work. So its effects in the store happen once.

    Attributes:
        key: unique to handler and business event. What the handler does outside the store (a mail, a call) happens at
            least once, and must be keyed by this.
    """

    __slots__ = ("_messages", "_orders", "_records", "_store", "key")

    def __init__(self, store: DeliveryStore, key: str) -> None:
        self.key = key
        self._store = store
        self._orders: dict[str, tuple[Order, Order]] = {}
        self._records: dict[str, tuple[HandlerRecord, HandlerRecord]] = {}
        self._messages: list[Message] = []

    async def order(self, order_id: str) -> Order:
        """The order as stored, or as this work has changed it. Raises `NotFound`."""
        if order_id in self._orders:
            return self._orders[order_id][1]
        return await self._store.order(order_id)

    def note(self, order: Order, *, having: Order) -> None:
        """Have a change of an order stored that leaves its status as it is.

        Args:
            order: as `order` gave it.
            having: the same, with something else changed.
        """
        assert having.id == order.id and having.status is order.status, "only a flow moves an order on"
        before = self._orders[order.id][0] if order.id in self._orders else order
        self._orders[order.id] = before, evolve(having, version=before.version + 1)

    async def record(self, name: str) -> HandlerRecord:
        """The record as stored, or as this work has changed it; an empty one where there is none."""
        return self._records[name][1] if name in self._records else await self._store.record(name)

    def put(self, record: HandlerRecord, fields: Mapping[str, Field]) -> None:
        """Have a record's fields replaced.

        Args:
            record: as `record` gave it.
            fields: all that it shall hold.
        """
        before = self._records[record.name][0] if record.name in self._records else record
        self._records[record.name] = before, HandlerRecord(record.name, fields, before.version + 1)

    def tell(self, message: Message) -> None:
        """Have a business event published, or a mail sent, by the outbox."""
        self._messages.append(message)

    def writes(self) -> ChangeSet:
        """All that is to be stored."""
        orders, records = self._orders.values(), self._records.values()
        return ChangeSet(
            tuple([OrderWrite(order, noted, announcements(order, noted)) for order, noted in orders]),
            tuple([RecordWrite(record, kept) for record, kept in records]),
            tuple(self._messages),
        )
