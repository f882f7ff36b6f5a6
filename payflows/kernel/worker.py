"""The worker loop: runs every task that is due (outbox, inbox, handlers, timers). It knows none of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from math import ceil
from typing import Protocol

from payflows.checks import function, implements, instance_of, positive, sequence
from payflows.clock import Clock
from payflows.errors import InvalidInput, PortError
from payflows.kernel import log
from payflows.kernel.runner import SequentialRunner, TaskRunner

MAX_ROUNDS = 10_000
"""A worker that finds work this often at one moment will never end."""

MAX_IDLE_SECONDS = 3_600
"""Another process that writes to the same store does not wake this one: its work is found after this long at most."""


class Task(Protocol):
    """Work that becomes due: the outbox, the inbox, a handler's items, the timers of a kind of aggregate."""

    @property
    def name(self) -> str:
        """Unique among the worker's tasks."""
        ...

    async def due_at(self) -> datetime | None:
        """Return when there is something to do, now or later; None where nothing will be due without a new event."""
        ...

    async def run_once(self, now: datetime) -> object:
        """Do one piece of what is due. False: that was all for now."""
        ...


class Worker:
    """Runs the tasks that are due, each independently: a slow one holds up no other.

    The same object is stepped, in tests and notebooks (`run_due`), or runs by itself, in virtual time and under asyncio
    (`run`). Where the store or a port cannot be reached, a task is left as it is until the next poll, and so is one
    that was cancelled; any other error is ours, is logged, and ends the loop.

    Args:
        tasks: those that are always there.
        queues: those that come and go, such as a bus's handlers; asked before every poll.
        clock: tells the time.
        on_change: has a function called whenever something is stored, which may be due; None: it is found by polling.
        runner: runs tasks concurrently, or one by one.
        poll_seconds: between two polls while there is work; without any the worker sleeps until something is due.

    Raises:
        InvalidPolicy: a part of another type, or a time that cannot be.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        clock: Clock,
        queues: Callable[[], Awaitable[Sequence[Task]]] | None = None,
        on_change: Callable[[Callable[[], None]], None] | None = None,
        runner: TaskRunner | None = None,
        poll_seconds: float = 1,
    ) -> None:
        sequence("tasks", tasks)
        function("queues", queues, optional=True)
        function("on_change", on_change, optional=True)
        implements("clock", clock, Clock)
        implements("runner", runner, TaskRunner, optional=True)
        positive("poll_seconds", poll_seconds)
        self._fixed = tuple(tasks)
        self._queues = queues
        self._on_change = on_change
        self._clock = clock
        self._runner = runner or SequentialRunner()
        self._poll_seconds = poll_seconds
        self._under_way: set[str] = set()
        self._in_trouble: set[str] = set()
        self._passed_over: set[str] = set()
        self._errors: list[Exception] = []
        self._stopping = False
        self._has_news = False

    async def poll(self, only: str | None = None) -> datetime | None:
        """Start every task that is due and not under way; or one of them, by its name.

        Returns:
            When the next of the others is due.
        """
        instance_of("only", only, str, None, error=InvalidInput)
        self._in_trouble.clear()
        waiting = await self._waiting()
        for task in self._due([(task, due_at) for task, due_at in waiting if only in (None, task.name)]):
            self._under_way.add(task.name)
            await self._runner.start(self._run(task))
        resting = [due_at for task, due_at in waiting if task.name not in self._under_way]
        self._passed_over.update(task.name for task, _ in waiting if task.name in self._under_way)
        return min(resting, default=None)

    async def run_due(self) -> datetime | None:
        """Do all that is due now, and what comes of it, to its end.

        Returns:
            When something is due next; None where nothing will be without a new event.
        """
        self._in_trouble.clear()
        rounds = 0
        while True:
            waiting = await self._waiting()
            due = [] if self._stopping else self._due(waiting)
            if not due:
                return min((due_at for _, due_at in waiting), default=None)
            rounds += 1
            assert rounds < MAX_ROUNDS, f"{', '.join(task.name for task in due)}: due again and again at one moment"
            names = [task.name for task in due]
            self._under_way.update(names)
            try:
                await self._runner.run_all(self._run(task) for task in due)
            finally:  # cancelled, some may not have begun
                self._under_way.difference_update(names)
            self._raise_errors()

    async def run(self) -> None:
        """Run what is due until `stop`; then finish what is in hand, and leave what is not begun."""
        if self._on_change is not None:
            self._on_change(self.wake)
        while not self._stopping and not self._errors:
            self._has_news = False
            next_due_at = await self.poll()
            await self._sleep(next_due_at)
        await self._runner.join()
        self._raise_errors()

    def wake(self) -> None:
        """Have `run` poll soon: something was stored that may be due."""
        if not self._has_news:
            self._has_news = True
            self._runner.wake()

    def stop(self) -> None:
        """Have `run` end: soon, and cleanly."""
        self._stopping = True
        self._runner.wake()

    async def _sleep(self, due_at: datetime | None) -> None:
        """Wait until something may be due, for whole periods of `poll_seconds`: a busy worker polls at that pace."""
        period, began = self._poll_seconds, self._clock.now()
        seconds = (due_at - began).total_seconds() if due_at is not None else MAX_IDLE_SECONDS
        if self._on_change is None:
            seconds = period
        periods = min(ceil(seconds / period), max(1, int(MAX_IDLE_SECONDS / period)))
        if periods > 1 and not self._has_news:
            await self._runner.pause(self._clock, periods * period)
        elapsed = (self._clock.now() - began).total_seconds()
        if self._stopping or (periods > 1 and elapsed >= periods * period):
            return
        await self._clock.sleep(period - elapsed % period)

    async def _waiting(self) -> list[tuple[Task, datetime]]:
        """Return the tasks for which there is something to do, now or later, and when."""
        waiting = []
        for task in await self._tasks():
            try:
                due_at = await task.due_at()
            except PortError:
                due_at = self._clock.now()  # it is found again with the next poll
            if due_at is not None:
                waiting.append((task, due_at))
        return waiting

    def _due(self, waiting: Iterable[tuple[Task, datetime]]) -> list[Task]:
        """Return those to run now."""
        now, not_now = self._clock.now(), self._under_way | self._in_trouble
        return [task for task, due_at in waiting if due_at <= now and task.name not in not_now]

    async def _run(self, task: Task) -> None:
        try:
            while not self._stopping and await task.run_once(self._clock.now()):
                pass
        except Exception as error:
            if _is_port_error(error):
                self._in_trouble.add(task.name)  # the next poll tries again
            else:
                log.error("a task failed, and the worker ends", error, with_traceback=True, task=task.name)
                self._errors.append(error)
            self.wake()
        finally:
            self._under_way.discard(task.name)
            if task.name in self._passed_over:  # when it is due next, the poll meanwhile has not asked
                self._passed_over.discard(task.name)
                self.wake()

    async def _tasks(self) -> Sequence[Task]:
        try:
            return (*self._fixed, *(await self._queues())) if self._queues is not None else self._fixed
        except PortError:
            return self._fixed

    def _raise_errors(self) -> None:
        errors, self._errors = self._errors, []
        if errors:
            raise ExceptionGroup("the worker met errors that are ours", errors)


def _is_port_error(error: Exception) -> bool:
    """Whether nothing but the store or a port was in the way, in one piece of work or in several."""
    if isinstance(error, ExceptionGroup):
        return error.split(PortError)[1] is None
    return isinstance(error, PortError)
