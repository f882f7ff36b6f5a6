"""A clock moved by hand: small, and otherwise like the World's."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from simulations.time.hand_clock import HandClock, OwnClock


def test_what_is_due_happens_at_its_moment_and_in_order() -> None:
    clock = HandClock()
    seen: list[tuple[str, int]] = []
    for name, seconds in (("second", 2), ("first", 1), ("second too", 2), ("never", 4)):
        clock.after(seconds, lambda name=name: seen.append((name, clock.now_us)))  # type: ignore[misc]

    clock.pass_time(3)

    assert seen == [("first", 1_000_000), ("second", 2_000_000), ("second too", 2_000_000)]
    assert clock.now_us == 3_000_000


def test_a_coroutine_that_sleeps_moves_it() -> None:
    clock = HandClock()

    async def doze() -> str:
        await clock.sleep(0.1)
        await clock.sleep(0.2)
        return "rested"

    assert clock.run(doze()) == "rested"
    assert clock.now_us == 300_000


def test_a_coroutine_that_waits_for_something_else_is_ended() -> None:
    ended: list[bool] = []

    async def wait_for_asyncio() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append(True)

    with pytest.raises(RuntimeError, match="something else than this clock"):
        HandClock().run(wait_for_asyncio())
    assert ended == [True]


def test_a_clock_that_is_wrong_goes_as_fast_as_the_right_one() -> None:
    right = HandClock()
    own = OwnClock(right)
    before = own.now()
    own.step(timedelta(minutes=-4))

    right.run(own.sleep(600))
    right.run(own.sleep_until(before + timedelta(minutes=10)))

    assert own.now() == before + timedelta(minutes=10)
    assert right.now() == before + timedelta(minutes=14)
