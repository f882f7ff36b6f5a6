"""Time as the flows see it: aware UTC, asked of a clock. Virtual time lives in `simulations.time.world`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

SECOND = timedelta(seconds=1)
"""Multiply it for a time span; a multiplication costs a third of a `timedelta(seconds=...)`."""


def whole_second_from(moment: datetime) -> datetime:
    """Return the first whole second that is not before a moment: Stripe's times have no fractions."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + SECOND


class Clock(Protocol):
    """Says what time it is, lets a coroutine wait, and cuts off what takes too long."""

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until then; not at all if it is past."""
        ...

    def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> Awaitable[T]:
        """Await the work; cut it off after so long.

        Raises:
            TimeoutError: it was cut off, or has cancelled itself. `CancelledError` is left to mean that the caller is
                to end.
        """
        ...


class WallClock:
    """The clock on the wall, under asyncio."""

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(seconds)

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until then; not at all if it is past."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """Await the work; cut it off after so long."""
        try:
            async with asyncio.timeout(seconds):
                return await work
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise TimeoutError("it cancelled itself") from None
