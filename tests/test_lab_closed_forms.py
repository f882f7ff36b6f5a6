"""The lab finds what closed forms say, and what is said of published figures is counted from the accepted sets."""

from __future__ import annotations

from math import sqrt

import pytest

from simulations.subscriptions.lab.closed_forms import EARLY, LATE, ONE_CURE, geometric_recovery, recovered_by
from simulations.subscriptions.lab.experiment import run
from simulations.subscriptions.lab.fields import failed_renewals, with_policy
from simulations.subscriptions.lab.validation import (
    Agreement,
    figures_not_fitted,
    months_after_recovery,
    table_of,
    targets_reached,
)
from simulations.subscriptions.year.calibrated import ChurnProfile


@pytest.mark.parametrize("funded", [0.1, 0.4, 0.9])
def test_independent_retries_recover_geometrically(funded: float) -> None:
    found = geometric_recovery(funded, count=20_000, seed=3)

    for day, here, expected in zip(found.days, found.found, found.expected, strict=True):
        assert expected == pytest.approx(0.9 * (1 - (1 - funded) ** (day / 7)))
        assert abs(here - expected) < 4 * sqrt(expected * (1 - expected) / 20_000)


@pytest.mark.parametrize(("policy", "day"), [(EARLY, 2), (LATE, 9)])
def test_one_retry_recovers_what_is_cured_by_then(policy: object, day: int) -> None:
    cohort = with_policy(failed_renewals(EARLY, count=40_000, parameters=ONE_CURE), policy)  # type: ignore[arg-type]

    found = run(cohort, seed=1).estimate("recovered")

    assert abs(found.value - recovered_by(day)) < 2 * (found.high - found.low)


def test_recovered_subscribers_stay_as_long_as_churn_lets_them() -> None:
    """Some 3.5 % of subscribers leave a month, for any reason: those who do not mind stay 28 months."""
    months = months_after_recovery(ChurnProfile.RATE, subscribers=1_000)

    assert 17 < months < 29


@pytest.mark.on_demand
def test_all_calibrated_figures_are_reached_and_three_others_missed() -> None:
    assert [each.is_reached for each in targets_reached()] == 9 * [True]
    assert [each.is_reached for each in figures_not_fitted()] == [False, True, False, False]


def test_a_figure_is_reached_where_the_middle_of_the_sets_agrees_with_it() -> None:
    reached, missed = (Agreement("a share", 0.2, 0.3, (0.1, middle, 0.4)) for middle in (0.3, 0.31))

    assert table_of([reached, missed]).to_numpy().tolist() == [
        ["a share", "20 % to 30 %", "30 % [10 %, 40 %]", "reached"],
        ["a share", "20 % to 30 %", "31 % [10 %, 40 %]", "missed"],
    ]
