"""Handlers that could never be called."""

from __future__ import annotations

from functools import partial

from payflows.errors import BadHandler
from payflows.events.model import BusinessEvent, EventType
from simulations.shop import Shop
from tests.bad_input.rows import Call, rows


async def hear(event: BusinessEvent) -> None:
    """A handler as it should be."""


def hear_at_once(event: BusinessEvent, ledger: str = "") -> None:
    """A handler that cannot be awaited."""


def subscribed(event_type: object = EventType.ORDER_PLACED, handler: object = None, name: object = "ledger") -> Call:
    heard = hear if handler is None else handler
    return lambda shop: shop.app.bus.subscribe(event_type, heard, name=name)  # type: ignore[arg-type]


def subscribed_twice(second: EventType) -> Call:
    def subscribe(shop: Shop) -> None:
        bus = shop.app.bus
        bus.subscribe(EventType.ORDER_PLACED, hear, name="ledger")
        bus.subscribe(second, hear, name="ledger")

    return subscribe


BUS = rows(
    "bus",
    BadHandler,
    {
        "function that is not async": subscribed(handler=hear_at_once),
        "lambda": subscribed(handler=lambda event: None),
        "partial that is not async": subscribed(handler=partial(hear_at_once, ledger="main")),
        "number as handler": subscribed(handler=42),
        "text as handler": subscribed(handler="ledger.hear"),
        "name taken": subscribed_twice(EventType.ORDER_PLACED),
        "name taken under another type": subscribed_twice(EventType.ORDER_SHIPPED),
        "no name": subscribed(name=""),
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
