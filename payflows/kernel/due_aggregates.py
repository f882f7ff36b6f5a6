"""The worker's task for one kind of aggregate: timers that have run out, lost answers, and what a crash left behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic

from payflows.checks import function, implements, instance_of, whole_number
from payflows.clock import SECOND
from payflows.errors import UnreadableRow
from payflows.kernel import log
from payflows.kernel.aggregate import A, Kind
from payflows.kernel.durable_queue import UNREADABLE_SECONDS
from payflows.kernel.runner import SequentialRunner, TaskRunner
from payflows.kernel.store import Store

BATCH = 500
"""How many aggregates are advanced in one go."""


class DueAggregates(Generic[A]):
    """Advances the aggregates of one kind that are due, those due the longest first.

    Args:
        kind: which.
        advance: moves one on, by its id.
        store: knows which are due.
        runner: advances them one by one or concurrently.
        batch: how many are advanced in one go.
    """

    def __init__(
        self,
        kind: Kind[A],
        advance: Callable[[str], Awaitable[object]],
        *,
        store: Store,
        runner: TaskRunner | None = None,
        batch: int = BATCH,
    ) -> None:
        instance_of("kind", kind, Kind)
        function("advance", advance)
        implements("store", store, Store)
        implements("runner", runner, TaskRunner, optional=True)
        whole_number("batch", batch, least=1)
        self.name = f"due {kind.name}"
        self._kind = kind
        self._advance = advance
        self._store = store
        self._runner = runner or SequentialRunner()
        self._batch = batch

    async def due_at(self) -> datetime | None:
        """Return when the next one is due; None where none will be."""
        return await self._store.due_at(self._kind)

    async def run_once(self, now: datetime) -> bool:
        """Advance a batch of those that are due. False: the rest comes with the next poll."""
        due = await self._store.due(self._kind, now, self._batch)
        await self._runner.run_all(self._advance_one(id, now) for id in due)
        return False

    async def _advance_one(self, id: str, now: datetime) -> None:
        try:
            await self._advance(id)
        except UnreadableRow as error:  # it must not stay first among those due
            log.error("a stored aggregate cannot be read, and is put off", error, kind=self._kind.name, id=id)
            await self._store.put_off(self._kind, id, now + UNREADABLE_SECONDS * SECOND)
