"""Experiments of the lab: what is equal comes out equal, what differs is found, and intervals hold what they should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.subscriptions.dunning import FOUR_IN_21_DAYS, SEED_AS_GAPS, CardNetwork, NetworkLimit
from payflows.subscriptions.plans import PlanCatalogue
from simulations.models import DunningCosts, DunningParameters, RenewalParameters, central_parameters
from simulations.statistics.ratios import difference_between
from simulations.subscriptions.lab.closed_forms import repeats
from simulations.subscriptions.lab.comparison import compare, compare_over_sets
from simulations.subscriptions.lab.engine import lives
from simulations.subscriptions.lab.experiment import LAB, LEAST_REPLICATIONS, replicate, run, sweep
from simulations.subscriptions.lab.fields import failed_renewals, with_fields, with_policy
from simulations.subscriptions.lab.jobs import Engine, Laboratory
from simulations.subscriptions.lab.measures import MEASURES
from simulations.subscriptions.lab.stats import student_t
from simulations.subscriptions.year.calibrated import CalibratedSubscribers, ChurnProfile, two_years
from simulations.subscriptions.year.scenario import PRO, SubscriberYear
from tests.lab_twins import random_scenario

COHORT = failed_renewals(SEED_AS_GAPS, count=1_000)
SUBSCRIBERS = two_years(SEED_AS_GAPS, subscribers=1_000)


# The same is the same


def test_a_policy_against_itself_differs_for_no_customer() -> None:
    renamed = replace(SEED_AS_GAPS, name="again")

    first, second = (
        [(block.subscribers.tolist(), block.episodes.tolist()) for block in lives(each, seed=1)]
        for each in (SUBSCRIBERS, with_policy(SUBSCRIBERS, renamed))
    )
    found = compare(SUBSCRIBERS, SEED_AS_GAPS, renamed, seed=1)

    assert first == second
    assert [found.difference(measure)[2:] for measure in MEASURES] == [(0.0, 0.0, 0.0)] * len(MEASURES)


@pytest.mark.parametrize("workers", [2, 5])
def test_any_number_of_workers_finds_the_same(workers: int) -> None:
    many = Laboratory(workers=workers)
    grid = {"people.parameters.risk_cure": (0.2, 0.5), "policy.dunning": (SEED_AS_GAPS, FOUR_IN_21_DAYS)}

    assert sweep(COHORT, grid, seed=3, lab=many).equals(sweep(COHORT, grid, seed=3))


def test_the_real_flow_finds_the_same_on_any_number_of_processes() -> None:
    calm = random_scenario(3, subscribers=40)

    found = run(calm, seed=3)

    for workers in (1, 2):
        assert run(calm, seed=3, lab=Laboratory(engine=Engine.WORLD, workers=workers)).table().equals(found.table())


# Intervals


def comparisons(number: int) -> Iterator[bool]:
    """Yield whether two independent runs of one policy are called different."""
    for seed in range(number):
        first, second = (run(COHORT, seed=each).tally.moments("recovered") for each in (2 * seed, 2 * seed + 1))
        yield difference_between(first, second).is_known


def test_independent_runs_of_one_policy_are_called_different_one_time_in_twenty() -> None:
    assert 0.03 <= sum(comparisons(200)) / 200 <= 0.07


@pytest.mark.on_demand
def test_independent_runs_of_one_policy_are_called_different_one_time_in_twenty_of_a_thousand() -> None:
    assert 0.03 <= sum(comparisons(1_000)) / 1_000 <= 0.07


def covered(number: int) -> tuple[float, float]:
    """Return in which share of repeats the interval of a known difference holds it: paired, and of independent runs."""
    paired, independent = zip(*repeats(number), strict=True)
    return sum(paired) / number, sum(independent) / number


def test_95_of_100_intervals_hold_a_known_difference() -> None:
    paired, independent = covered(200)

    assert 0.93 <= paired <= 0.97
    assert 0.93 <= independent <= 0.97


@pytest.mark.on_demand
def test_950_of_1000_intervals_hold_a_known_difference() -> None:
    paired, independent = covered(1_000)

    assert 0.93 <= paired <= 0.97
    assert 0.93 <= independent <= 0.97


def test_the_same_customers_make_an_interval_narrower() -> None:
    assert compare(COHORT, SEED_AS_GAPS, FOUR_IN_21_DAYS, seed=1).variance_reduction("recovered") > 3


@pytest.mark.parametrize(("freedom", "quantile"), [(10, 2.228), (19, 2.093), (60, 2.000), (10_000, 1.960)])
def test_quantiles_of_students_t(freedom: int, quantile: float) -> None:
    assert student_t(freedom) == pytest.approx(quantile, abs=0.001)


# What has an effect


DUNNING: dict[str, object] = {
    "attempts": (2, 9, 20),
    "notices": (1, 5),
    "last_day": 28,
    "hour": 12,
    "never_retried": frozenset({"generic_decline"}),
    "limits": (NetworkLimit(CardNetwork.VISA, 1),),
}
"""All fields of a policy but its name, what is refused, and the access that a subscriber has meanwhile."""


def changes() -> Iterator[tuple[str, object]]:
    """Yield each field that a scenario has, with another value."""
    central = central_parameters()
    for field in fields(DunningParameters):
        yield f"people.parameters.{field.name}", another(getattr(central, field.name))
    for field in fields(RenewalParameters):
        yield f"people.renewals.{field.name}", another(getattr(RenewalParameters(), field.name))
    for name, value in DUNNING.items():
        yield f"policy.dunning.{name}", value
    yield "people.churn", ChurnProfile.WHILE_UNPAID
    yield from {"days": 500, "sign_up_days": 100, "plan_mix": {PRO.id: 1}, "seats_mix": {3: 1}}.items()
    yield "plans", PlanCatalogue(tuple(replace(plan, amount=Money(100, "usd")) for plan in SUBSCRIBERS.plans.plans))


def another(value: float | tuple[float, ...]) -> object:
    if isinstance(value, tuple):
        return (value[-1], *value[:-1]) if value[0] != 1 else (20, 70)
    return value * 0.8 if value else 0.1


@pytest.mark.parametrize(("path", "value"), [pytest.param(*each, id=each[0]) for each in changes()])
def test_each_field_changes_what_comes_out(path: str, value: object) -> None:
    base = CURVED if path.startswith("people.renewals.churn") else MANY

    assert run(with_fields(base, {path: value}), seed=5).table()["value"].ne(run(base, seed=5).table()["value"]).any()


MANY = replace(SUBSCRIBERS, subscribers=20_000)
CURVED = with_fields(MANY, {"people.churn": ChurnProfile.CURVE})


@pytest.mark.parametrize("name", [each.name for each in fields(DunningCosts)])
def test_each_cost_changes_what_is_left(name: str) -> None:
    costs = DunningCosts(**{name: 0})

    found, dearer = (run(COHORT, seed=1, lab=lab).estimate("net_minor").value for lab in (Laboratory(costs=costs), LAB))

    assert found > dearer


# Runs, replications, sweeps


def test_a_table_says_what_was_run() -> None:
    table = run(COHORT, seed=7).table()

    assert list(table["measure"]) == list(MEASURES)
    assert set(table["seed"]) == {7}
    assert set(table["subscribers"]) == {1_000}
    assert table.attrs["scenario"]["policy"]["dunning"]["attempts"] == SEED_AS_GAPS.attempts


def test_outcomes_add_up_to_all_failed_renewals() -> None:
    found = run(COHORT, seed=7)

    shares = [found.estimate(each).value for each in ("recovered", "customer_cancelled", "ran_out")]
    parts = [found.estimate(each).value for each in ("card_updated", "retry_succeeded")]
    assert sum(shares) == pytest.approx(1)
    assert sum(parts) == pytest.approx(shares[0])
    assert found.days_to_recovery(0.5) == 3
    assert found.days_to_recovery(0.9) == 22


def test_at_least_twenty_replications_are_made_and_no_more_than_needed() -> None:
    few = replicate(COHORT, seed=1, measure="recovered", half_width=0.5)
    more = replicate(COHORT, seed=1, measure="recovered", half_width=0.005)
    most = replicate(COHORT, seed=1, measure="recovered", half_width=1e-9, most=25)

    assert len(few.values) == LEAST_REPLICATIONS < len(more.values) < 60
    assert (few.is_reached, more.is_reached, most.is_reached) == (True, True, False)
    assert more.half_width <= 0.005
    assert len(most.values) == 25
    assert more.values[:20] == few.values


def test_a_path_that_names_no_field_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match=r"no field 'people.parameters.hope': 'hope' is none of mix_nsf"):
        sweep(COHORT, {"people.parameters.hope": (1,)}, seed=0)


def test_a_measure_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="no measure is called 'hope'; there are recovered"):
        run(COHORT, seed=0).estimate("hope")


# Over all plausible worlds


def test_more_attempts_later_are_better_in_every_plausible_world() -> None:
    found = compare_over_sets(COHORT, SEED_AS_GAPS, FOUR_IN_21_DAYS, seed=2)
    recovered = found.over_sets("recovered")

    assert recovered.median == pytest.approx(0.021, abs=0.002)  # by the calibration: 2.1 points
    assert recovered.share_above > 0.95
    assert 0 < recovered.simulation_error < 0.01
    assert found.sentence().startswith("four_in_21_days recovers 2.")


def test_a_scenario_keeps_what_was_not_changed() -> None:
    changed: SubscriberYear = with_fields(COHORT, {"people.parameters.risk_cure": 0.3})

    people = COHORT.customers
    assert isinstance(people, CalibratedSubscribers)
    expected = replace(people, parameters=replace(people.parameters, risk_cure=0.3))
    assert (changed.customers, changed.issuers) == (expected, expected)
    assert replace(changed, customers=people, issuers=people) == COHORT
