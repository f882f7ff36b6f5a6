"""Runs several tasks concurrently in virtual time: the `TaskRunner` of a `World`."""

from __future__ import annotations

from collections.abc import Iterable

from payflows.clock import Clock
from payflows.kernel.runner import Work

from simulations.time.world import Bell, Task, World


class VirtualRunner:
    """Runs tasks concurrently in virtual time. An error that leaves one is our mistake, and stops the world.

    Args:
        world: whose time passes.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._begun: list[Task[object]] = []
        self._bell = Bell(world)

    async def run_all(self, works: Iterable[Work]) -> None:
        """Run all of them concurrently, to their end."""
        for task in [self._world.start(work) for work in works]:
            await self._world.join(task)

    async def start(self, work: Work) -> None:
        """Start it, concurrently with all others."""
        self._begun = [task for task in self._begun if task.outcome is None]
        self._begun.append(self._world.start(work))

    async def join(self) -> None:
        """Wait until all that was started has ended."""
        for task in self._begun:
            await self._world.join(task)

    async def pause(self, clock: Clock, seconds: float) -> None:
        """Wait until it is woken, or this many seconds have passed."""
        await self._bell.wait(seconds)

    def wake(self) -> None:
        """End the pause, if there is one."""
        self._bell.ring()
