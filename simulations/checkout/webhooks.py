"""Business events in a universe: handlers take each of them, and count."""

from __future__ import annotations

from payflows.app import App
from payflows.checkout.messages import ORDERS, EventType
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.unit_of_work import UnitOfWork


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """Read the order of a business event, if it is about one, and count how often the event came."""
    about_an_order = event.type != EventType.MERCHANT_MISCONFIGURED
    status = (await work.get(ORDERS, event.subject)).status.value if about_an_order else None
    counted = await work.record(f"counted {event.key}")
    work.put(counted, {"times": int(counted.fields.get("times") or 0) + 1, "status": status})


def subscribe_to_all(app: App) -> App:
    """Return the app, with a handler for each type of business event."""
    for event_type in EventType:
        app.bus.subscribe(event_type, count, name=f"count {event_type}")
    return app
