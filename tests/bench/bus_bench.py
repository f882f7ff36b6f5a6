"""What durability costs: a business event published, stored and handled, beside calling its two handlers directly."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from payflows.checkout.book import OrderBook

from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import Order
from payflows.checkout.policy import CheckoutPolicy
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import BusinessEvent
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
    name = "an event published to two handlers that write an order / both called directly"
    return [Ratio(name, ratio_of(by_bus, directly), how, 5.0)]


async def look_again(event: BusinessEvent, work: UnitOfWork) -> None:
    """A handler: reads the order, and writes its next version."""
    order = await work.order(event.order_id)
    work.note(order, having=evolve(order, waits=order.failures + 1))


async def look_again_at_once(event: BusinessEvent, store: InMemoryStore, book: OrderBook) -> None:
    """The same without a bus: the order book writes as flows have it write."""
    order = await store.get(ORDERS, event.order_id)
    await book.note(order, having=evolve(order, waits=order.failures + 1))


def publish(order: Order) -> InMemoryStore:
    """Each event through the bus."""
    clock, store = World(), InMemoryStore()
    bus = PaymentEventBus(store=store, clock=clock)
    bus.subscribe(EventType.ORDER_SHIPPED, look_again, name="first")
    bus.subscribe(EventType.ORDER_SHIPPED, look_again, name="second")
    _at_once(store.add_order(order, ()))
    for event in events(order):
        _at_once(bus.publish(event))
        _at_once(bus.deliver_due(clock.now()))
    return store


def call_directly(order: Order) -> InMemoryStore:
    """Each event to both handlers, by hand."""
    store = InMemoryStore()
    book = OrderBook(store=store, clock=World(), policy=CheckoutPolicy())
    _at_once(store.add_order(order, ()))
    for event in events(order):
        _at_once(look_again_at_once(event, store, book))
        _at_once(look_again_at_once(event, store, book))
    return store


def events(order: Order) -> list[BusinessEvent]:
    """Something that happens again and again."""
    at, total = order.changed_at, order.purchase.price.total
    return [BusinessEvent(f"{order.id}:{n}", EventType.ORDER_SHIPPED, order.id, at, total) for n in range(EVENTS)]


def _at_once(work: Coroutine[Any, Any, object]) -> None:
    """Drive what waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")
