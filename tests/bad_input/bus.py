"""Handlers that could never be called."""

from __future__ import annotations

from functools import partial

from payflows.checkout.messages import EventType
from payflows.errors import InvalidEvent, InvalidHandler, NotFound
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.money import Money
from simulations.checkout.shop import Shop
from simulations.time.world import START
from tests.bad_input.rows import Call, rows


async def hear(event: BusinessEvent, work: UnitOfWork) -> None:
    """A handler as it should be."""


def hear_without_await(event: BusinessEvent, ledger: str = "") -> None:
    """A handler that cannot be awaited."""


async def hear_alone(event: BusinessEvent) -> None:
    """A handler that takes no unit of work."""


async def hear_three(event: BusinessEvent, work: UnitOfWork, ledger: str) -> None:
    """A handler that wants more than it gets."""


async def hear_by_name(*, event: BusinessEvent, work: UnitOfWork) -> None:
    """A handler that takes both by name alone."""


class Hearing:
    """A class of handlers, given instead of one of them."""

    async def __call__(self, event: BusinessEvent, work: UnitOfWork) -> None:
        """Take it."""


def subscribed(event_type: object = EventType.ORDER_PLACED, handler: object = None, name: object = "ledger") -> Call:
    subscriber = hear if handler is None else handler
    return lambda shop: shop.app.bus.subscribe(event_type, subscriber, name=name)  # type: ignore[arg-type]


def subscribed_twice(second: EventType) -> Call:
    def subscribe(shop: Shop) -> None:
        bus = shop.app.bus
        bus.subscribe(EventType.ORDER_PLACED, hear, name="ledger")
        bus.subscribe(second, hear, name="ledger")

    return subscribe


def subscribed_a_hundred_times() -> Call:
    def subscribe(shop: Shop) -> None:
        for number in range(101):
            shop.app.bus.subscribe(EventType.ORDER_PLACED, hear, name=f"ledger {number}")

    return subscribe


def published(event: object) -> Call:
    return lambda shop: shop.world.run(shop.app.bus.publish(event))  # type: ignore[arg-type]


def an_event(key: object = "ord_1:1:order.placed", event_type: object = EventType.ORDER_PLACED) -> BusinessEvent:
    return BusinessEvent(key, event_type, "ord_1", START, Money(1_450, "usd"))  # type: ignore[arg-type]


EVENTS = rows(
    "bus",
    InvalidEvent,
    {
        "no event": published(None),
        "event as a dict": published({"type": "payment.succeeded"}),
        "event of an unknown type": published(an_event(event_type="order.unknown")),
        "event of no type": published(an_event(event_type=None)),
        "event without a key": published(an_event(key="")),
        "event with a number as key": published(an_event(key=7)),
        "event with a key without end": published(an_event(key="k" * 256)),
        "event with a key of two lines": published(an_event(key="ord_1\n2")),
    },
)

REPLAYS = rows(
    "bus",
    NotFound,
    {"replay of what was never published": lambda shop: shop.world.run(shop.app.bus.replay("ledger:ord_1"))},
)

HANDLERS = rows(
    "bus",
    InvalidHandler,
    {
        "function that is not async": subscribed(handler=hear_without_await),
        "lambda": subscribed(handler=lambda event: None),
        "partial that is not async": subscribed(handler=partial(hear_without_await, ledger="main")),
        "number as handler": subscribed(handler=42),
        "handler of one argument": subscribed(handler=hear_alone),
        "handler of three arguments": subscribed(handler=hear_three),
        "handler of names alone": subscribed(handler=hear_by_name),
        "class of handlers": subscribed(handler=Hearing),
        "text as handler": subscribed(handler="ledger.hear"),
        "name taken": subscribed_twice(EventType.ORDER_PLACED),
        "name taken under another type": subscribed_twice(EventType.ORDER_SHIPPED),
        "no name": subscribed(name=""),
        "name of two lines": subscribed(name="ledger\nbook"),
        "name without end": subscribed(name="l" * 101),
        "one handler too many": subscribed_a_hundred_times(),
        "name as a number": subscribed(name=7),
        "unknown type": subscribed("payment.exploded"),
        "misspelt type": subscribed("payment.suceeded"),
        "Stripe's own name of a type": subscribed("payment_intent.succeeded"),
        "member's name of a type": subscribed("PAYMENT_SUCCEEDED"),
        "type empty": subscribed(""),
        "type as a list": subscribed(["order.placed"]),
        "no type": subscribed(None),
    },
)

BUS = [*HANDLERS, *EVENTS, *REPLAYS]
