"""The bus: which handlers subscribe to which business events. Those are stored before any handler runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from functools import cached_property, partial
from inspect import iscoroutinefunction, isfunction, signature
from itertools import chain
from weakref import WeakSet

from payflows.checks import aware, implements, instance_of, sequence
from payflows.clock import Clock
from payflows.errors import InvalidEvent, InvalidHandler, InvalidInput, NotFound
from payflows.kernel.changes import Enqueue
from payflows.kernel.handler_queue import PREFIX, HandlerQueue
from payflows.kernel.messages import BusinessEvent, Message, check_message
from payflows.kernel.queue_item import ItemStatus, QueueItem
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.runner import SequentialRunner, TaskRunner
from payflows.kernel.store import Store
from payflows.kernel.unit_of_work import Handler

HALF_A_DAY = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=3_600, max_retries=18)
"""A handler that fails is called again after 20, 40, 80 ... seconds, then hourly; given up after some half a day."""

MAX_HANDLERS = 100
MAX_NAME_LENGTH = 100


class PaymentEventBus:
    """Joins flows, which announce business events, with the handlers that subscribe to them.

    Args:
        event_types: the business events that there are, an enumeration for each business.
        store: keeps business events, and how far each handler has got with them.
        clock: tells the time.
        retry: when a handler that failed is called again, and when its item becomes a dead letter.
        runner: calls handlers one by one or concurrently.

    Raises:
        InvalidPolicy: a part of another type.
    """

    def __init__(
        self,
        *,
        event_types: Sequence[type[StrEnum]],
        store: Store,
        clock: Clock,
        retry: RetryPolicy = HALF_A_DAY,
        runner: TaskRunner | None = None,
    ) -> None:
        sequence("event_types", event_types)
        implements("store", store, Store)
        implements("clock", clock, Clock)
        instance_of("retry", retry, RetryPolicy)
        implements("runner", runner, TaskRunner, optional=True)
        self._event_types = tuple(event_types)
        self._store = store
        self._clock = clock
        self._retry = retry
        self._runner = runner or SequentialRunner()
        self._subscribers: dict[str, list[str]] = {}
        self._queues: dict[str, HandlerQueue] = {}

    def subscribe(self, event_type: str, handler: Handler, *, name: str) -> None:
        """Have `handler` called with each business event of a type that is published from now on.

        Args:
            event_type: a business event's type, such as "payment.succeeded".
            handler: an `async def` that takes the business event and a `UnitOfWork`.
            name: unique among all handlers, and the same after a restart: its items are stored under it.

        Raises:
            InvalidHandler: an unknown type, a handler that cannot be awaited or does not take the two, a name that is
                taken, or one too many.
        """
        if event_type not in self._known:
            raise InvalidHandler(f"{event_type!r} is no business event; there are {', '.join(self._known)}")
        _check_handler(handler, name)
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable():
            raise InvalidHandler(f"a handler's name is a text of 1 to {MAX_NAME_LENGTH} printable characters")
        if name in self._queues:
            raise InvalidHandler(f"a handler named {name!r} is subscribed already")
        if len(self._queues) >= MAX_HANDLERS:
            raise InvalidHandler(f"a bus has at most {MAX_HANDLERS} handlers")
        self._queues[name] = self._queue(name, handler)
        self._subscribers.setdefault(str(event_type), []).append(name)

    async def publish(self, event: BusinessEvent, *, at: datetime | None = None) -> None:
        """Store an item for each handler of the business event's type. The same key again is the same event.

        Args:
            event: what happened.
            at: when its handlers are called, a timer; None: now.

        Raises:
            InvalidEvent: it is none, or has no key that can be stored.
        """
        _check_event(self._known, event)
        if at is not None:
            aware("at", at, error=InvalidEvent)
        if deliveries := self.deliveries_of(event, at or self._clock.now()):
            await self._store.change(*deliveries)

    def deliveries_of(self, event: BusinessEvent, due_at: datetime) -> tuple[Enqueue, ...]:
        """Return what is stored for the handlers of a business event."""
        names = self._subscribers.get(event.type, ())
        return tuple(
            [Enqueue(QueueItem(PREFIX + name, f"{name}:{event.key}", event, due_at, due_at)) for name in names]
        )

    async def deliver_due(self, now: datetime) -> datetime | None:
        """Call every handler with what is due for it by now, and with what handlers add meanwhile.

        Returns:
            When the next item is due; None where none is.
        """
        aware("now", now, error=InvalidInput)
        while True:
            due_at = await self._store.queues_due_at(PREFIX)
            due = [name for name, moment in due_at.items() if moment <= now]
            if not due:
                return min(due_at.values(), default=None)
            await self._runner.run_all(self._queue_of(name).drain(now) for name in due)

    async def queues(self) -> tuple[HandlerQueue, ...]:
        """One queue for each handler for which something is due, now or later; also where it is not subscribed yet."""
        return tuple([self._queue_of(name) for name in await self._store.queues_due_at(PREFIX)])

    async def dead_letters(self) -> tuple[QueueItem, ...]:
        """Return what handlers could not process, oldest first; each says what went wrong last."""
        found = [item for queue in await self._all_queues() for item in await queue.dead_letters()]
        return tuple(sorted(found, key=lambda item: (item.came_at, item.key)))

    async def items(self, handler: str, status: ItemStatus) -> tuple[QueueItem, ...]:
        """Return all items of a handler that have this status, oldest first."""
        instance_of("handler", handler, str, error=InvalidInput)
        instance_of("status", status, ItemStatus, error=InvalidInput)
        return await self._store.items(PREFIX + handler, status)

    async def replay(self, key: str) -> QueueItem:
        """Have a dead letter processed again, with all its retries.

        Args:
            key: the item's: the handler's name and the business event's key.

        Raises:
            NotFound: no handler has an item with this key.
            InvalidState: it is not dead.
            VersionConflict: it was replayed concurrently.
        """
        instance_of("key", key, str, error=InvalidInput)
        for queue in await self._all_queues():
            if key.startswith(f"{queue.name.removeprefix(PREFIX)}:"):
                with suppress(NotFound):  # another handler's name may begin with this one's: "mail", "mail:vip"
                    return await queue.replay(key)
        raise NotFound("no handler has an item with this key")

    async def replay_all(self) -> int:
        """Have all dead letters processed again. Returns how many."""
        return sum([await queue.replay_all() for queue in await self._all_queues()])

    async def _all_queues(self) -> list[HandlerQueue]:
        return [self._queue_of(name) for name in await self._store.queues(PREFIX)]

    def _queue_of(self, queue: str) -> HandlerQueue:
        name = queue.removeprefix(PREFIX)
        return self._queues.get(name) or self._queue(name, None)

    def _queue(self, name: str, handler: Handler | None) -> HandlerQueue:
        check = partial(_check_emitted, self._known)  # it does not refer to the bus, which refers to its queues
        return HandlerQueue(name, handler, store=self._store, clock=self._clock, retry=self._retry, check=check)

    @cached_property
    def _known(self) -> tuple[StrEnum, ...]:
        return tuple(chain.from_iterable(self._event_types))


def _check_event(known: Sequence[StrEnum], event: BusinessEvent) -> None:
    if not isinstance(event, BusinessEvent):
        raise InvalidEvent(f"what is published is a BusinessEvent, got {type(event).__name__}")
    if event.type not in known:
        raise InvalidEvent(f"a business event's type is one of {', '.join(known)}")
    check_message(event)


def _check_emitted(known: Sequence[StrEnum], message: Message) -> None:
    """Check what a handler emits: a business event as if it were published, or a mail."""
    if isinstance(message, BusinessEvent):
        _check_event(known, message)
    else:
        check_message(message)


_CHECKED: WeakSet[Handler] = WeakSet()
"""Functions that were found to be handlers: they are looked at a single time, not by every bus."""


def _check_handler(handler: Handler, name: str) -> None:
    if isfunction(handler) and handler in _CHECKED:
        return
    is_class = isinstance(handler, type)  # the class of a handler would be called to make one
    if is_class or not (iscoroutinefunction(handler) or iscoroutinefunction(getattr(handler, "__call__", None))):  # noqa: B004
        raise InvalidHandler(f"the handler {name!r} must be an async function")
    try:
        signature(handler).bind(None, None)
    except TypeError:
        raise InvalidHandler(f"the handler {name!r} must take two arguments: business event and UnitOfWork") from None
    if isfunction(handler):
        _CHECKED.add(handler)
