"""Who hears of business events. They come from the outbox and are stored before anybody is called: none is lost."""

from __future__ import annotations

from datetime import datetime
from inspect import iscoroutinefunction

from payflows.clock import Clock
from payflows.crew import Crew, OneByOne
from payflows.errors import BadEvent, BadHandler, NotPossibleNow, StaleDelivery
from payflows.events.delivery import NOTHING, Delivery, DeliveryStatus
from payflows.events.lane import HandlerLane
from payflows.events.model import BusinessEvent, EventType, Handler
from payflows.ports import DeliveryStore
from payflows.retry import RetryPolicy

HALF_A_DAY = RetryPolicy(first_delay_seconds=20, factor=2, longest_delay_seconds=3_600, most_waits=18)
"""A handler that fails is called again after 20, 40, 80 ... seconds, then hourly; given up after some half a day."""

MOST_HANDLERS = 100
LONGEST_NAME = 100
LONGEST_KEY = 255


class PaymentEventBus:
    """Joins those who tell of payments and orders with those who want to hear.

    Args:
        store: keeps business events, and how far each handler has got with them.
        clock: tells the time.
        retry: when a handler that failed is called again, and when its delivery becomes a dead letter.
        crew: calls handlers one by one or side by side.
    """

    def __init__(
        self, *, store: DeliveryStore, clock: Clock, retry: RetryPolicy = HALF_A_DAY, crew: Crew | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._retry = retry
        self._crew = crew or OneByOne()
        self._types: dict[EventType, list[str]] = {}
        self._lanes: dict[str, HandlerLane] = {}

    def subscribe(self, event_type: EventType | str, handler: Handler, *, name: str) -> None:
        """Have `handler` called with each business event of a type that is published from now on.

        Args:
            event_type: one of `EventType`, or its value such as "payment.succeeded".
            handler: an `async def` that takes the business event and a `UnitOfWork`.
            name: unique among all handlers, and the same after a restart: its deliveries are stored under it.

        Raises:
            BadHandler: an unknown type, a handler that cannot be awaited, a name that is taken, or one too many.
        """
        if event_type not in EventType.__members__.values():
            known = ", ".join(EventType)
            raise BadHandler(f"{event_type!r} is no business event; there are {known}")
        if not iscoroutinefunction(handler) and not iscoroutinefunction(getattr(handler, "__call__", None)):  # noqa: B004
            raise BadHandler(f"the handler {name!r} must be an async function")
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise BadHandler(f"a handler's name is a text of 1 to {LONGEST_NAME} printable characters")
        if name in self._lanes:
            raise BadHandler(f"a handler named {name!r} is subscribed already")
        if len(self._lanes) >= MOST_HANDLERS:
            raise BadHandler(f"a bus has at most {MOST_HANDLERS} handlers")
        self._lanes[name] = self._lane(name, handler)
        self._types.setdefault(EventType(event_type), []).append(name)

    async def publish(self, event: BusinessEvent, *, at: datetime | None = None) -> None:
        """Store a business event and one delivery for each handler of its type. The same key again is the same event.

        Args:
            event: what happened.
            at: when its handlers are to hear of it, a timer; None: now.

        Raises:
            BadEvent: it is none, or has no key that can be stored.
        """
        _check_event(event)
        handlers = self._types.get(event.type, ())
        due_at = at or self._clock.now()
        await self._store.add_event(event, tuple([Delivery.of(event, name, due_at) for name in handlers]))

    async def deliver_due(self, now: datetime) -> datetime | None:
        """Call every handler with what is due for it by now, including what handlers add by and by.

        Returns:
            When the next delivery is due; None where none is.
        """
        while True:
            due_at = await self._store.deliveries_due_at()
            due = [name for name, moment in due_at.items() if moment <= now]
            if not due:
                return min(due_at.values(), default=None)
            await self._crew.do_all([self._lane_of(name).drain(now) for name in due])

    async def lanes(self) -> tuple[HandlerLane, ...]:
        """One lane for each handler for whom something is due, now or later; subscribed, or not yet after a restart."""
        return tuple([self._lane_of(name) for name in await self._store.deliveries_due_at()])

    async def deliveries(self, status: DeliveryStatus) -> tuple[Delivery, ...]:
        """All deliveries that have this status, oldest first."""
        return await self._store.deliveries(status)

    async def dead_letters(self) -> tuple[Delivery, ...]:
        """What handlers could not take, oldest first; each says what went wrong last."""
        return await self._store.deliveries(DeliveryStatus.DEAD)

    async def replay(self, key: str) -> Delivery:
        """Have a dead letter tried again, with all its patience.

        Args:
            key: the delivery's.

        Raises:
            UnknownDelivery: there is none with this key.
            NotPossibleNow: it is not dead.
            StaleDelivery: somebody else replayed it in this moment.
        """
        delivery = await self._store.delivery(key)
        if delivery.status is not DeliveryStatus.DEAD:
            raise NotPossibleNow(f"only a dead letter is replayed, and this delivery is {delivery.status}")
        replayed = delivery.replayed(self._clock.now())
        await self._store.save_delivery(delivery, replayed, NOTHING)
        return replayed

    async def replay_all(self) -> int:
        """Have all dead letters tried again. Returns how many."""
        replayed = 0
        for delivery in await self.dead_letters():
            try:
                await self.replay(delivery.key)
            except (NotPossibleNow, StaleDelivery):
                continue  # somebody else replayed it
            replayed += 1
        return replayed

    def _lane_of(self, name: str) -> HandlerLane:
        return self._lanes.get(name) or self._lane(name, None)

    def _lane(self, name: str, handler: Handler | None) -> HandlerLane:
        return HandlerLane(name, handler, store=self._store, clock=self._clock, retry=self._retry)


def _check_event(event: BusinessEvent) -> None:
    if not isinstance(event, BusinessEvent):
        raise BadEvent(f"what is published is a BusinessEvent, got {type(event).__name__}")
    if not isinstance(event.type, EventType):
        raise BadEvent(f"a business event's type is one of {', '.join(EventType)}")
    if not isinstance(event.key, str) or not 0 < len(event.key) <= LONGEST_KEY or not event.key.isprintable():
        raise BadEvent(f"a business event's key is a text of 1 to {LONGEST_KEY} printable characters")
