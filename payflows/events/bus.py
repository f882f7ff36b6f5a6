"""Who hears of business events. They come from the outbox; a handler's failure is stored, never lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction

from payflows.clock import Clock
from payflows.errors import BadHandler
from payflows.events.model import BusinessEvent, EventType, HandlerFailure
from payflows.ports import Store

Handler = Callable[[BusinessEvent], Awaitable[None]]


class PaymentEventBus:
    """Joins those who tell of payments and orders with those who want to hear.

    Args:
        store: keeps what handlers could not do.
        clock: dates it.
    """

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._handlers: dict[EventType, dict[str, Handler]] = {}

    def subscribe(self, event_type: EventType | str, handler: Handler, *, name: str) -> None:
        """Have `handler` called with each business event of a type, at least once.

        Args:
            event_type: one of `EventType`, or its value such as "payment.succeeded".
            handler: an `async def` that takes the event.
            name: unique among all handlers; failures are stored under it.

        Raises:
            BadHandler: an unknown type, a handler that cannot be awaited, or a name that is taken.
        """
        if event_type not in EventType.__members__.values():
            known = ", ".join(EventType)
            raise BadHandler(f"{event_type!r} is no business event; there are {known}")
        if not iscoroutinefunction(handler) and not iscoroutinefunction(getattr(handler, "__call__", None)):  # noqa: B004
            raise BadHandler(f"the handler {name!r} must be an async function")
        if not isinstance(name, str) or not name:
            raise BadHandler("a handler needs a name")
        if any(name in handlers for handlers in self._handlers.values()):
            raise BadHandler(f"a handler named {name!r} is subscribed already")
        self._handlers.setdefault(EventType(event_type), {})[name] = handler

    async def publish(self, event: BusinessEvent) -> None:
        """Give the event to every handler of its type; one that fails holds up no other."""
        for name, handler in tuple(self._handlers.get(event.type, {}).items()):
            try:
                await handler(event)
            except Exception as error:
                failure = HandlerFailure(name, event, f"{type(error).__name__}: {error}", self._clock.now())
                await self._store.add_handler_failure(failure)
