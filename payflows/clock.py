"""Time as the flows see it: aware UTC, asked of a clock. Virtual time lives in `simulations.time.world`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

SECOND = timedelta(seconds=1)
"""Multiply it for a time span; a multiplication costs a third of a `timedelta(seconds=...)`."""


class Clock(Protocol):
    """Says what time it is and lets a coroutine wait."""

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until then; not at all if it is past."""
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
