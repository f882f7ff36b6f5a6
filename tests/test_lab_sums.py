"""Sums of the lab: those of each subscriber alone, together, whoever makes them and in any room."""

from __future__ import annotations

import numpy as np
import pytest

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import FOUR_IN_21_DAYS, SEED_AS_GAPS
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.models import DunningCosts
from simulations.subscriptions.lab import columns as c
from simulations.subscriptions.lab.engine import Lives, lives
from simulations.subscriptions.lab.experiment import sweep
from simulations.subscriptions.lab.fields import failed_renewals, with_fields, with_policy
from simulations.subscriptions.lab.jobs import Laboratory, jobs_of
from simulations.subscriptions.lab.measures import MEASURES, tally_of
from simulations.subscriptions.lab.sums import Measure
from simulations.subscriptions.year.models import DAY_SECONDS
from simulations.subscriptions.year.scenario import SubscriberYear
from tests.lab_twins import random_scenario

SCENARIO = random_scenario(6, subscribers=300)
UNTIL = SCENARIO.days * DAY_SECONDS
POLICIES = (SEED_AS_GAPS, FOUR_IN_21_DAYS)


def lived(scenario: SubscriberYear, first: int = 0, count: int | None = None) -> Lives:
    (block,) = lives(scenario, seed=6, first=first, count=count)
    return block


def runs(first: int = 0, count: int | None = None) -> list[Lives]:
    """Return the same subscribers by three policies."""
    each = (SCENARIO, *(with_policy(SCENARIO, policy) for policy in POLICIES))
    return [lived(scenario, first, count) for scenario in each]


def test_measures_are_called_what_their_sums_are() -> None:
    assert list(MEASURES) == [measure.name.lower() for measure in Measure]


@pytest.mark.parametrize("number", [1, 3])
def test_a_compiler_adds_up_the_same(number: int) -> None:
    compiled, plain = (tally_of(runs()[:number], UNTIL, DunningCosts(), compile=each) for each in (True, False))

    assert compiled.ends.sum() > 100
    assert np.array_equal(compiled.sums, plain.sums)
    assert np.array_equal(compiled.products, plain.products)
    assert np.array_equal(compiled.ends, plain.ends)


def test_sums_are_those_of_each_subscriber_alone() -> None:
    together = tally_of(runs(), UNTIL, DunningCosts())

    alone = [tally_of(runs(number, 1), UNTIL, DunningCosts()) for number in range(300)]

    assert np.allclose(together.sums, sum(each.sums for each in alone), rtol=1e-12)
    products = sum(np.einsum("mi,mj->mij", each.sums, each.sums) for each in alone)
    assert np.allclose(together.products, products, rtol=1e-12)
    assert np.array_equal(together.ends, sum(each.ends for each in alone))


def test_what_a_failed_renewal_adds_is_read_from_its_row() -> None:
    run = lived(SCENARIO)
    seen = run.episodes[run.episodes[:, c.FAILED_AT] <= UNTIL - 60 * DAY_SECONDS]

    tally = tally_of([run], UNTIL, DunningCosts())

    assert 0 < len(seen) < len(run.episodes)
    above, below = tally.sums.T
    assert above[Measure.ATTEMPTS] == seen[:, c.ATTEMPTS].sum()
    assert above[Measure.NOTICES] == seen[:, c.NOTICES].sum()
    assert above[Measure.COLLECTED_MINOR] == (run.subscribers[:, c.PAID] * run.subscribers[:, c.TOTAL_MINOR]).sum()
    assert set(below[: Measure.INVOLUNTARY_CHURN]) == {len(seen)}
    assert tally.ends[0].sum(axis=1).tolist() == np.bincount(seen[:, c.OUTCOME], minlength=7).tolist()


@pytest.mark.parametrize("compile", [True, False])
def test_a_renewal_that_is_collected_still_counts_on_its_first_day(compile: bool) -> None:
    run = lived(SCENARIO)
    run.episodes[0, [c.FAILED_AT, c.OUTCOME, c.OVER_AT]] = 90 * DAY_SECONDS, 0, 0

    in_progress = tally_of([run], UNTIL, DunningCosts(), compile=compile).ends[0, 0]

    assert (in_progress[0], in_progress.sum()) == (1, 1)


def test_jobs_that_share_a_room_find_the_same() -> None:
    grid = {"days": (430, 900, 460), "policy.dunning": POLICIES}
    cohort = failed_renewals(SEED_AS_GAPS, count=200)

    shared = sweep(cohort, grid, seed=1, lab=Laboratory(at_a_time=6))

    assert shared.equals(sweep(cohort, grid, seed=1))


def test_sums_are_known_before_all_jobs_are_done() -> None:
    refused = with_fields(SCENARIO, {"policy": SubscriptionPolicy()})
    jobs = [job for number, each in enumerate((SCENARIO, refused)) for job in jobs_of((each,), 6, number)]

    tallies = Laboratory().tallies(jobs)

    assert next(tallies).subscribers == 300
    with pytest.raises(InvalidPolicy, match="needs a dunning policy"):
        next(tallies)
