"""One handler's lane: its deliveries go one after another, and no other handler's wait for them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from payflows.clock import SECOND, Clock
from payflows.errors import VersionConflict
from payflows.kernel.delivery import NOTHING, Delivery
from payflows.kernel.error_text import safe_error_text
from payflows.kernel.messages import Handler
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import DeliveryStore
from payflows.kernel.unit_of_work import UnitOfWork

MOST_CONFLICTS = 20
"""A handler is called again at once when somebody else changed what it had read; so often at most."""


class HandlerQueue:
    """Calls one handler with what is due for it.

    Args:
        name: the handler's.
        handler: an `async def` of business event and unit of work; None: nobody is subscribed under the name now.
        store: keeps deliveries, and what handlers write.
        clock: tells the time.
        retry: when a handler that failed is called again, and when it is given up.
    """

    __slots__ = ("_clock", "_handler", "_handler_name", "_retry", "_store", "name")

    def __init__(
        self, name: str, handler: Handler | None, *, store: DeliveryStore, clock: Clock, retry: RetryPolicy
    ) -> None:
        self.name = f"handler {name}"
        self._handler_name = name
        self._handler = handler
        self._store = store
        self._clock = clock
        self._retry = retry

    async def due_at(self) -> datetime | None:
        """When the handler's next business event is due; None: it has had all."""
        delivery = await self._store.next_delivery(self._handler_name)
        return delivery.due_at if delivery is not None else None

    async def run_once(self, now: datetime) -> bool:
        """Call the handler with the business event that is due the longest. False: none is.

        Two workers may call it at once, and a crash may cut it off: then it is called again, and only one call's
        writes are stored.
        """
        delivery = await self._store.next_delivery(self._handler_name)
        if delivery is None or delivery.due_at is None or delivery.due_at > now:
            return False
        await self._deliver(delivery)
        return True

    async def drain(self, now: datetime) -> None:
        """Call the handler with all that is due."""
        while (delivery := await self._store.next_delivery(self._handler_name)) is not None:
            if delivery.due_at is None or delivery.due_at > now:
                return
            await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        if self._handler is None:
            return await self._fail(delivery, "nobody is subscribed under this name")
        for _ in range(MOST_CONFLICTS):
            work = UnitOfWork(self._store, delivery.key)
            try:
                await self._handler(delivery.event, work)
            except Exception as error:
                return await self._fail(delivery, safe_error_text(error))
            try:
                return await self._store.save_delivery(delivery, delivery.delivered(self._clock.now()), work.writes())
            except VersionConflict as conflict:
                if conflict.kind == "delivery":
                    return  # another worker was quicker; what it stored stands
                continue  # what it read has changed meanwhile: it works on what is there now
        await self._fail(delivery, f"what it read was changed by others {MOST_CONFLICTS} times")

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        if self._retry.gives_up_after(delivery.waits):
            failed = delivery.given_up(reason)
        else:
            delay_seconds = self._retry.delay_seconds(delivery.waits)
            failed = delivery.reschedule(self._clock.now() + delay_seconds * SECOND, reason)
        with suppress(VersionConflict):
            await self._store.save_delivery(delivery, failed, NOTHING)
