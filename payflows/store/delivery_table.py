"""The bus's tables, in memory: business events, their deliveries by handler, and the records of handlers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from payflows.errors import NotFound, VersionConflict
from payflows.kernel.delivery import Delivery, DeliveryStatus, HandlerRecord, RecordWrite
from payflows.kernel.messages import BusinessEvent
from payflows.store.due import DueQueue


class DeliveryTable:
    """Deliveries and records, each with compare-and-set."""

    def __init__(self) -> None:
        self._events: dict[str, BusinessEvent] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._deliveries_due: dict[str, DueQueue] = {}
        self._records: dict[str, HandlerRecord] = {}

    async def add_event(self, event: BusinessEvent, deliveries: tuple[Delivery, ...]) -> None:
        """Store a business event with its deliveries; those that are there already stay as they are."""
        self._events.setdefault(event.key, event)
        for delivery in deliveries:
            if delivery.key not in self._deliveries:
                self._keep_delivery(delivery)

    async def next_delivery(self, handler: str) -> Delivery | None:
        """The handler's delivery that is due first, now or later; None where none will be."""
        queue = self._deliveries_due.get(handler)
        key = queue.first() if queue is not None else None
        return self._deliveries[key] if key is not None else None

    async def deliveries_due_at(self) -> dict[str, datetime]:
        """The handlers for whom something is due, now or later, and when the first of it is."""
        due = [(name, queue.first_at()) for name, queue in self._deliveries_due.items()]
        return {name: due_at for name, due_at in due if due_at is not None}

    async def delivery(self, key: str) -> Delivery:
        """One delivery. Raises `NotFound`."""
        try:
            return self._deliveries[key]
        except KeyError:
            raise NotFound("no business event was published to this handler under this key") from None

    async def deliveries(self, status: DeliveryStatus) -> tuple[Delivery, ...]:
        """All that have this status, in the order in which they were published."""
        return tuple(delivery for delivery in self._deliveries.values() if delivery.status is status)

    async def record(self, name: str) -> HandlerRecord:
        """A handler's record as stored; one of version 0 where there is none."""
        return self._records.get(name) or HandlerRecord(name)

    def published(self) -> tuple[BusinessEvent, ...]:
        """Every business event, in the order in which they were published."""
        return tuple(self._events.values())

    def _archive_deliveries(self, order_ids: Collection[str], into: DeliveryTable) -> None:
        for key in [key for key, event in self._events.items() if event.order_id in order_ids]:
            into._events[key] = self._events.pop(key)
        for key in [key for key, delivery in self._deliveries.items() if delivery.event.order_id in order_ids]:
            into._deliveries[key] = self._deliveries.pop(key)

    def _archive_records(self, names: Collection[str], into: DeliveryTable) -> None:
        into._records.update((name, self._records.pop(name)) for name in names if name in self._records)

    def _check_delivery(self, before: Delivery, after: Delivery) -> None:
        if self._deliveries[before.key].version != before.version:
            raise VersionConflict("delivery")
        assert after.version == before.version + 1

    def _check_record(self, write: RecordWrite) -> None:
        stored = self._records.get(write.before.name)
        if (stored.version if stored is not None else 0) != write.before.version:
            raise VersionConflict("record")
        assert write.after.version == write.before.version + 1

    def _keep_delivery(self, delivery: Delivery) -> None:
        key = delivery.key
        self._deliveries[key] = delivery
        queue = self._deliveries_due.get(delivery.handler)
        if queue is None:
            queue = self._deliveries_due[delivery.handler] = DueQueue()
        queue.put(key, delivery.due_at)
