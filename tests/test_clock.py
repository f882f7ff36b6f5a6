"""The clock on the wall, under asyncio; and that virtual time is a clock as well."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from payflows.clock import Clock, WallClock
from simulations.time.world import World


def test_the_wall_clock_is_aware_utc_and_right() -> None:
    before = datetime.now(UTC)

    now = WallClock().now()

    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_the_wall_clock_waits_for_a_moment() -> None:
    clock = WallClock()
    moment = clock.now() + timedelta(milliseconds=10)

    asyncio.run(clock.sleep_until(moment))

    assert clock.now() >= moment - timedelta(milliseconds=2)  # asyncio's own clock is another one


def test_the_wall_clock_waits_as_long_as_asked() -> None:
    async def slept_for(seconds: float) -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await WallClock().sleep(seconds)
        return loop.time() - before

    assert asyncio.run(slept_for(0.01)) >= 0.009


@pytest.mark.parametrize("clock", [WallClock(), World()], ids=["wall", "virtual"])
def test_a_moment_that_is_past_is_not_waited_for(clock: Clock) -> None:
    long_ago = clock.now() - timedelta(days=365)

    waiting = clock.sleep_until(long_ago)

    if isinstance(clock, World):
        clock.run(waiting)
        assert clock.now_us == 0
    else:
        asyncio.run(asyncio.wait_for(waiting, timeout=5))


def test_virtual_time_is_a_clock_for_the_flows() -> None:
    world = World(start=datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    clock: Clock = world

    world.run(clock.sleep_until(datetime(2026, 3, 29, 2, 30, tzinfo=UTC)))

    assert clock.now() == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
    assert world.now_us == 7_200_000_000
