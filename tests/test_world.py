"""Virtual time: whole microseconds, and foreign awaits explained. Tasks have a file of their own."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import InvalidPolicy
from simulations.time.world import START, ForeignAwait, World

HOUR = 3_600


@pytest.fixture
def world() -> World:
    return World()


# Time.


def test_ten_sleeps_of_a_tenth_of_a_second_are_one_second(world: World) -> None:
    async def nap() -> None:
        for _ in range(10):
            await world.sleep(0.1)

    world.run(nap())

    assert world.now_us == 1_000_000
    assert world.now() == START + timedelta(seconds=1)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_time_is_whole_microseconds_whatever_is_slept(naps: list[float]) -> None:
    world = World()

    async def sleep_all() -> None:
        for seconds in naps:
            await world.sleep(seconds)

    world.run(sleep_all())

    assert type(world.now_us) is int
    assert world.now_us == sum(round(seconds * 1_000_000) for seconds in naps)
    assert world.us_at(world.now()) == world.now_us


def test_years_pass_in_no_time(world: World) -> None:
    world.run(world.sleep(10 * 365 * 24 * HOUR))

    assert world.now() == START + timedelta(days=3_650)


@pytest.mark.parametrize("seconds", [0, -1, -1e-9])
def test_a_wait_of_nothing_or_less_is_none(world: World, seconds: float) -> None:
    world.run(world.sleep(seconds))

    assert world.now_us == 0


def test_it_waits_for_a_moment_and_not_at_all_for_one_that_is_past(world: World) -> None:
    at_noon = START + timedelta(hours=12)

    world.run(world.sleep_until(at_noon))
    assert world.now() == at_noon
    world.run(world.sleep_until(START))
    world.run(world.sleep_until(at_noon))

    assert world.now() == at_noon


def test_a_world_begins_at_a_given_moment_and_counts_from_there() -> None:
    start = datetime(2024, 2, 29, 23, 0, tzinfo=UTC)
    world = World(start)

    world.run(world.sleep_until(datetime(2024, 3, 1, 1, 0, tzinfo=UTC)))

    assert world.now_us == 2 * HOUR * 1_000_000
    assert world.us_at(start - timedelta(microseconds=1)) == -1


def test_moments_in_another_time_zone_are_the_same_moments(world: World) -> None:
    elsewhere = (START + timedelta(hours=3)).astimezone(timezone(timedelta(hours=-7)))

    world.run(world.sleep_until(elsewhere))

    assert world.now() == elsewhere
    assert world.now().tzinfo is UTC


def test_so_much_time_passes_as_is_asked(world: World) -> None:
    seen: list[int] = []

    async def tick() -> None:
        while True:
            await world.sleep(10)
            seen.append(world.now_us // 1_000_000)

    world.start(tick())

    world.run_for(25)
    assert (seen, world.now_us) == ([10, 20], 25_000_000)
    world.run_for(10)

    assert seen == [10, 20, 30]


def test_after_calls_a_plain_function_at_its_moment(world: World) -> None:
    seen: list[tuple[str, int]] = []
    for name, seconds in (("late", 2), ("soon", 0.5), ("now", 0), ("never mind", -3)):
        world.after(seconds, lambda name=name: seen.append((name, world.now_us)))  # type: ignore[misc]

    world.run_for(3)

    assert seen == [("now", 0), ("never mind", 0), ("soon", 500_000), ("late", 2_000_000)]


# Foreign awaits.


async def on_a_future() -> None:
    await asyncio.Future()


async def on_an_event() -> None:
    await asyncio.Event().wait()


async def on_asyncio_sleep() -> None:
    await asyncio.sleep(1)


async def on_a_bare_yield() -> None:
    await asyncio.sleep(0)


def inside_asyncio(work: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run it in virtual time while an asyncio loop runs, as in a notebook."""

    async def notebook() -> None:
        World().run(work())

    asyncio.run(notebook())


@pytest.mark.parametrize("work", [on_a_future, on_an_event, on_asyncio_sleep, on_a_bare_yield])
def test_a_foreign_await_inside_a_loop_is_explained(work: Callable[[], Coroutine[object, object, None]]) -> None:
    with pytest.raises(
        ForeignAwait, match=f"'{work.__name__}' awaited .*only asyncio could wake.*the World's own sleep"
    ):
        inside_asyncio(work)


def test_a_foreign_await_without_a_loop_is_explained(world: World) -> None:
    with pytest.raises(RuntimeError, match="no running event loop") as raised:
        world.run(on_asyncio_sleep())

    assert any("await the World's own sleep" in note for note in raised.value.__notes__)


def test_a_coroutine_that_awaits_something_foreign_is_closed(world: World) -> None:
    seen: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            seen.append("tidied")

    with pytest.raises(ForeignAwait):
        world.run(tidy())

    assert seen == ["tidied"]


def test_virtual_time_passes_in_a_notebook(world: World) -> None:
    async def notebook() -> datetime:
        world.run(world.sleep(HOUR))
        return world.now()

    assert asyncio.run(notebook()) == START + timedelta(hours=1)


def test_time_may_stand_still_and_never_runs_back() -> None:
    world = World()

    world.run_for(0)

    assert world.now_us == 0
    with pytest.raises(InvalidPolicy, match="seconds must be a number from 0"):
        world.run_for(-1)


def test_work_that_was_started_as_the_world_was_left_is_closed() -> None:
    def leave_a_world() -> None:
        world = World()
        world.start(world.sleep(1))

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        leave_a_world()
        gc.collect()

    assert warned == []
