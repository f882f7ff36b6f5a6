"""Plans of A/B tests: of tests as long as they say, as many confirm the difference as were to."""

from __future__ import annotations

from math import sqrt

import pytest

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import CAMPAIGN_OF_28_DAYS, SEED_AS_GAPS
from payflows.subscriptions.plans import Interval
from simulations.statistics.ratios import difference_between
from simulations.subscriptions.lab.comparison import compare
from simulations.subscriptions.lab.experiment import run
from simulations.subscriptions.lab.fields import failed_renewals
from simulations.subscriptions.lab.planner import Base, ab_test

COMPARED = compare(failed_renewals(SEED_AS_GAPS, count=40_000), SEED_AS_GAPS, CAMPAIGN_OF_28_DAYS, seed=1)
BASE = Base(subscribers=20_000)


def test_recovered_is_planned_as_the_closed_form_says() -> None:
    """(1.960 + 0.842)^2 (p1 (1 - p1) + p2 (1 - p2)) / (p2 - p1)^2 of each."""
    planned = ab_test(COMPARED, BASE)
    first, second, found, *_ = COMPARED.difference("recovered")

    expected = 7.849 * (first * (1 - first) + second * (1 - second)) / found**2
    assert planned.failures() == pytest.approx(expected, rel=0.003)


@pytest.mark.parametrize(
    ("base", "a_week"),
    [
        (Base(subscribers=20_000), 331.2),
        (Base(subscribers=20_000, interval=Interval.YEAR), 27.6),
        (Base(subscribers=1_000, failure_share=0.1), 23.0),
    ],
    ids=["monthly", "yearly", "more failures"],
)
def test_weeks_follow_from_how_many_renewals_fail(base: Base, a_week: float) -> None:
    planned = ab_test(COMPARED, base)

    assert base.failures_per_week == pytest.approx(a_week, abs=0.05)
    assert planned.weeks() == -(-2 * planned.failures() // a_week)
    assert planned.power(planned.weeks()) >= 0.8 > planned.power(planned.weeks() - 1)


def confirmed(measure: str, power: float, number: int) -> float:
    """Return the share of tests that confirm the difference, each with as many failures as were planned."""
    failures = ab_test(COMPARED, BASE, measure=measure).failures(power)
    arms = [failed_renewals(policy, count=failures) for policy in (SEED_AS_GAPS, CAMPAIGN_OF_28_DAYS)]
    found = 0
    for seed in range(100, 100 + number):
        moments = [run(arm, seed=2 * seed + place).tally.moments(measure) for place, arm in enumerate(arms)]
        found += difference_between(*moments).is_known
    return found / number


@pytest.mark.parametrize("power", [0.5, 0.8, 0.9])
def test_planned_tests_confirm_the_difference_as_often_as_they_say(power: float) -> None:
    assert abs(confirmed("recovered", power, 200) - power) < 3 * sqrt(power * (1 - power) / 200)


@pytest.mark.on_demand
@pytest.mark.parametrize("measure", ["recovered", "net_minor", "ran_out"])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.9])
def test_so_do_a_thousand_by_other_measures(measure: str, power: float) -> None:
    assert abs(confirmed(measure, power, 1_000) - power) < 3 * sqrt(power * (1 - power) / 1_000)


def test_a_smaller_difference_takes_longer() -> None:
    found, least = ab_test(COMPARED, BASE), ab_test(COMPARED, BASE, difference=0.04)

    assert least.failures() > 3 * found.failures()
    assert "confirm +4.0 points recovered in 80 % of such tests" in least.sentence()
    assert "9 more until the last of them is final" in least.sentence()


def test_no_test_counts_on_a_few_renewals_or_lasts_for_ever() -> None:
    assert ab_test(COMPARED, BASE, difference=0.9).failures() == 30
    assert ab_test(COMPARED, BASE, difference=0.001).sentence().endswith("That is too long for a test.")


def test_what_cannot_be_planned_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="confirms a difference of nothing"):
        ab_test(COMPARED, BASE, difference=0.0)
    with pytest.raises(InvalidPolicy, match="no measure is called"):
        ab_test(COMPARED, BASE, measure="joy")
    for measure in ("involuntary_churn", "collected_minor"):
        with pytest.raises(InvalidPolicy, match=f"a test counts failed renewals, .*; not {measure}"):
            ab_test(COMPARED, BASE, measure=measure)
    for difference in (5.0, float("nan"), float("inf")):
        with pytest.raises(InvalidPolicy, match="the size of the difference must be a number from 0 to 1"):
            ab_test(COMPARED, BASE, difference=difference)
    with pytest.raises(InvalidPolicy, match="weeks must be a number above 0"):
        ab_test(COMPARED, BASE).power(0)
    with pytest.raises(InvalidPolicy, match="power"):
        ab_test(COMPARED, BASE).failures(1.0)
    with pytest.raises(InvalidPolicy, match="failure_share"):
        Base(subscribers=10, failure_share=0)
