"""Billing periods by the calendar: each begins on the anchor's day, or on the last day of a month that is shorter."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.stripe.billing.calendar import add_months, boundary

ANCHORS = st.datetimes(datetime(1980, 1, 1), datetime(2090, 12, 31), timezones=st.just(UTC))
MONTHS = st.integers(0, 12 * 30)


def is_as_the_calendar_says(anchor: datetime, months: int) -> None:
    """It is what an independent calendar says, and the next boundary is one month on."""
    moment = add_months(anchor, months)

    assert moment == anchor + relativedelta(months=months)
    assert moment.day == anchor.day or (moment.day < anchor.day and (moment + relativedelta(days=1)).day == 1)
    assert boundary(int(anchor.timestamp()), months) == int(moment.timestamp())
    assert (add_months(anchor, months + 1).month - moment.month) % 12 == 1


@settings(max_examples=2_000)
@given(ANCHORS, MONTHS)
def test_a_month_later_is_what_the_calendar_says(anchor: datetime, months: int) -> None:
    is_as_the_calendar_says(anchor, months)


@pytest.mark.on_demand
@settings(max_examples=100_000)
@given(ANCHORS, MONTHS)
def test_a_month_later_is_what_the_calendar_says_in_very_many_cases(anchor: datetime, months: int) -> None:
    is_as_the_calendar_says(anchor, months)


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
