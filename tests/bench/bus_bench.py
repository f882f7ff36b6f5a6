"""What durability costs: a business event published, stored and handled, beside calling its two handlers directly."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import Order
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.changes import Insert, Put
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import HandlerRecord
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.store.memory import InMemoryStore
from simulations.checkout.scripted_shop import ScriptedShop
from simulations.time.world import World
from tests.bench.ratio import Ratio, race, ratio_of

ROUNDS = 40
EVENTS = 400


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """The bus's ratio."""
    order = ScriptedShop().buy()
    by_bus, directly = race((lambda _: publish(order), lambda _: call_directly(order)), rounds)
    how = f"{EVENTS} events, {rounds} interleaved rounds, store in memory"
    name = "an event published to two handlers that write a record / both called directly"
    return [Ratio(name, ratio_of(by_bus, directly), how, 5.0)]


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """A handler: reads the order, and counts in a record."""
    await work.get(ORDERS, event.subject)
    record = await work.record("counted")
    work.put(record, {"times": times_in(record) + 1})


async def count_directly(event: BusinessEvent, store: InMemoryStore) -> None:
    """The same without a bus."""
    await store.get(ORDERS, event.subject)
    record = await store.record("counted")
    await store.change(Put(record, HandlerRecord("counted", {"times": times_in(record) + 1}, record.version + 1)))


def times_in(record: HandlerRecord) -> int:
    """How often it was counted."""
    times = record.fields.get("times", 0)
    assert isinstance(times, int)
    return times


def publish(order: Order) -> InMemoryStore:
    """Each event through the bus."""
    clock, store = World(), InMemoryStore()
    bus = PaymentEventBus(event_types=[EventType], store=store, clock=clock)
    bus.subscribe(EventType.ORDER_SHIPPED, count, name="first")
    bus.subscribe(EventType.ORDER_SHIPPED, count, name="second")
    _run_now(store.change(Insert(ORDERS, order)))
    for event in events(order):
        _run_now(bus.publish(event))
        _run_now(bus.deliver_due(clock.now()))
    return store


def call_directly(order: Order) -> InMemoryStore:
    """Each event to both handlers, by hand."""
    store = InMemoryStore()
    _run_now(store.change(Insert(ORDERS, order)))
    for event in events(order):
        _run_now(count_directly(event, store))
        _run_now(count_directly(event, store))
    return store


def events(order: Order) -> list[BusinessEvent]:
    """Something that happens again and again."""
    at, total = order.changed_at, order.purchase.price.total
    return [BusinessEvent(f"{order.id}:{n}", EventType.ORDER_SHIPPED, order.id, at, total) for n in range(EVENTS)]


def _run_now(work: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")
