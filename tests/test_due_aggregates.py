"""Aggregates that are due: those due the longest come first, and one whose step has a defect keeps no other waiting."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import pytest

from payflows.errors import VersionConflict
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import Insert
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.engine import Engine
from payflows.kernel.repository import Repository
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Store
from payflows.kernel.worker import Worker
from payflows.testing.store_sample import PARCELS, START, Parcel, ParcelStatus, a_parcel
from simulations.time.hand_clock import HandClock

MINUTE_SECONDS = 60


class Lockers:
    """Parcels that go back as soon as they are due; of those that are sick the step has a defect.

    Args:
        store: keeps them.
        sick: their ids.
    """

    def __init__(self, store: Store, *, sick: Collection[str]) -> None:
        self.clock = HandClock(START)
        self.run = self.clock.run
        self._store = store
        self._sick = sick
        self._parcels = Repository(
            PARCELS, store=store, clock=self.clock, retry=RetryPolicy(), lease_seconds=60, review_after_seconds=3_600
        )
        steps = {ParcelStatus.STORED: self._fetch, ParcelStatus.FETCHED: self._rest}
        self._engine = Engine(self._parcels, steps)
        self.timers = DueAggregates(PARCELS, self._advance, store=store, batch=1)

    def add(self, number: int, *, minutes: int) -> str:
        """Put a parcel into a locker, to go back after some minutes."""
        return self.run(self._store.add(PARCELS, a_parcel(number, minutes=minutes))).id

    def look(self, times: int) -> None:
        """Look so often for the one parcel that is due the longest, whatever its step raises."""
        for _ in range(times):
            with suppress(ExceptionGroup):
                self.run(self.timers.run_once(self.clock.now()))

    def parcel(self, id: str) -> Parcel:
        """The parcel as stored."""
        return self.run(self._store.get(PARCELS, id))

    async def _advance(self, id: str) -> Parcel:
        return await self._engine.advance(await self._parcels.get(id))

    async def _fetch(self, parcel: Parcel) -> Parcel:
        if parcel.id in self._sick:
            raise ZeroDivisionError("a defect of ours")
        return await self._parcels.transition(parcel, ParcelStatus.FETCHED)

    async def _rest(self, parcel: Parcel) -> None:
        """Nothing is left to do."""


def test_those_due_the_longest_come_first(store: Store) -> None:
    lockers = Lockers(store, sick=())
    late, early = lockers.add(1, minutes=20), lockers.add(2, minutes=10)
    lockers.clock.pass_time(30 * MINUTE_SECONDS)

    lockers.look(times=1)

    assert lockers.parcel(early).status is ParcelStatus.FETCHED
    assert lockers.parcel(late).status is ParcelStatus.STORED


def test_a_sick_one_is_put_off_and_the_next_one_has_its_turn(store: Store) -> None:
    lockers = Lockers(store, sick=["par_1"])
    sick, well = lockers.add(1, minutes=10), lockers.add(2, minutes=20)
    lockers.clock.pass_time(30 * MINUTE_SECONDS)

    lockers.look(times=2)

    assert lockers.parcel(well).status is ParcelStatus.FETCHED
    put_off = lockers.parcel(sick)
    assert (put_off.status, put_off.failures) == (ParcelStatus.STORED, 1)
    assert put_off.back_off_until is not None
    assert put_off.back_off_until > lockers.clock.now()


def test_sick_ones_that_come_again_and_again_keep_no_other_waiting(store: Store) -> None:
    """For eight hours three are sick, and every quarter of an hour one more is due that is well."""
    lockers = Lockers(store, sick=["par_1", "par_2", "par_3"])
    sick = [lockers.add(number, minutes=0) for number in (1, 2, 3)]
    for quarter in range(32):
        well = lockers.add(4 + quarter, minutes=15 * quarter)
        lockers.look(times=4)
        assert lockers.parcel(well).status is ParcelStatus.FETCHED
        lockers.clock.pass_time(15 * MINUTE_SECONDS)

    reviews = [lockers.parcel(id).review for id in sick]
    assert [review.reason for review in reviews if isinstance(review, Review)] == ["no answer"] * 3


def test_the_worker_says_what_is_wrong_and_does_the_rest_when_it_is_started_again(store: Store) -> None:
    lockers = Lockers(store, sick=["par_1"])
    sick, well = lockers.add(1, minutes=10), lockers.add(2, minutes=20)
    lockers.clock.pass_time(30 * MINUTE_SECONDS)
    worker = Worker([lockers.timers], clock=lockers.clock)

    with pytest.raises(ExceptionGroup, match="errors that are ours") as raised:
        lockers.run(worker.run_due())
    next_due_at = lockers.run(worker.run_due())

    assert raised.group_contains(ZeroDivisionError, match="a defect of ours")
    assert lockers.parcel(well).status is ParcelStatus.FETCHED
    assert next_due_at == lockers.parcel(sick).back_off_until


def test_what_another_has_added_meanwhile_is_a_conflict_and_is_looked_at_again(store: Store) -> None:
    """Each write is made with what goes with it, or not at all."""
    clock = HandClock(START)
    parcels = Repository(
        PARCELS, store=store, clock=clock, retry=RetryPolicy(), lease_seconds=60, review_after_seconds=3_600
    )
    read = clock.run(store.add(PARCELS, a_parcel(1)))
    clock.run(store.add(PARCELS, a_parcel(2)))

    with pytest.raises(VersionConflict, match="parcel"):
        clock.run(parcels.update(read, Insert(PARCELS, a_parcel(2)), code="code_9"))

    assert clock.run(store.get(PARCELS, read.id)) == read
