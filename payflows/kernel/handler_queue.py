"""One handler's queue: its business events go one after another, and no other handler's wait for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from payflows.clock import Clock
from payflows.errors import NotFound
from payflows.kernel.changes import Change
from payflows.kernel.durable_queue import DurableQueue
from payflows.kernel.messages import BusinessEvent, Message, check_message
from payflows.kernel.queue_item import QueueItem
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Store
from payflows.kernel.unit_of_work import Handler, UnitOfWork

PREFIX = "handler "
"""How the names of handlers' queues begin."""


HANDLER_TIMEOUT_SECONDS = 3_600
"""A handler that takes longer is cut off, and has failed; the business events behind this one wait for it."""


class HandlerQueue(DurableQueue):
    """Calls one handler with what is due for it.

    Args:
        handler_name: the name that it subscribed under.
        handler: an `async def` of business event and unit of work; None: nothing is subscribed under the name now.
        store: keeps the items, and what handlers write.
        clock: tells the time.
        retry: when a handler that failed is called again, and when its item becomes a dead letter.
        check: raises for a message that a handler must not emit.
    """

    def __init__(
        self,
        handler_name: str,
        handler: Handler | None,
        *,
        store: Store,
        clock: Clock,
        retry: RetryPolicy,
        check: Callable[[Message], None] = check_message,
    ) -> None:
        super().__init__(PREFIX + handler_name, store=store, clock=clock, retry=retry)
        self._handler = handler
        self._check = check

    async def _process(self, item: QueueItem) -> Sequence[Change]:
        if self._handler is None:
            raise NotFound("no handler is subscribed under this name")
        assert isinstance(item.content, BusinessEvent), "handlers take business events"
        work = UnitOfWork(self._store, item.key, self._check)
        await self._clock.within(HANDLER_TIMEOUT_SECONDS, self._handler(item.content, work))
        return work.changes()
