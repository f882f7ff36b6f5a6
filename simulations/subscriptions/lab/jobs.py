"""The work of an experiment: jobs, none of which depends on another, on threads, processes or a cluster.

All of these give the same sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial, reduce
from itertools import groupby
from pickle import dumps, loads
from typing import NamedTuple

import numpy as np
from payflows.checks import instance_of, whole_number
from tqdm.auto import tqdm

from simulations.models.costs import DunningCosts
from simulations.models.dunning import Outcome
from simulations.subscriptions.lab import columns as c
from simulations.subscriptions.lab.columns import EPISODE_COLUMNS, EndedBy
from simulations.subscriptions.lab.compiling import has_compiler
from simulations.subscriptions.lab.dunned import Scratch
from simulations.subscriptions.lab.engine import BLOCK, Lives, lives, room_of, sign_ups
from simulations.subscriptions.lab.measures import Tally, tally_of
from simulations.subscriptions.lab.tables import renewals_of
from simulations.subscriptions.year.dunning import DunningOutcome
from simulations.subscriptions.year.measures import Cause
from simulations.subscriptions.year.models import DAY_SECONDS
from simulations.subscriptions.year.rows import Life
from simulations.subscriptions.year.run import live
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.time.parallel import parallel
from simulations.time.world import START

PART = 16 * BLOCK
"""Subscribers of one job: the sums are added in this order, whoever makes them."""


class Engine(StrEnum):
    """What lets subscribers live."""

    ARRAYS = "arrays"
    WORLD = "world"
    """The real flow in the virtual world: thousands of times slower, and the same where webhooks have no delay."""


class Job(NamedTuple):
    """Some subscribers, who live through one scenario or several.

    Attributes:
        scenarios: the same subscribers, by each policy.
        seed: all chance.
        first: the number of the first subscriber.
        subscribers: how many.
        number: of the experiment of which this is a part.
    """

    scenarios: tuple[SubscriberYear, ...]
    seed: int
    first: int
    subscribers: int
    number: int = 0


Work = Callable[[Sequence[Job]], list[Tally]]
Rooms = Callable[[int, int], Scratch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """How experiments are run. None of it changes a result, but `costs` and which engine.

    Attributes:
        engine: what lets subscribers live.
        costs: of collecting.
        workers: how many work: threads for arrays, which compiled code keeps busy, and processes for the world.
        executor: works instead of these, such as `Client(cluster).get_executor()` of Dask.
        at_a_time: how many jobs a worker is given together, worth a tenth of a second where there are thousands: each
            time the thread that asked wakes up, and another one or a cluster waits for it.
        progress: show a bar of the jobs.
    """

    engine: Engine = Engine.ARRAYS
    costs: DunningCosts = field(default_factory=DunningCosts)
    workers: int = 1
    executor: Executor | None = None
    at_a_time: int = 1
    progress: bool = False

    def __post_init__(self) -> None:
        instance_of("engine", self.engine, Engine)
        instance_of("costs", self.costs, DunningCosts)
        whole_number("workers", self.workers, least=1, most=1_024)
        instance_of("executor", self.executor, Executor, None)
        whole_number("at_a_time", self.at_a_time, least=1)
        instance_of("progress", self.progress, bool)

    def tallies(self, jobs: Sequence[Job]) -> Iterator[Tally]:
        """Yield the sums of each experiment, in order, while others are still run."""
        done = self._done(jobs)
        for _, group in groupby(jobs, key=lambda job: job.number):
            yield reduce(Tally.plus, [next(done) for _ in group])

    def _done(self, jobs: Sequence[Job]) -> Iterator[Tally]:
        """Yield the sums of each job."""
        work = partial(tallies, self.engine, self.costs)
        parts = [jobs[start : start + self.at_a_time] for start in range(0, len(jobs), self.at_a_time)]
        with tqdm(total=len(jobs), desc="jobs", disable=not self.progress) as bar:
            for each in self._spread(work, parts):
                bar.update(len(each))
                yield from each

    def _spread(self, work: Work, parts: Sequence[Sequence[Job]]) -> Iterable[list[Tally]]:
        if self.executor is not None:
            return self.executor.map(partial(_unpacked, work), list(map(dumps, parts)))
        if self.workers == 1 or self.engine is Engine.WORLD:
            return parallel(work, parts, workers=self.workers)
        return _on_threads(work, parts, self.workers)


def _unpacked(work: Work, packed: bytes) -> list[Tally]:
    """Do work that was packed: Dask would hash what it is given field by field, while its workers wait."""
    return work(loads(packed))


def _on_threads(work: Work, parts: Sequence[Sequence[Job]], workers: int) -> Iterator[list[Tally]]:
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, parts)


def jobs_of(scenarios: tuple[SubscriberYear, ...], seed: int, number: int = 0, *, first: int = 0) -> Iterator[Job]:
    """Yield the jobs of an experiment.

    Args:
        scenarios: which the same subscribers live through.
        seed: all chance.
        number: of the experiment.
        first: the number of its first subscriber.
    """
    whole_number("seed", seed, most=(1 << 63) - 1)
    for scenario in scenarios:
        instance_of("scenario", scenario, SubscriberYear)
    end = first + scenarios[0].subscribers
    for start in range(first, end, PART):
        yield Job(scenarios, seed, start, min(PART, end - start), number)


def tallies(engine: Engine, costs: DunningCosts, jobs: Sequence[Job]) -> list[Tally]:
    """Return the sums of each job; one after another lives in the same rooms, which take a while to make."""
    rooms = cache(_room)
    return [tally(engine, costs, job, rooms) for job in jobs]


def tally(engine: Engine, costs: DunningCosts, job: Job, rooms: Rooms) -> Tally:
    """Return the sums of a job."""
    until = job.scenarios[0].days * DAY_SECONDS
    runs = [_run(engine, job, number, rooms) for number in range(len(job.scenarios))]
    return reduce(Tally.plus, (tally_of(blocks, until, costs) for blocks in zip(*runs, strict=True)))


def _run(engine: Engine, job: Job, number: int, rooms: Rooms) -> Iterator[Lives]:
    scenario = job.scenarios[number]
    if engine is Engine.WORLD:
        return lives_in_the_world(scenario, seed=job.seed, first=job.first, count=job.subscribers)
    room = rooms(number, renewals_of(scenario))
    return lives(scenario, seed=job.seed, first=job.first, count=job.subscribers, room=room)


def _room(number: int, renewals: int) -> Scratch:
    """Return room for the run of that number: those of a job live at the same time."""
    return room_of(renewals, has_compiler())


_OUTCOMES = {
    DunningOutcome.CARD_UPDATED: Outcome.UPDATED_AFTER_NOTICE,
    DunningOutcome.RETRY_SUCCEEDED: Outcome.RETRY_SUCCEEDED,
    DunningOutcome.CUSTOMER_CANCELLED: Outcome.CANCELLED_OTHERWISE,
    DunningOutcome.RAN_OUT: Outcome.RAN_OUT,
    DunningOutcome.IN_PROGRESS: 0,
}


def lives_in_the_world(scenario: SubscriberYear, *, seed: int, first: int, count: int) -> Iterator[Lives]:
    """Yield the lives of subscribers with the real flow, as far as measures look at them."""
    for start in range(first, first + count, BLOCK):
        numbers = range(start, min(start + BLOCK, first + count))
        lived = [live(scenario, seed, number, check=None) for number in numbers]
        rows = sign_ups(scenario, seed, start, len(numbers)).copy()
        for row, each in zip(rows, lived, strict=True):
            row[c.PAID] = each.subscriber.paid_minor // row[c.TOTAL_MINOR]
            row[[c.ENDED_AT, c.ENDED_BY]] = _end(each)
        episodes = [episode for each in lived for episode in _episodes(each)]
        yield Lives(start, rows, np.array(episodes, np.int64).reshape(-1, EPISODE_COLUMNS))


def _end(life: Life) -> tuple[int, int]:
    row = life.subscriber
    if row.ended_at is None:
        return 0, EndedBy.NOTHING
    return _second(row.ended_at), EndedBy.DUNNING if row.cause == Cause.INVOLUNTARY else EndedBy.CUSTOMER


def _episodes(life: Life) -> Iterator[list[int]]:
    for each in life.episodes:
        row = [0] * EPISODE_COLUMNS
        row[c.SUBSCRIBER], row[c.FAILED_AT] = each.subscriber, _second(each.failed_at)
        row[c.OUTCOME] = _OUTCOMES[DunningOutcome(each.outcome)]
        row[c.OVER_AT] = 0 if each.ended_at is None else _second(each.ended_at)
        row[c.ATTEMPTS], row[c.NOTICES], row[c.CARDS] = each.attempts, each.notices, each.cards
        yield row


def _second(at: datetime) -> int:
    return (at - START) // timedelta(seconds=1)
