"""Billing periods by the calendar: each begins on the anchor's day, or on the last day of a month that is shorter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

from simulations.stripe.billing.calendar import add_months, boundary
from simulations.time.draws import Draws

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
CENTURY_SECONDS = 100 * 365 * 86_400
MOST_MONTHS = 12 * 30


def is_as_the_calendar_says(case: int) -> None:
    """A drawn moment, some months later, is what an independent calendar says."""
    draws = Draws(1).of("anchor")
    anchor = EARLIEST + timedelta(seconds=draws.below(CENTURY_SECONDS, case, 1))
    months = draws.below(MOST_MONTHS, case, 2)

    moment = add_months(anchor, months)

    assert moment == anchor + relativedelta(months=months), (anchor, months)
    assert moment.day == anchor.day or (moment + timedelta(days=1)).day == 1 <= moment.day < anchor.day
    assert boundary(int(anchor.timestamp()), months) == int(moment.timestamp())


def test_months_later_is_what_the_calendar_says() -> None:
    for case in range(2_000):
        is_as_the_calendar_says(case)


@pytest.mark.on_demand
def test_months_later_is_what_the_calendar_says_in_very_many_cases() -> None:
    for case in range(100_000):
        is_as_the_calendar_says(case)


@pytest.mark.parametrize("day", [28, 29, 30, 31])
def test_the_anchors_day_comes_back_after_a_short_month(day: int) -> None:
    anchor = datetime(2027, 12, day, 23, 59, 59, tzinfo=UTC)

    ends = [add_months(anchor, months) for months in range(13)]

    assert [end.day for end in ends if end.month == 2] == [min(day, 29)]
    assert [end.day for end in ends if end.month in (1, 3, 5)] == [day] * 3
    assert all(earlier < later for earlier, later in pairwise(ends))


def test_a_year_after_a_leap_day_is_the_28th_and_after_four_the_29th_again() -> None:
    anchor = datetime(2028, 2, 29, tzinfo=UTC)

    assert [add_months(anchor, 12 * years).day for years in range(5)] == [29, 28, 28, 28, 29]
