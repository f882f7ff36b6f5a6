"""Work that does not depend on other work, done on all cores. What is done is not known here."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from simulations.time.garbage import COLLECT_AFTER

P = TypeVar("P")
R = TypeVar("R")


def cores() -> int:
    """How many of this machine's cores we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parallel(work: Callable[[P], R], parts: Sequence[P], *, workers: int, at_a_time: int = 1) -> Iterator[R]:
    """What comes of each part, in the order of the parts: the same however many work on them.

    Args:
        work: a function of a module, so that another process finds it.
        parts: what it is called with.
        workers: processes; 1: this one alone.
        at_a_time: how many parts are sent there and back together; worth some tenths of a second.
    """
    if workers == 1:
        yield from map(work, parts)
        return
    with ProcessPoolExecutor(workers, initializer=_collect_rarely) as pool:
        try:
            yield from pool.map(work, parts, chunksize=at_a_time)
        finally:
            pool.shutdown(cancel_futures=True)


def _collect_rarely() -> None:
    """Spare the garbage collector what is there already, and most of its rounds: many small worlds come and go."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
