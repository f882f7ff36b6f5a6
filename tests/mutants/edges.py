"""Bugs at the edges: ports that are trusted, tasks that stay under way, a clock that is taken for right."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from payflows.clock import Clock
from payflows.kernel.calls import Calls, Make
from payflows.kernel.worker import Task, Worker
from simulations.search.endpoint import WEBHOOKS

T = TypeVar("T")

IMPATIENT_WITH_CLOCKS = type(WEBHOOKS)(secrets=WEBHOOKS.secrets, ahead_seconds=60)


def trusting(store: T, protocol: type[Any], clock: Clock) -> T:
    return store


class TrustingCalls(Calls):
    def once(self, make: Make[T]) -> Coroutine[Any, Any, T]:
        return make()


class StaysUnderWay(Worker):
    async def _run(self, task: Task) -> None:
        self._begun = {*getattr(self, "_begun", ()), task.name}
        await super()._run(task)
        self._begun.discard(task.name)

    def _due(self, waiting: Any) -> list[Task]:  # noqa: ANN401
        begun = getattr(self, "_begun", ())
        return [task for task in super()._due(waiting) if task.name not in begun]
