"""Who does several pieces of work: one after another, or at once. The world decides, not the flow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Protocol

from payflows.checks import whole_number

Work = Coroutine[object, object, object]


class TaskRunner(Protocol):
    """Does all pieces of work to their end, whatever becomes of each."""

    async def run_all(self, works: Iterable[Work]) -> None:
        """Raises an `ExceptionGroup` of what went wrong, after all pieces have ended."""
        ...

    async def begin(self, work: Work) -> None:
        """Set a piece to work beside all others, and go on; who works one by one does it now."""
        ...

    async def end(self) -> None:
        """Wait until all that was begun has ended. Raises an `ExceptionGroup` of what went wrong."""
        ...


class SequentialRunner:
    """Does one piece after another: works under any loop, and in virtual time."""

    async def run_all(self, works: Iterable[Work]) -> None:
        """Raises an `ExceptionGroup` of what went wrong, after all pieces have ended."""
        errors = []
        for work in works:
            try:
                await work
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup("some of the work failed", errors)

    async def begin(self, work: Work) -> None:
        """Do it now, to its end."""
        await work

    async def end(self) -> None:
        """Nothing is ever under way."""


class AsyncioRunner:
    """Does several pieces at once under asyncio.

    Args:
        max_concurrent: how many at a time.

    Raises:
        InvalidPolicy: not a whole number from 1.
    """

    def __init__(self, max_concurrent: int = 8) -> None:
        whole_number("max_concurrent", max_concurrent, least=1)
        self._max_concurrent = max_concurrent
        self._begun: set[asyncio.Task[object]] = set()

    async def run_all(self, works: Iterable[Work]) -> None:
        """Raises an `ExceptionGroup` of what went wrong, after all pieces have ended."""
        free = asyncio.Semaphore(self._max_concurrent)

        async def in_a_lane(work: Work) -> None:
            async with free:
                await work

        await _all_ended(map(in_a_lane, works))

    async def begin(self, work: Work) -> None:
        """Set it to work beside all others, however many there are: only `run_all` has max_concurrent."""
        self._begun.add(asyncio.create_task(work))

    async def end(self) -> None:
        """Wait until all that was begun has ended. Raises an `ExceptionGroup` of what went wrong."""
        begun, self._begun = self._begun, set()
        await _all_ended(begun)


async def _all_ended(works: Iterable[Awaitable[object]]) -> None:
    ended = await asyncio.gather(*works, return_exceptions=True)
    errors = [error for error in ended if isinstance(error, Exception)]
    if errors:
        raise ExceptionGroup("some of the work failed", errors)
