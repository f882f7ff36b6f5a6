"""The one loop behind the counter: it does every task that is due. What a task is about is its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from payflows.checks import positive
from payflows.clock import Clock
from payflows.errors import PortError
from payflows.kernel.runner import SequentialRunner, TaskRunner

MOST_ROUNDS = 10_000
"""A step that finds work so often at one moment will never end."""


class Task(Protocol):
    """Work that becomes due: the outbox, the inbox, a handler's deliveries, the orders' timers."""

    @property
    def name(self) -> str:
        """Unique among the worker's tasks."""
        ...

    async def due_at(self) -> datetime | None:
        """When there is something to do, now or later; None: nothing by itself."""
        ...

    async def run_once(self, now: datetime) -> bool:
        """Do one piece of what is due. False: that was all for now."""
        ...


class Worker:
    """Does the tasks that are due, each in a lane of its own: a slow one holds up no other.

    The same object is stepped, in tests and notebooks, or runs on its own, in virtual time and under asyncio. Where
    the store or a port cannot be reached, a task is left as it is until the next look; any other error is ours, and
    ends the loop.

    Args:
        tasks: those that are always there.
        queues: those that come and go, such as a bus's handlers; asked before every look.
        clock: tells the time.
        runner: does tasks side by side, or one by one.
        pause_seconds: between two looks.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        clock: Clock,
        queues: Callable[[], Awaitable[Sequence[Task]]] | None = None,
        runner: TaskRunner | None = None,
        pause_seconds: float = 1,
    ) -> None:
        positive("pause_seconds", pause_seconds)
        self._fixed = tuple(tasks)
        self._queues = queues
        self._clock = clock
        self._crew = runner or SequentialRunner()
        self._pause_seconds = pause_seconds
        self._under_way: set[str] = set()
        self._in_trouble: set[str] = set()
        self._errors: list[Exception] = []
        self._stopping = False

    async def look(self, only: str | None = None) -> None:
        """Begin every task that is due and not under way; or one of them, by its name."""
        self._in_trouble.clear()
        waiting = await self._waiting()
        for task in self._taken([(task, due_at) for task, due_at in waiting if only in (None, task.name)]):
            await self._crew.begin(self._do(task))

    async def step(self) -> datetime | None:
        """Do all that is due now, and what comes of it, to its end.

        Returns:
            When something is due next; None: nothing will be, unless somebody comes.
        """
        self._in_trouble.clear()
        rounds = 0
        while True:
            waiting = await self._waiting()
            due = [] if self._stopping else self._taken(waiting)
            if not due:
                return min((due_at for _, due_at in waiting), default=None)
            rounds += 1
            assert rounds < MOST_ROUNDS, f"{', '.join(task.name for task in due)}: due again and again at one moment"
            await self._crew.run_all(self._do(task) for task in due)
            self._raise_errors()

    async def run(self) -> None:
        """Look after everything until `stop`; then finish what is in hand, and give up what is not begun."""
        while not self._stopping and not self._errors:
            await self.look()
            await self._clock.sleep(self._pause_seconds)
        await self._crew.end()
        self._raise_errors()

    def stop(self) -> None:
        """Have `run` end: soon, and cleanly."""
        self._stopping = True

    async def _waiting(self) -> list[tuple[Task, datetime]]:
        """The tasks for which there is something to do, now or later, and when."""
        waiting = []
        for task in await self._chores():
            try:
                due_at = await task.due_at()
            except PortError:
                continue
            if due_at is not None:
                waiting.append((task, due_at))
        return waiting

    def _taken(self, waiting: Iterable[tuple[Task, datetime]]) -> list[Task]:
        """Those to begin now; from here on they are under way."""
        now, not_now = self._clock.now(), self._under_way | self._in_trouble
        due = [task for task, due_at in waiting if due_at <= now and task.name not in not_now]
        self._under_way.update([task.name for task in due])
        return due

    async def _do(self, task: Task) -> None:
        try:
            while not self._stopping and await task.run_once(self._clock.now()):
                pass
        except Exception as error:
            if _is_trouble(error):
                self._in_trouble.add(task.name)  # the next look tries again
            else:
                self._errors.append(error)
        finally:
            self._under_way.discard(task.name)

    async def _chores(self) -> Sequence[Task]:
        try:
            return (*self._fixed, *(await self._queues())) if self._queues is not None else self._fixed
        except PortError:
            return self._fixed

    def _raise_errors(self) -> None:
        errors, self._errors = self._errors, []
        if errors:
            raise ExceptionGroup("the worker met errors that are ours", errors)


def _is_trouble(error: Exception) -> bool:
    """Whether nothing but the store or a port was in the way, in one piece of work or in several at once."""
    if isinstance(error, ExceptionGroup):
        return error.split(PortError)[1] is None
    return isinstance(error, PortError)
