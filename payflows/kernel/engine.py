"""The engine of a flow: looks at the stored status, does the one next step, and goes on until the aggregate rests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, Generic

from payflows.errors import CallRejected, PortError, VersionConflict
from payflows.kernel.aggregate import A, Aggregate
from payflows.kernel.repository import Repository

Step = Callable[[A], Awaitable[A | None]]
"""Does the next thing about an aggregate; None where only time or another party moves it on."""


class Engine(Generic[A]):
    """Advances aggregates of one kind. First call, retry, webhook, worker and recovery all take this path.

    Args:
        repository: reads and writes them.
        steps: what is done in each status.
        resting: statuses that are entered only after a look at all there is to see: without work, they need none again.
    """

    def __init__(
        self,
        repository: Repository[A],
        steps: Mapping[Any, Step[A]],
        *,
        resting: Collection[StrEnum] = (),
    ) -> None:
        self._repository = repository
        self._steps = steps
        self._resting = resting

    async def advance(self, aggregate: A) -> A:
        """Do the next step until only time or another party can move the aggregate on; as it then stands."""
        current = aggregate
        while True:
            try:
                moved = await self._steps[current.status](current)
            except VersionConflict:  # another process moved it first: go on from there
                moved = await self._repository.get(current.id)
            except (PortError, CallRejected) as error:
                moved = await self._repository.get(current.id)
                if moved.version == current.version:
                    return await self.back_off(current, error)
            except Exception as error:
                await self.back_off(current, error)  # one sick aggregate must not stay first among those due
                raise
            if moved is None:
                return await self._repository.get(current.id)
            if moved.status in self._resting and moved.status is not current.status and not _has_work(moved):
                return moved
            current = moved

    async def back_off(self, aggregate: A, error: Exception, **changes: Any) -> A:
        """Try again later; where another process moved it meanwhile, that has also set when.

        Unless it has left it to a person: it did so without what this step was to look at, such as a webhook's news.
        """
        try:
            return await self._repository.back_off(aggregate, error, **changes)
        except VersionConflict:
            current = await self._repository.get(aggregate.id)
        if current.is_blocked and not changes:
            return await self.back_off(current, error)
        return current


def _has_work(aggregate: Aggregate) -> bool:
    due_at = aggregate.next_due()
    return due_at is not None and due_at <= aggregate.changed_at
