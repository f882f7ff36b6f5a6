"""Handlers that count how often each business event took effect on them, for tests of exactly once."""

from __future__ import annotations

from collections.abc import Iterable

from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import HandlerRecord, ItemStatus
from payflows.kernel.store import Store
from payflows.kernel.unit_of_work import UnitOfWork

HANDLERS = ("books", "statistics")


def subscribe_counters(bus: PaymentEventBus, event_types: Iterable[str]) -> None:
    """Have two handlers count these business events."""
    for handler in HANDLERS:
        for event_type in event_types:
            bus.subscribe(event_type, count, name=f"{handler} {event_type}")


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """Count a business event, as a handler: it writes one record for each."""
    record = await work.record(work.key)
    work.put(record, {"times": _times(record) + 1})


def count_each(bus: PaymentEventBus, event_types: Iterable[str]) -> None:
    """Have one handler per type count its business events, whose counts `delivery` checks."""
    for event_type in event_types:
        bus.subscribe(event_type, _count_by_key, name=f"count {event_type}")


async def _count_by_key(event: BusinessEvent, work: UnitOfWork) -> None:
    record = await work.record(_counted(event))
    work.put(record, {"times": _times(record) + 1})


async def times_taken(store: Store, event: BusinessEvent) -> int:
    """Return how often the handler of `count_each` took a business event."""
    return _times(await store.record(_counted(event)))


def _counted(event: BusinessEvent) -> str:
    return f"counted {event.key}"


async def effects_in(store: Store) -> tuple[tuple[str, int], ...]:
    """Return, for each business event that a counter took, which counter, and how often it took effect."""
    queues = [name for name in await store.queues(PREFIX)]
    processed = [item for name in queues for item in await store.items(name, ItemStatus.PROCESSED)]
    return tuple(sorted([(item.queue, _times(await store.record(item.key))) for item in processed]))


def _times(record: HandlerRecord) -> int:
    times = record.fields.get("times", 0)
    assert isinstance(times, int)
    return times
