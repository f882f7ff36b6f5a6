"""The bus: who may subscribe, who hears what, and a failure that is kept. The outbox has a file of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from payflows.errors import BadHandler
from payflows.events.bus import PaymentEventBus
from payflows.events.model import BusinessEvent, EventType, HandlerFailure
from payflows.money import Money
from payflows.store.memory import InMemoryStore
from simulations.world import START, World

PLACED = BusinessEvent("ord_1:1:order.placed", EventType.ORDER_PLACED, "ord_1", START, Money(1_450, "usd"))


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[BusinessEvent] = []

    async def hear(self, event: BusinessEvent) -> None:
        self.heard.append(event)

    async def __call__(self, event: BusinessEvent) -> None:
        self.heard.append(event)


class Newsroom:
    """A bus with its store in virtual time."""

    def __init__(self) -> None:
        self.world = World()
        self.store = InMemoryStore()
        self.bus = PaymentEventBus(store=self.store, clock=self.world)

    def publish(self, event: BusinessEvent = PLACED) -> None:
        self.world.run(self.bus.publish(event))

    def failures(self) -> tuple[HandlerFailure, ...]:
        return self.world.run(self.store.handler_failures())


@pytest.fixture
def room() -> Newsroom:
    return Newsroom()


async def fail(event: BusinessEvent) -> None:
    raise ValueError("the ledger is closed")


async def listen(event: BusinessEvent, into: list[BusinessEvent]) -> None:
    into.append(event)


@pytest.mark.parametrize("event_type", [EventType.ORDER_PLACED, "order.placed"], ids=["member", "value"])
def test_a_handler_hears_each_event_of_its_type_and_no_other(room: Newsroom, event_type: EventType | str) -> None:
    listener = Listener()
    room.bus.subscribe(event_type, listener.hear, name="ledger")
    shipped = BusinessEvent("ord_1:7:order.shipped", EventType.ORDER_SHIPPED, "ord_1", START, PLACED.amount)

    for event in (PLACED, shipped, PLACED):
        room.publish(event)

    assert listener.heard == [PLACED, PLACED]


def as_method(listener: Listener) -> Callable[[BusinessEvent], Awaitable[None]]:
    return listener.hear


def as_object(listener: Listener) -> Callable[[BusinessEvent], Awaitable[None]]:
    return listener


def as_partial(listener: Listener) -> Callable[[BusinessEvent], Awaitable[None]]:
    return partial(listen, into=listener.heard)


@pytest.mark.parametrize("handler_of", [as_method, as_object, as_partial])
def test_whatever_can_be_awaited_may_subscribe(
    room: Newsroom, handler_of: Callable[[Listener], Callable[[BusinessEvent], Awaitable[None]]]
) -> None:
    listener = Listener()
    room.bus.subscribe(EventType.ORDER_PLACED, handler_of(listener), name="ledger")

    room.publish()

    assert listener.heard == [PLACED]


@pytest.mark.parametrize("event_type", [EventType.ORDER_PLACED, EventType.ORDER_SHIPPED])
def test_a_name_is_taken_once_and_the_first_to_take_it_keeps_it(room: Newsroom, event_type: EventType) -> None:
    first, second = Listener(), Listener()
    room.bus.subscribe(EventType.ORDER_PLACED, first.hear, name="ledger")

    with pytest.raises(BadHandler, match="'ledger' is subscribed already"):
        room.bus.subscribe(event_type, second.hear, name="ledger")

    room.publish()
    assert (first.heard, second.heard) == ([PLACED], [])


def test_one_handler_may_listen_to_several_types_under_several_names(room: Newsroom) -> None:
    listener = Listener()
    for event_type in EventType:
        room.bus.subscribe(event_type, listener.hear, name=f"diary of {event_type}")

    room.publish()

    assert listener.heard == [PLACED]


def test_a_misspelt_type_is_refused_with_those_that_there_are(room: Newsroom) -> None:
    with pytest.raises(BadHandler, match=r"'payment\.suceeded' is no business event; there are .*payment\.succeeded"):
        room.bus.subscribe("payment.suceeded", Listener().hear, name="ledger")


def test_a_failing_handler_is_stored_and_holds_up_no_other(room: Newsroom) -> None:
    first, last = Listener(), Listener()
    room.bus.subscribe(EventType.ORDER_PLACED, first.hear, name="first")
    room.bus.subscribe(EventType.ORDER_PLACED, fail, name="ledger")
    room.bus.subscribe(EventType.ORDER_PLACED, last.hear, name="last")
    room.world.run_for(60)

    room.publish()

    assert first.heard == last.heard == [PLACED]
    assert room.failures() == (HandlerFailure("ledger", PLACED, "ValueError: the ledger is closed", room.world.now()),)


def test_a_handler_may_subscribe_another_which_hears_the_next_event(room: Newsroom) -> None:
    late = Listener()

    async def invite(event: BusinessEvent) -> None:
        if not late.heard:
            room.bus.subscribe(EventType.ORDER_PLACED, late.hear, name="late")

    room.bus.subscribe(EventType.ORDER_PLACED, invite, name="host")

    room.publish()
    assert late.heard == []
    room.publish()

    assert late.heard == [PLACED]


def test_no_handler_can_change_what_another_hears() -> None:
    with pytest.raises(AttributeError):
        PLACED.amount = Money(1, "usd")  # type: ignore[misc]
