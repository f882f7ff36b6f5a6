"""Work in forked processes: each begins with all that is imported here, and leaves nothing behind."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from tempfile import TemporaryDirectory
from typing import Any, Generic, NamedTuple, TypeVar

K = TypeVar("K")

MAX_MEMORY_BYTES = 6 << 30
"""A mutant that never ends may also never stop growing."""

_FORK = get_context("fork")


class Job(NamedTuple, Generic[K]):
    """Something to do in a process.

    Attributes:
        key: for whom asks.
        work: gives the answer, which can be pickled.
        seconds: for how long; then the process is killed.
    """

    key: K
    work: Callable[[], Any]
    seconds: float


class Lost(NamedTuple):
    """Stands for an answer that did not come.

    Attributes:
        why: the process was killed, or died.
    """

    why: str


class _Running(NamedTuple, Generic[K]):
    job: Job[K]
    process: ForkProcess
    deadline: float


def in_forks(jobs: Iterable[Job[K]], *, workers: int) -> Iterator[tuple[K, Any]]:
    """Do each job in a forked process, some at the same time, and give their answers as they come.

    Args:
        jobs: taken one by one, when there is a worker for it.
        workers: processes at the same time.
    """
    with TemporaryDirectory() as folder, ExitStack() as still_running:
        running: dict[Connection, _Running[K]] = {}
        still_running.callback(lambda: [_end(one.process) for one in running.values()])
        waiting = iter(jobs)
        while True:
            while len(running) < workers and (job := next(waiting, None)) is not None:
                answers, process = _begin(job.work, folder)
                running[answers] = _Running(job, process, time.monotonic() + job.seconds)
            if not running:
                return
            patience = max(0.0, min(one.deadline for one in running.values()) - time.monotonic())
            answered = wait(list(running), patience)
            for answers, one in list(running.items()):
                if answers in answered or one.deadline <= time.monotonic():
                    answer = _answer(answers) if answers in answered else _late(one.job)
                    _end(running.pop(answers).process)
                    answers.close()
                    yield one.job.key, answer


def _begin(work: Callable[[], Any], folder: str) -> tuple[Connection, ForkProcess]:
    answers, ours = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_work, args=(work, ours, folder))
    process.start()
    ours.close()
    return answers, process


def _work(work: Callable[[], Any], answers: Connection, folder: str) -> None:
    """Work quietly, with a folder for what is temporary, in a process group that can be killed with all it began."""
    os.setsid()
    limit_memory()
    os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    answers.send(work())
    os._exit(0)


def limit_memory() -> None:
    """Let this process grow no further than that."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


def _answer(answers: Connection) -> Any:  # noqa: ANN401
    try:
        return answers.recv()
    except EOFError:
        return Lost("it did not end, or its process died")


def _end(process: ForkProcess) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()


def _late(job: Job[Any]) -> Lost:
    return Lost(f"not ended after {job.seconds:.0f} seconds")
