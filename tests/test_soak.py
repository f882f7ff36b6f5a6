"""A shop is open for weeks in bad weather, and keeps all promises; a hundred shop-years by `make soak`."""

from __future__ import annotations

import pytest

from payflows.payments.model import CaptureMode
from simulations.checkout.soak.customers import ORDERS_A_DAY
from simulations.checkout.soak.fault_schedule import FaultSchedule
from simulations.checkout.soak.soak import settings_of
from simulations.checkout.soak.universe import OneByOneClock
from simulations.checkout.soak.years import SoakCount, soak
from simulations.checkout.testbed import CHECKOUT
from simulations.commands.main import main
from simulations.time.draws import Draws
from tests.mutants.table import MUTANTS

DAYS = 25


@pytest.fixture(scope="module")
def count() -> SoakCount:
    return soak([1, 2], days=DAYS)


def test_weeks_of_bad_weather_break_no_promise(count: SoakCount) -> None:
    assert not count.broken, count.broken
    assert count.days == 2 * DAYS


def test_it_was_bad_weather(count: SoakCount) -> None:
    assert 0.01 < count.struck.total() / count.calls < 0.025
    assert count.struck["crash_before"] + count.struck["crash_after"] == count.days
    assert (
        min(
            count.struck[kind]
            for kind in ("outage", "responses_dropped", "requests_dropped", "version_conflict", "duplicated")
        )
        > 50
    )
    assert 0.5 * count.days < count.calm_days <= count.days


def test_most_orders_are_closed_in_all_ways_that_an_order_can_end(count: SoakCount) -> None:
    assert count.ended.total() > 0.75 * count.days * ORDERS_A_DAY
    assert min(count.ended[status] for status in ("delivered", "cancelled", "payment_failed")) > 15


def test_every_other_shop_takes_the_money_immediately() -> None:
    captures = [settings_of(seed).policy.capture for seed in (1, 2)]

    assert captures == [CaptureMode.AUTOMATIC, CaptureMode.MANUAL]


def test_the_same_seeds_are_the_same_shops_however_many_processes_there_are() -> None:
    alone, together = (soak([3, 4], days=3, workers=workers) for workers in (1, 2))

    assert alone == together
    assert soak([3], days=3) != soak([5], days=3)


# That it would find something


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("silence is a decline", 2),
        ("waits without a timer", 2),
        ("ships before the capture", 2),
        ("a new parcel each try", 2),
        ("leaves strays", 5),
        ("ships unread", 2),
        ("stock goes first", 2),
    ],
)
def test_a_mutant_is_found_within_days(name: str, seed: int) -> None:
    factory = MUTANTS[name].factory

    ((line, breach),) = soak([seed], days=15, factory=factory).broken

    days = int(line.removeprefix(f"payflows soak --seed {seed} --years 1 --days "))
    assert soak([seed], days=days, factory=factory).broken == ((line, breach),)
    assert days == 1 or not soak([seed], days=days - 1, factory=factory).broken


# The weather, and the time.


def test_once_a_day_the_process_is_gone_and_in_a_calm_nothing_strikes() -> None:
    weather, site = FaultSchedule(Draws(1)), CHECKOUT.site("stripe", "capture_payment")
    weather.begin_day(0, 0)

    struck = [fault for number in range(1, 20_001) if (fault := weather.fault_at(number, site)) is not None]
    weather.calm()
    later = [weather.fault_at(number, site) for number in range(20_001, 40_000)]

    assert [fault.kind.startswith("crash_") for fault in struck].count(True) == 1
    assert 300 < len(struck) < 500
    assert set(later) == {None}


def test_what_lasts_is_mostly_short_and_at_times_very_long() -> None:
    weather, site = FaultSchedule(Draws(1)), CHECKOUT.site("carrier", "book")
    weather.begin_day(0, 0)

    struck = (weather.fault_at(number, site) for number in range(1, 400_000))
    lengths = [fault.seconds for fault in struck if fault is not None and fault.seconds]

    assert sum(seconds <= 60 for seconds in lengths) > 0.6 * len(lengths)
    assert max(lengths) >= 90_000


def test_who_comes_while_another_is_served_waits_and_who_waits_for_an_answer_holds_up_no_other() -> None:
    clock, done = OneByOneClock(), list[tuple[str, int]]()

    def serve(name: str, seconds: int) -> None:
        clock.pass_time(seconds)
        done.append((name, clock.now_us // 1_000_000))

    clock.after(10, lambda: serve("first", 30))
    clock.after(20, lambda: serve("second", 5))
    clock.run(clock.sleep(60))

    assert done == [("first", 40), ("second", 45)]
    assert clock.now_us == 60_000_000


# From the command line.


def test_years_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", "--seed", "7", "--years", "2", "--days", "2", "--workers", "1"]) == 0

    said = capsys.readouterr().out
    assert said.startswith("4 days, ")
    assert "0 of 2 shops broken" in said


@pytest.mark.parametrize("bad", [["--years", "0"], ["--days", "0"], ["--seed", "-1"], ["--workers", "0"]])
def test_what_is_no_soak_is_refused(bad: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", *bad]) == 2
    assert "payflows:" in capsys.readouterr().err
