"""Who does several pieces of work: all of them to the end, and all errors raised."""

from __future__ import annotations

import asyncio

import pytest

from payflows.errors import InvalidPolicy, OutcomeUnknown, PayflowsError
from payflows.kernel.runner import AsyncioRunner, SequentialRunner, TaskRunner, Work
from simulations.time.world import World

BROKEN, LATE = OutcomeUnknown("broken"), PayflowsError("late")


class Workshop:
    """Where pieces of work are done, and what was going on when."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.concurrent = 0
        self.most_concurrent = 0

    async def piece(self, name: str, *, turns: int = 1, error: Exception | None = None) -> None:
        self.concurrent += 1
        self.most_concurrent = max(self.most_concurrent, self.concurrent)
        self.diary.append(f"{name} begins")
        for _ in range(turns):
            await asyncio.sleep(0)
        self.diary.append(f"{name} ends")
        self.concurrent -= 1
        if error is not None:
            raise error


def crews() -> list[TaskRunner]:
    return [SequentialRunner(), AsyncioRunner(), AsyncioRunner(max_concurrent=1)]


@pytest.mark.parametrize("runner", crews(), ids=["one by one", "eight max_concurrent", "one lane"])
def test_all_is_done_whatever_becomes_of_each_and_every_error_is_raised(runner: TaskRunner) -> None:
    shop = Workshop()
    works = [shop.piece("a", error=BROKEN), shop.piece("b"), shop.piece("c", error=LATE), shop.piece("d")]

    with pytest.raises(ExceptionGroup) as failed:
        asyncio.run(runner.run_all(works))

    assert failed.value.exceptions == (BROKEN, LATE)
    assert {entry for entry in shop.diary if entry.endswith("ends")} == {"a ends", "b ends", "c ends", "d ends"}


@pytest.mark.parametrize("runner", crews(), ids=["one by one", "eight max_concurrent", "one lane"])
def test_no_work_is_done_immediately(runner: TaskRunner) -> None:
    asyncio.run(runner.run_all([]))


@pytest.mark.parametrize("runner", crews(), ids=["one by one", "eight max_concurrent", "one lane"])
def test_work_that_goes_well_tells_nothing(runner: TaskRunner) -> None:
    shop = Workshop()

    asyncio.run(runner.run_all(shop.piece(name) for name in "abc"))

    assert len(shop.diary) == 6


def test_one_by_one_begins_a_piece_when_the_one_before_has_ended() -> None:
    shop = Workshop()

    asyncio.run(SequentialRunner().run_all(shop.piece(name, turns=3) for name in "ab"))

    assert shop.diary == ["a begins", "a ends", "b begins", "b ends"]


def test_one_by_one_works_in_virtual_time() -> None:
    world, done = World(), []

    async def piece(minutes: int) -> None:
        await world.sleep(60 * minutes)
        done.append((minutes, world.now_us // 60_000_000))

    works: list[Work] = [piece(2), piece(1)]
    world.run(SequentialRunner().run_all(works))

    assert done == [(2, 2), (1, 3)]


@pytest.mark.parametrize(("max_concurrent", "pieces", "most"), [(1, 5, 1), (3, 10, 3), (8, 4, 4)])
def test_asyncio_does_as_many_concurrently_as_it_has_lanes(max_concurrent: int, pieces: int, most: int) -> None:
    shop = Workshop()

    asyncio.run(AsyncioRunner(max_concurrent).run_all(shop.piece(str(number), turns=5) for number in range(pieces)))

    assert shop.most_concurrent == most
    assert len(shop.diary) == 2 * pieces


@pytest.mark.parametrize("max_concurrent", [0, -1, 1.5, True, "8"])
def test_a_crew_without_lanes_is_refused_instead_of_waiting_for_ever(max_concurrent: object) -> None:
    with pytest.raises(InvalidPolicy, match="max_concurrent must be a whole number from 1"):
        AsyncioRunner(max_concurrent)  # type: ignore[arg-type]
