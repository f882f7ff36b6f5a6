"""One failed invoice: what ends it, what comes first within an hour, and the same luck under every schedule."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.models import (
    NEVER,
    Cause,
    DunningTables,
    Ending,
    Outcome,
    Schedule,
    accepted_parameters,
    case_of,
    cases_of,
    chance,
    follow,
    follow_all,
    tables_of,
)
from simulations.models.chance import uniform
from simulations.models.targets import CAMPAIGN, SEED_AS_GAPS, SIX_MAILS_AND_RETRIES
from simulations.time.draws import Stream, bits_of
from tests.model_schedules import FOUR_IN_21_DAYS, NONE, SCHEDULES
from tests.model_tables import CENTRAL, IDLE, only, over_from

PROPERTY = settings(max_examples=30, deadline=None, derandomize=True, database=None)
UPDATES: dict[str, Any] = {"response": (1e9,) * len(Cause), "new_card_approved": 1.0}


def ending_of(tables: DunningTables, schedule: Schedule, case: int = 1) -> Ending:
    return follow(tables, case, schedule.attempts, schedule.notices, schedule.close)


# What ends a case.


def test_where_nothing_happens_the_case_runs_out_at_the_close() -> None:
    assert ending_of(IDLE, FOUR_IN_21_DAYS) == Ending(Outcome.RAN_OUT, 504, attempts=4, notices=4, updates=0)


def test_a_case_may_be_closed_when_it_fails() -> None:
    assert ending_of(IDLE, Schedule(notices=(0,), close=0)) == Ending(Outcome.RAN_OUT, 0, 0, notices=1, updates=0)


def test_the_first_retry_after_the_cure_is_paid_and_drops_the_rest() -> None:
    cured = IDLE._replace(transient_cure=1.0, transient_curve=over_from(100))

    assert ending_of(cured, FOUR_IN_21_DAYS) == Ending(Outcome.RETRY_SUCCEEDED, 192, attempts=2, notices=2, updates=0)


def test_a_notice_brings_a_card_an_hour_to_a_day_later() -> None:
    endings = follow_all(IDLE._replace(**UPDATES), cases_of(1, 10_000), FOUR_IN_21_DAYS)

    assert set(endings.outcome) == {Outcome.UPDATED_AFTER_NOTICE}
    assert set(endings.hour) == set(range(1, 25))


def test_a_card_that_is_declined_leaves_the_case_open() -> None:
    tables = IDLE._replace(response=UPDATES["response"], new_card_approved=0.0)

    assert ending_of(tables, FOUR_IN_21_DAYS) == Ending(Outcome.RAN_OUT, 504, attempts=4, notices=4, updates=4)


def test_a_notice_at_the_close_brings_no_card() -> None:
    schedule = Schedule(notices=(24,), close=24)

    assert ending_of(IDLE._replace(**UPDATES), schedule) == Ending(Outcome.RAN_OUT, 24, 0, 1, 0)


def test_after_a_hard_code_notices_go_on_and_retries_do_not() -> None:
    dead = IDLE._replace(causes=only(Cause.DEAD_CARD), opaque=(0.0,) * len(Cause))

    assert ending_of(dead, FOUR_IN_21_DAYS) == Ending(Outcome.RAN_OUT, 504, attempts=0, notices=4, updates=0)


@pytest.mark.parametrize("cause", [Cause.DEAD_CARD, Cause.AUTH_REQUIRED])
def test_an_opaque_code_lets_a_policy_retry_cards_that_never_pay(cause: Cause) -> None:
    opaque = IDLE._replace(causes=only(cause), opaque=(1.0,) * len(Cause))

    assert ending_of(opaque, FOUR_IN_21_DAYS) == Ending(Outcome.RAN_OUT, 504, attempts=4, notices=4, updates=0)


# The order within one hour, of which each row's first comes before its second.

HOUR = 48
AT_HOUR: dict[Outcome, dict[str, Any]] = {
    Outcome.UPDATED_AFTER_NOTICE: {"response": UPDATES["response"], "delay_least_hours": HOUR, "delay_span_hours": 1},
    Outcome.UPDATED_SPONTANEOUSLY: {"spontaneous_curve": over_from(HOUR)},
    Outcome.RETRY_SUCCEEDED: {"transient_cure": 1.0, "transient_curve": over_from(HOUR)},
    Outcome.CANCELLED_ON_NOTICE: {"cancel_per_notice": 1.0},
    Outcome.CANCELLED_OTHERWISE: {"flat_curve": over_from(HOUR)},
    Outcome.RAN_OUT: {},
}
"""What lets a case end so at that hour."""


@pytest.mark.parametrize(("first", "second"), list(combinations(AT_HOUR, 2)), ids=lambda outcome: outcome.name.lower())
def test_the_order_within_an_hour(first: Outcome, second: Outcome) -> None:
    tables = IDLE._replace(new_card_approved=1.0, **AT_HOUR[first], **AT_HOUR[second])
    by_notice = Outcome.UPDATED_AFTER_NOTICE in (first, second)
    schedule = Schedule(attempts=(HOUR,), notices=(0,) if by_notice else (HOUR,), close=HOUR)

    ending = ending_of(tables, schedule)

    assert (ending.outcome, ending.hour) == (first, HOUR)
    assert ending.attempts == (first >= Outcome.RETRY_SUCCEEDED)
    assert ending.notices == (by_notice or first >= Outcome.CANCELLED_ON_NOTICE)


# The same luck.


def test_draws_are_those_of_the_simulations() -> None:
    case = case_of(7, 12, 3)

    assert uniform(case, chance.NOTICE, 4) == Stream(case).uniform(bits_of("dunning reaction to notice"), 4)


def first_difference(one: Schedule, other: Schedule) -> int:
    """Return the first hour at which two schedules do something else."""
    differing = [set(one.attempts) ^ set(other.attempts), set(one.notices) ^ set(other.notices)]
    return min(
        one.close if one.close != other.close else NEVER, other.close, *(min(each, default=NEVER) for each in differing)
    )


@pytest.mark.parametrize(("one", "other"), list(combinations(SCHEDULES, 2)))
def test_two_schedules_meet_the_same_luck_until_they_differ(one: str, other: str) -> None:
    cases, until = cases_of(3, 5_000), first_difference(SCHEDULES[one], SCHEDULES[other])

    ours, theirs = (follow_all(CENTRAL, cases, SCHEDULES[name]) for name in (one, other))

    early = (ours.hour < until) | (theirs.hour < until)
    assert all((mine[early] == yours[early]).all() for mine, yours in zip(ours, theirs, strict=True))
    assert any((mine[~early] != yours[~early]).any() for mine, yours in zip(ours, theirs, strict=True))
    assert early.any() or until <= 24


def test_a_schedule_against_itself_differs_by_exactly_nothing() -> None:
    cases = cases_of(3, 5_000)

    one, again = (follow_all(CENTRAL, cases, SEED_AS_GAPS) for _ in range(2))

    assert all((mine == yours).all() for mine, yours in zip(one, again, strict=True))


# Many cases on arrays.

hours = st.lists(st.integers(1, 900), max_size=15, unique=True).map(sorted)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    attempts, notices, close = draw(hours), draw(hours), draw(st.integers(0, 1_000))
    return Schedule(
        attempts=tuple(hour for hour in attempts if hour <= close),
        notices=tuple(hour - 1 for hour in notices if hour <= close),
        close=close,
        allow_uncalibrated=True,
    )


def assert_equal_case_by_case(tables: DunningTables, schedule: Schedule, seed: int, subscribers: int) -> None:
    together = np.column_stack(follow_all(tables, cases_of(seed, subscribers, 2), schedule))
    alone = [ending_of(tables, schedule, case_of(seed, subscriber, 2)) for subscriber in range(subscribers)]

    assert together.tolist() == [list(ending) for ending in alone]


@PROPERTY
@given(st.integers(0, 299), st.booleans(), schedules(), st.integers(0, 1 << 40))
def test_many_cases_end_as_each_does_alone(row: int, is_mix_of_2024: bool, schedule: Schedule, seed: int) -> None:
    """Any accepted set, any schedule: one walks through time, the other takes the earliest of all that could be."""
    parameters = accepted_parameters()[row]
    tables = tables_of(parameters.with_mix_of_2024() if is_mix_of_2024 else parameters)

    assert_equal_case_by_case(tables, schedule, seed, 60)


@pytest.mark.parametrize("schedule", [CAMPAIGN, SIX_MAILS_AND_RETRIES, NONE])
def test_many_cases_end_as_each_does_alone_under_calibrated_schedules(schedule: Schedule) -> None:
    assert_equal_case_by_case(CENTRAL, schedule, 20_260_101, 2_000)


def test_every_outcome_occurs() -> None:
    endings: Sequence[int] = follow_all(CENTRAL, cases_of(3, 5_000), FOUR_IN_21_DAYS).outcome.tolist()

    assert set(endings) == set(Outcome)
