"""Renewals over a subscription's life: how many fail, and churn of which nothing is counted twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import exp, log, sqrt
from typing import Any

import pytest

from payflows.errors import InvalidPolicy
from simulations.models import RENEWAL_ASSUMPTIONS, RenewalParameters, case_of, central_parameters
from simulations.models.renewals import (
    MONTH_HOURS,
    LossesToDunning,
    cancels_after_renewal,
    flat_by_curve,
    flat_by_rate,
    losses_under_reference,
    per_day_of,
    renewal_fails,
)

RENEWALS = RenewalParameters()
LOSSES = LossesToDunning(ran_out=0.44, cancelled_on_notice=0.09)
CASES = 20_000


def share_of(happens: Callable[[int], bool]) -> float:
    return sum(happens(case_of(1, subscriber, 4)) for subscriber in range(CASES)) / CASES


def within_luck_of(share: float) -> object:
    return pytest.approx(share, abs=4 * sqrt(share * (1 - share) / CASES))


def test_first_renewals_fail_more_often_and_late_ones_less() -> None:
    shares = [RENEWALS.failure_of(renewal) for renewal in (1, 2, 12, 13, 40)]

    assert shares == pytest.approx([0.144, 0.072, 0.072, 0.0432, 0.0432])


@pytest.mark.parametrize(("local_hour", "share"), [(0, 0.072), (1, 0.108), (3, 0.108), (4, 0.072), (12, 0.072)])
def test_renewals_fail_more_often_at_night(local_hour: int, share: float) -> None:
    fails = share_of(lambda case: renewal_fails(case, RENEWALS.failure_of(2), RENEWALS.night_ratio, local_hour))

    assert fails == within_luck_of(share)


def test_who_fails_by_day_fails_at_night() -> None:
    for subscriber in range(2_000):
        by_day, by_night = (renewal_fails(case_of(1, subscriber, 4), 0.072, 1.5, hour) for hour in (12, 2))
        assert by_night or not by_day


def test_some_cancel_after_a_renewal() -> None:
    assert share_of(lambda case: cancels_after_renewal(case, RENEWALS.cancel_after_renewal)) == within_luck_of(0.0083)


@pytest.mark.parametrize("renewal", [1, 2, 13])
def test_all_reasons_together_are_the_voluntary_churn_of_the_profile(renewal: int) -> None:
    failed = RENEWALS.failure_of(renewal)

    after_renewals, on_notices = (1 - failed) * 0.0083, failed * LOSSES.cancelled_on_notice

    assert flat_by_rate(RENEWALS, LOSSES, renewal) + after_renewals + on_notices == pytest.approx(0.026)


@pytest.mark.parametrize("renewal", [1, 2, 10])
def test_all_reasons_together_are_the_total_churn_of_the_curve(renewal: int) -> None:
    """The published curve: of a cohort with beta-distributed churn, alpha / (alpha + beta) leave first, and so on."""
    failed = RENEWALS.failure_of(renewal)

    modelled = (1 - failed) * 0.0083 + failed * (LOSSES.ran_out + LOSSES.cancelled_on_notice)

    assert flat_by_curve(RENEWALS, LOSSES, renewal) + modelled == pytest.approx(0.98 / (0.98 + 4.78 + renewal - 1))


def test_what_is_modelled_is_never_more_than_all_and_flat_never_below_nothing() -> None:
    calm = replace(RENEWALS, voluntary_per_month=0.001)

    assert flat_by_rate(calm, LOSSES, 2) == 0.0
    assert flat_by_curve(RENEWALS, LOSSES, 60) == 0.0


def test_a_monthly_share_is_lost_by_a_constant_rate() -> None:
    assert exp(-per_day_of(0.02) * MONTH_HOURS / 24) == pytest.approx(0.98)
    assert per_day_of(0.02) == pytest.approx(-24 * log(0.98) / 730)


def test_the_reference_schedule_loses_what_it_does_not_recover() -> None:
    """45.5 % are recovered; what is left, besides cancels for other reasons, is closed or cancelled on notices."""
    losses = losses_under_reference(central_parameters(), cases=20_000)

    assert losses == losses_under_reference(central_parameters(), cases=20_000)
    assert 0.40 < losses.ran_out < 0.47
    assert 0.08 < losses.cancelled_on_notice < 0.10


def everything_of(parameters: RenewalParameters) -> list[float]:
    """Return all that is made of the parameters."""
    cases = [case_of(1, subscriber, 4) for subscriber in range(5_000)]
    at_night = sum(renewal_fails(case, parameters.failure_share, parameters.night_ratio, 2) for case in cases)
    cancels = sum(cancels_after_renewal(case, parameters.cancel_after_renewal) for case in cases)
    flat = [flat(parameters, LOSSES, renewal) for flat in (flat_by_rate, flat_by_curve) for renewal in (1, 2, 13)]
    return [*map(parameters.failure_of, (1, 2, 13)), *flat, at_night, cancels]


@pytest.mark.parametrize("name", RENEWAL_ASSUMPTIONS)
def test_every_parameter_changes_something(name: str) -> None:
    changed: dict[str, Any] = {name: getattr(RENEWALS, name) * 0.9}

    assert everything_of(replace(RENEWALS, **changed)) != everything_of(RENEWALS)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"failure_share": 1.2}, "failure_share must be a number from 0 to 1, got 1.2"),
        ({"night_ratio": -1.0}, "night_ratio must be a number from 0"),
        ({"churn_beta": 0.0}, "churn_beta must be a number above 0"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        replace(RENEWALS, **changed)

    assert sentence in str(refused.value)
