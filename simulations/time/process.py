"""A program that somebody pulls the plug of: all its coroutines end where they are. What is stored is not its own."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from payflows.kernel.runner import Work

from simulations.time.world import World


class Plug:
    """Keeps one run of a program going, and is the runner that does its work at once.

    A program stands still only where it waits. Once the plug is pulled, whatever waits is never woken again: not the
    step that pulled it, and nobody beside it.

    Args:
        world: whose time passes.

    Attributes:
        is_in: whether the program runs.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.is_in = True

    def pull(self) -> None:
        """End the program: now, and without a chance to tidy up."""
        self.is_in = False

    def start(self, work: Work) -> None:
        """Set a part of the program to work."""
        self._world.start(self._run(work))

    async def run_all(self, works: Iterable[Work]) -> None:
        """All of them at once, to their end."""
        for task in [self._world.start(self._run(work)) for work in works]:
            await self._world.join(task)

    async def begin(self, work: Work) -> None:
        """Set it to work beside all others."""
        self.start(work)

    async def end(self) -> None:
        """Nothing: a plug is pulled, and does not wait."""

    async def _run(self, work: Work) -> None:
        await _WhileIn(self, work)


class _WhileIn:
    """Lets a coroutine go on from wait to wait, as long as the plug is in."""

    def __init__(self, plug: Plug, work: Work) -> None:
        self._plug = plug
        self._work = work

    def __await__(self) -> Generator[Any, Any, None]:
        heard = None
        while self._plug.is_in:
            try:
                awaited = self._work.send(heard)
            except StopIteration:
                return
            if self._plug.is_in:
                heard = yield awaited
        self._work.close()
