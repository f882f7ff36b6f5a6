"""One durable queue: outbox, inbox and handlers differ only in what they do with an item and when they give it up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from payflows.checks import aware, implements, instance_of
from payflows.clock import SECOND, Clock
from payflows.errors import InvalidInput, InvalidState, PayflowsError, UnreadableRow, VersionConflict
from payflows.kernel import log
from payflows.kernel.changes import Change
from payflows.kernel.error_text import safe_error_text
from payflows.kernel.queue_item import ItemStatus, QueueItem
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Store

UNREADABLE_SECONDS = 3_600
"""What other code wrote is looked at again after so long: this code may have been replaced by then."""

MAX_CONFLICTS = 20
"""An item is processed again immediately when what it had read was changed meanwhile; this often at most."""


class DurableQueue(ABC):
    """Processes stored items one after another, each until it has worked or is given up.

    What processing wants written is stored with the item's next version, in one step or not at all. Two workers may
    process the same item, and a crash may cut one off: then it is processed again, and only one's writes are stored.

    Args:
        queue: its name in the store.
        store: keeps the items.
        clock: dates them.
        retry: when an item that failed is tried again, and when it is given up.
    """

    def __init__(self, queue: str, *, store: Store, clock: Clock, retry: RetryPolicy) -> None:
        implements("store", store, Store)
        implements("clock", clock, Clock)
        instance_of("retry", retry, RetryPolicy)
        self.name = queue
        self._store = store
        self._clock = clock
        self._retry = retry

    @abstractmethod
    async def _process(self, item: QueueItem) -> Sequence[Change]:
        """Do what is to be done about an item. Returns what is to be stored with it."""

    def _status_after(self, error: Exception, *, is_final: bool) -> ItemStatus:
        """Return what becomes of an item that failed, for the last time or not."""
        return ItemStatus.DEAD if is_final else ItemStatus.RETRYING

    async def due_at(self) -> datetime | None:
        """Return when the next item is due; None where none will be."""
        try:
            item = await self._store.next_item(self.name)
        except UnreadableRow:
            return (await self._store.queues_due_at(self.name)).get(self.name)
        return item.due_at if item is not None else None

    async def run_once(self, now: datetime) -> bool:
        """Process the item that is due the longest. False: none is."""
        aware("now", now, error=InvalidInput)
        try:
            item = await self._store.next_item(self.name)
        except UnreadableRow as error:
            return await self._put_off(error, now)
        if item is None or item.due_at is None or item.due_at > now:
            return False
        await self._process_or_retry(item)
        return True

    async def drain(self, now: datetime) -> int:
        """Process all that is due; returns how many items."""
        processed = 0
        while await self.run_once(now):
            processed += 1
        return processed

    async def dead_letters(self) -> tuple[QueueItem, ...]:
        """Return the items that were given up, oldest first; each says what went wrong last."""
        return await self._store.items(self.name, ItemStatus.DEAD)

    async def replay(self, key: str) -> QueueItem:
        """Have a dead letter processed again, with all its retries.

        Raises:
            NotFound: there is none with this key.
            InvalidState: it is not dead.
            VersionConflict: it was replayed concurrently.
        """
        instance_of("key", key, str, error=InvalidInput)
        item = await self._store.item(self.name, key)
        if item.status is not ItemStatus.DEAD:
            raise InvalidState(f"only a dead letter is replayed, and this one is {item.status}")
        replayed = item.again(self._clock.now())
        await self._store.advance(item, replayed)
        return replayed

    async def replay_all(self) -> int:
        """Have all dead letters processed again. Returns how many."""
        replayed = 0
        for item in await self.dead_letters():
            with suppress(InvalidState, VersionConflict):  # replayed by another process
                await self.replay(item.key)
                replayed += 1
        return replayed

    async def _process_or_retry(self, item: QueueItem) -> None:
        for _ in range(MAX_CONFLICTS):
            try:
                changes = await self._process(item)
            except Exception as error:
                return await self._fail(item, error)
            try:
                return await self._store.advance(item, item.done(self._clock.now()), *changes)
            except VersionConflict as conflict:
                if conflict.kind == "queue item":
                    return None  # another worker was quicker, or it has arrived again: what is stored stands
        return await self._fail(item, VersionConflict("", f"what it read was changed {MAX_CONFLICTS} times"))

    async def _put_off(self, error: UnreadableRow, now: datetime) -> bool:
        """Let the items behind one that cannot be read go first. False: it is not due."""
        due_at = await self.due_at()
        if due_at is None or due_at > now:
            return False
        log.error("a stored item cannot be read, and is put off", error, queue=self.name)
        await self._store.put_off_item(self.name, now + UNREADABLE_SECONDS * SECOND)
        return True

    async def _fail(self, item: QueueItem, error: Exception) -> None:
        is_final = self._retry.gives_up_after(item.failures)
        delay_seconds = self._retry.delay_seconds(item.failures)
        retry_at = None if is_final else self._clock.now() + delay_seconds * SECOND
        failed = item.failed(self._status_after(error, is_final=is_final), safe_error_text(error), retry_at)
        with suppress(VersionConflict):
            await self._store.advance(item, failed)
            self._log(failed, error)

    def _log(self, failed: QueueItem, error: Exception) -> None:
        """Say that an item has failed: a person must look at a dead letter, and at an unexpected error."""
        at: log.Fields = {"queue": self.name, "key": failed.key, "retry_at": failed.due_at}
        if failed.status is ItemStatus.DEAD:
            log.error("an item was given up, and is a dead letter", error, with_traceback=True, **at)
        elif isinstance(error, PayflowsError):
            log.warning(f"an item is {failed.status}", error, **at)
        else:
            log.error("an item failed, and is tried again", error, with_traceback=True, **at)
