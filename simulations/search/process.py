"""The processes of a universe: what runs, what it is doing, and the crash that ends it."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Coroutine, Generator
from contextlib import suppress
from enum import Enum
from types import coroutine
from typing import Any, NamedTuple

Work = Coroutine[Any, Any, object]


class Crash(Enum):
    """What a caller gets from a process, or from a task, that is gone: nothing."""

    OF_THE_PROCESS = "crash"
    OF_THE_TASK = "cancelled"
    """The process goes on, with all that it has in memory."""


class Process:
    """One process, from its start to its crash.

    Attributes:
        app: the program that it runs.
        is_over: it has crashed, and calls nothing any more.
    """

    app: object

    def __init__(self) -> None:
        self.is_over = False


class Racer(NamedTuple):
    """One of two processes that act concurrently.

    Attributes:
        process: which.
        work: what it does.
        name: what it does, in a word or two.
    """

    process: Process
    work: Work
    name: str

    @classmethod
    def of(cls, process: Process, work: Work) -> Racer:
        """Named after the coroutine."""
        return cls(process, work, name_of(work))


def name_of(work: Work) -> str:
    """What a process does, by the name of the coroutine."""
    name: str = work.__qualname__  # type: ignore[attr-defined]  # a coroutine has one
    return name.rpartition(".")[2]


async def forever() -> object:
    """Wait for what never comes: a process that is gone is not woken."""
    await _gone()
    raise AssertionError("a process that is gone was woken")


async def cancelled() -> object:
    """Wait for what never comes: the task is cancelled here."""
    await _cancelled()
    raise AssertionError("a task that was cancelled goes on")


def cancel(work: Work) -> Crash:
    """Cancel a task where it waits, as asyncio does; what it makes of that, as a rule a `CancelledError`, ends it."""
    with suppress(CancelledError):
        work.throw(CancelledError())
        raise AssertionError("a task that was cancelled waits on")
    return Crash.OF_THE_TASK


@coroutine
def _gone() -> Generator[Crash, None, None]:
    yield Crash.OF_THE_PROCESS


@coroutine
def _cancelled() -> Generator[Crash, None, None]:
    yield Crash.OF_THE_TASK
