"""Dunning policies: what they are made of, when their days come, and how they print themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import (
    CAMPAIGN_OF_28_DAYS,
    EIGHT_IN_TWO_WEEKS,
    FOUR_IN_21_DAYS,
    HARD_DECLINES,
    NAIVE,
    NONE,
    SEED_AS_DAYS,
    SEED_AS_GAPS,
    SHIPPED,
    DunningPolicy,
    LastStep,
)
from simulations.stripe.billing.settings import HARD_DECLINES as STRIPES_HARD_DECLINES
from simulations.subscriptions.figures.dunning_policies import dunning_policies

FAILED_AT = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)


class TestDays:
    def test_gaps_are_counted_from_the_attempt_before(self) -> None:
        assert SEED_AS_GAPS.attempts == (3, 10, 24)
        assert DunningPolicy.from_gaps([3, 3, 3], name="threes").attempts == (3, 6, 9)

    def test_days_are_taken_as_they_are(self) -> None:
        assert SEED_AS_DAYS.attempts == (3, 7, 14)

    @pytest.mark.parametrize("days", [(0, 3), (3, 3), (7, 3), (-1,), (1.5,), (True,), ("3",)])
    def test_they_are_strictly_increasing_whole_days_after_the_failure(self, days: tuple[Any, ...]) -> None:
        with pytest.raises(InvalidPolicy):
            DunningPolicy(name="wrong", attempts=days, allow_uncalibrated=True)

    def test_400_days_are_refused_even_uncalibrated(self) -> None:
        """S14: a list of 400 days was accepted."""
        with pytest.raises(InvalidPolicy, match="365"):
            DunningPolicy(name="wrong", attempts=(400,), allow_uncalibrated=True)

    @pytest.mark.parametrize(
        "more",
        [
            {"notices": (0, 2, 4, 6, 8, 10, 12)},
            {"notices": (0, 1)},
            {"notices": (31,)},
            {"attempts": tuple(range(1, 13))},
            {"last_day": 32},
        ],
    )
    def test_what_no_model_knows_is_refused_unless_asked_for(self, more: dict[str, Any]) -> None:
        with pytest.raises(InvalidPolicy, match="allow_uncalibrated"):
            DunningPolicy(name="far out", **more)

        assert DunningPolicy(name="far out", allow_uncalibrated=True, **more).allow_uncalibrated

    def test_the_last_step_does_not_come_before_the_last_attempt(self) -> None:
        with pytest.raises(InvalidPolicy, match="last_day"):
            DunningPolicy(name="hasty", attempts=(3, 10), last_day=9)

        assert DunningPolicy(name="default", attempts=(3, 10), notices=(0, 12)).ends_on == 12

    def test_access_lasts_until_the_last_step_at_most(self) -> None:
        with pytest.raises(InvalidPolicy, match="access_days"):
            DunningPolicy(name="generous", attempts=(3,), access_days=4)


class TestMoments:
    def test_without_an_hour_a_day_is_24_hours(self) -> None:
        assert SEED_AS_GAPS.at(3, FAILED_AT) == datetime(2026, 3, 30, 23, 30, tzinfo=UTC)
        assert SEED_AS_GAPS.at(0, FAILED_AT) == FAILED_AT

    def test_an_hour_is_of_the_customers_day(self) -> None:
        """In Berlin it was already the 28th; on the 29th the clocks went forward."""
        policy = DunningPolicy(name="mornings", attempts=(1, 3), hour=9, time_zone="Europe/Berlin")

        assert policy.at(1, FAILED_AT) == datetime(2026, 3, 29, 7, tzinfo=UTC)
        assert policy.at(3, FAILED_AT) == datetime(2026, 3, 31, 7, tzinfo=UTC)

    def test_nothing_comes_before_the_failure(self) -> None:
        policy = DunningPolicy(name="early", notices=(0,), hour=6)

        assert policy.at(0, FAILED_AT) == FAILED_AT

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(
        st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
        st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"]),
        st.none() | st.integers(0, 23),
    )
    def test_moments_increase_with_their_days(self, failed_at: datetime, zone: str, hour: int | None) -> None:
        policy = DunningPolicy(name="any", attempts=(1, 2, 3, 4, 5, 6, 7, 8), hour=hour, time_zone=zone)
        moments = [policy.at(day, failed_at) for day in policy.attempts]

        assert moments == sorted(set(moments))
        assert moments[0] > failed_at

    def test_an_unknown_zone_is_refused(self) -> None:
        with pytest.raises(InvalidPolicy, match="Europe/Berlin"):
            DunningPolicy(name="lost", time_zone="Atlantis")


class TestDeclines:
    @pytest.mark.parametrize("code", sorted(HARD_DECLINES))
    def test_after_a_hard_one_the_card_is_not_tried_again(self, code: str) -> None:
        assert not SEED_AS_GAPS.is_retried(code)

    @pytest.mark.parametrize("code", ["insufficient_funds", "generic_decline", "expired_card", None])
    def test_after_a_soft_one_it_is(self, code: str | None) -> None:
        assert SEED_AS_GAPS.is_retried(code)

    def test_they_are_stripes_own(self) -> None:
        assert HARD_DECLINES == STRIPES_HARD_DECLINES


class TestShipped:
    def test_each_has_another_name(self) -> None:
        assert len({policy.name for policy in SHIPPED}) == len(SHIPPED)

    @pytest.mark.parametrize(
        ("policy", "attempts", "notices", "ends_on"),
        [
            (SEED_AS_GAPS, (3, 10, 24), (0, 3, 10), 24),
            (SEED_AS_DAYS, (3, 7, 14), (0, 3, 7), 14),
            (EIGHT_IN_TWO_WEEKS, (1, 2, 4, 6, 8, 10, 12, 14), (0, 3, 7), 14),
            (FOUR_IN_21_DAYS, (3, 8, 14, 21), (0, 3, 8, 14), 21),
            (CAMPAIGN_OF_28_DAYS, (1, 2, 4, 6, 8, 11, 14, 17, 20, 24, 28), (4, 7, 11, 15, 20, 25), 28),
            (NAIVE, (1, 3, 5), (), 7),
            (NONE, (), (), 28),
        ],
        ids=lambda value: value.name if isinstance(value, DunningPolicy) else "",
    )
    def test_they_are_those_of_the_calibration(
        self, policy: DunningPolicy, attempts: tuple[int, ...], notices: tuple[int, ...], ends_on: int
    ) -> None:
        assert (policy.attempts, policy.notices, policy.ends_on) == (attempts, notices, ends_on)
        assert policy.last_step is LastStep.CANCEL

    def test_they_are_drawn_one_above_the_other(self) -> None:
        (axes,) = dunning_policies(SHIPPED).figure.axes
        rows = [label.get_text() for label in axes.get_yticklabels()]

        assert rows == [policy.name.replace("_", " ") for policy in SHIPPED]

    def test_a_policy_prints_itself_as_a_strip(self) -> None:
        assert str(SEED_AS_GAPS).splitlines() == [
            "seed_as_gaps: cancel on day 24",
            "0         10        20",
            "N..B......B.............A",
        ]
        assert str(NAIVE).splitlines()[-1] == ".A.A.A.X"
