"""Kinds of fault of our own side: a task that is cancelled while its process goes on, and a clock that is set."""

from __future__ import annotations

import pytest

from simulations.checkout.testbed import CHECKOUT
from simulations.search.plan import Fault, read
from simulations.search.process import Crash
from simulations.search.search import run
from tests.corrupted_universe import checkout
from tests.test_fault_kinds import Counter


def test_a_task_that_is_cancelled_leaves_its_process_as_it_is() -> None:
    counter = Counter(Fault(1, "task_cancelled"))
    app = counter.universe.app

    assert counter.create() is Crash.OF_THE_TASK

    assert counter.universe.app is app
    assert counter.made == 1


@pytest.mark.parametrize(("kind", "ahead_seconds"), [("clock_forward", 240), ("clock_back", -240)])
def test_a_clock_that_is_set_is_our_own_alone_and_the_call_is_made(kind: str, ahead_seconds: int) -> None:
    async def make() -> object:
        return "made"

    shop = checkout((Fault(1, kind),))

    assert shop.universe.ask(shop.universe.send(CHECKOUT.site("store", "change"), make)) == "made"

    assert (shop.universe.own_clock.now() - shop.clock.now()).total_seconds() == ahead_seconds
    assert shop.clock.now_us == 0


@pytest.mark.parametrize(
    "line",
    [
        "refunded 3:clock_forward+5:clock_forward+12:responses_dropped/700",
        "cancelled_at_the_bank 12:requests_dropped/1300+24:clock_forward+25:clock_forward",
        "dispute_lost_by_webhook 3:clock_back+5:clock_back+12:outage/700",
    ],
)
def test_what_our_clock_dates_is_judged_by_our_clock(line: str) -> None:
    story, plan = line.split(" ")

    assert not run(CHECKOUT, story, read(plan)).breaches
