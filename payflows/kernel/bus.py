"""Who hears of business events. They come from the outbox and are stored before anybody is called: none is lost."""

from __future__ import annotations

from datetime import datetime
from inspect import iscoroutinefunction

from payflows.clock import Clock
from payflows.errors import InvalidEvent, InvalidHandler, InvalidState, VersionConflict
from payflows.kernel.delivery import NOTHING, Delivery, DeliveryStatus
from payflows.kernel.handler_queue import HandlerQueue
from payflows.kernel.messages import BusinessEvent, EventType, Handler
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.runner import SequentialRunner, TaskRunner
from payflows.kernel.store import DeliveryStore

HALF_A_DAY = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=3_600, max_retries=18)
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
        runner: calls handlers one by one or side by side.
    """

    def __init__(
        self, *, store: DeliveryStore, clock: Clock, retry: RetryPolicy = HALF_A_DAY, runner: TaskRunner | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._retry = retry
        self._crew = runner or SequentialRunner()
        self._types: dict[EventType, list[str]] = {}
        self._queues: dict[str, HandlerQueue] = {}

    def subscribe(self, event_type: EventType | str, handler: Handler, *, name: str) -> None:
        """Have `handler` called with each business event of a type that is published from now on.

        Args:
            event_type: one of `EventType`, or its value such as "payment.succeeded".
            handler: an `async def` that takes the business event and a `UnitOfWork`.
            name: unique among all handlers, and the same after a restart: its deliveries are stored under it.

        Raises:
            InvalidHandler: an unknown type, a handler that cannot be awaited, a name that is taken, or one too many.
        """
        if event_type not in EventType.__members__.values():
            known = ", ".join(EventType)
            raise InvalidHandler(f"{event_type!r} is no business event; there are {known}")
        if not iscoroutinefunction(handler) and not iscoroutinefunction(getattr(handler, "__call__", None)):  # noqa: B004
            raise InvalidHandler(f"the handler {name!r} must be an async function")
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise InvalidHandler(f"a handler's name is a text of 1 to {LONGEST_NAME} printable characters")
        if name in self._queues:
            raise InvalidHandler(f"a handler named {name!r} is subscribed already")
        if len(self._queues) >= MOST_HANDLERS:
            raise InvalidHandler(f"a bus has at most {MOST_HANDLERS} handlers")
        self._queues[name] = self._lane(name, handler)
        self._types.setdefault(EventType(event_type), []).append(name)

    async def publish(self, event: BusinessEvent, *, at: datetime | None = None) -> None:
        """Store a business event and one delivery for each handler of its type. The same key again is the same event.

        Args:
            event: what happened.
            at: when its handlers are to hear of it, a timer; None: now.

        Raises:
            InvalidEvent: it is none, or has no key that can be stored.
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
            await self._crew.run_all([self._lane_of(name).drain(now) for name in due])

    async def queues(self) -> tuple[HandlerQueue, ...]:
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
            NotFound: there is none with this key.
            InvalidState: it is not dead.
            VersionConflict: somebody else replayed it in this moment.
        """
        delivery = await self._store.delivery(key)
        if delivery.status is not DeliveryStatus.DEAD:
            raise InvalidState(f"only a dead letter is replayed, and this delivery is {delivery.status}")
        replayed = delivery.replayed(self._clock.now())
        await self._store.save_delivery(delivery, replayed, NOTHING)
        return replayed

    async def replay_all(self) -> int:
        """Have all dead letters tried again. Returns how many."""
        replayed = 0
        for delivery in await self.dead_letters():
            try:
                await self.replay(delivery.key)
            except (InvalidState, VersionConflict):
                continue  # somebody else replayed it
            replayed += 1
        return replayed

    def _lane_of(self, name: str) -> HandlerQueue:
        return self._queues.get(name) or self._lane(name, None)

    def _lane(self, name: str, handler: Handler | None) -> HandlerQueue:
        return HandlerQueue(name, handler, store=self._store, clock=self._clock, retry=self._retry)


def _check_event(event: BusinessEvent) -> None:
    if not isinstance(event, BusinessEvent):
        raise InvalidEvent(f"what is published is a BusinessEvent, got {type(event).__name__}")
    if not isinstance(event.type, EventType):
        raise InvalidEvent(f"a business event's type is one of {', '.join(EventType)}")
    if not isinstance(event.key, str) or not 0 < len(event.key) <= LONGEST_KEY or not event.key.isprintable():
        raise InvalidEvent(f"a business event's key is a text of 1 to {LONGEST_KEY} printable characters")
