"""Task runners: whether pieces of work run one after another or concurrently. The world decides, not the flow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from contextlib import suppress
from typing import Protocol

from payflows.checks import whole_number
from payflows.clock import Clock

Work = Coroutine[object, object, object]


class TaskRunner(Protocol):
    """Runs pieces of work to their end, whatever becomes of each."""

    async def run_all(self, works: Iterable[Work]) -> None:
        """Run all of them. Raises an `ExceptionGroup` of what went wrong, after all have ended."""
        ...

    async def start(self, work: Work) -> None:
        """Start a piece of work beside all others, and go on; a sequential runner runs it now."""
        ...

    async def join(self) -> None:
        """Wait until all that was started has ended. Raises an `ExceptionGroup` of what went wrong."""
        ...

    async def pause(self, clock: Clock, seconds: float) -> None:
        """Wait until `wake` is called, or this many seconds have passed."""
        ...

    def wake(self) -> None:
        """End the pause, if there is one."""
        ...


class SequentialRunner:
    """Runs one piece of work after another: works under any loop, and in virtual time."""

    async def run_all(self, works: Iterable[Work]) -> None:
        errors = []
        for work in works:
            try:
                await work
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup("some of the work failed", errors)

    async def start(self, work: Work) -> None:
        await work

    async def join(self) -> None:
        """Return: nothing is ever under way."""

    async def pause(self, clock: Clock, seconds: float) -> None:
        await clock.sleep(seconds)

    def wake(self) -> None:
        """Do nothing: where one thing happens after another, a pause is not interrupted."""


class AsyncioRunner:
    """Runs pieces of work concurrently under asyncio.

    Args:
        max_concurrent: how many of `run_all`'s run at a time.

    Raises:
        InvalidPolicy: not a whole number from 1.
    """

    def __init__(self, max_concurrent: int = 8) -> None:
        whole_number("max_concurrent", max_concurrent, least=1)
        self._max_concurrent = max_concurrent
        self._started: set[asyncio.Task[object]] = set()
        self._woken = asyncio.Event()

    async def run_all(self, works: Iterable[Work]) -> None:
        free = asyncio.Semaphore(self._max_concurrent)

        async def run(work: Work) -> None:
            try:
                async with free:
                    await work
            finally:
                work.close()  # cancelled, it may not have begun

        await _all_ended(map(run, works))

    async def start(self, work: Work) -> None:
        self._started = {task for task in self._started if not task.done() or _error_of(task) is not None}
        self._started.add(asyncio.create_task(work))

    async def join(self) -> None:
        started, self._started = self._started, set()
        await _all_ended(started)

    async def pause(self, clock: Clock, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()


def _error_of(task: asyncio.Task[object]) -> BaseException | None:
    return None if task.cancelled() else task.exception()


async def _all_ended(works: Iterable[Awaitable[object]]) -> None:
    ended = await asyncio.gather(*works, return_exceptions=True)
    errors = [error for error in ended if isinstance(error, Exception)]
    if errors:
        raise ExceptionGroup("some of the work failed", errors)
