"""The search for a better policy: within what is known and allowed, the same each time, and estimated anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payflows.subscriptions.dunning import SEED_AS_GAPS, SHIPPED, CardNetwork, NetworkLimit
from simulations.models import central_parameters
from simulations.subscriptions.lab.fields import failed_renewals
from simulations.subscriptions.lab.optimise import Optimum, keeps_limits, optimise

COHORT = failed_renewals(SEED_AS_GAPS, count=200)


@pytest.fixture(scope="module")
def found() -> Optimum:
    return optimise(COHORT, SEED_AS_GAPS, seed=4, trials=40, sets=[central_parameters()])


def test_the_best_found_keeps_at_least_as_much_as_any_policy_that_is_shipped(found: Optimum) -> None:
    days = {(each.policy.attempts, each.policy.notices, each.policy.ends_on) for each in found.candidates}

    assert days > {(each.attempts, each.notices, each.ends_on) for each in SHIPPED}
    assert found.winner in [each.policy for each in found.front]
    assert found.again.over_sets("net_minor").share_above > 0.9


def test_no_candidate_is_better_than_one_on_the_front_in_all_that_counts(found: Optimum) -> None:
    assert 3 <= len(found.front) < len(found.candidates)
    for each in found.front:
        for other in found.candidates:
            is_as_good = (
                other.net_minor >= each.net_minor
                and other.ran_out <= each.ran_out
                and other.annoyance <= each.annoyance
            )
            assert not is_as_good or other[1:4] == each[1:4]


def test_a_search_finds_the_same_again(found: Optimum) -> None:
    again = optimise(COHORT, SEED_AS_GAPS, seed=4, trials=40, sets=[central_parameters()])

    assert again.candidates == found.candidates
    assert again.table.equals(found.table)


def test_no_candidate_tries_a_card_more_often_than_its_networks_allow() -> None:
    limits = (NetworkLimit(CardNetwork.VISA, 2, days=10),)
    found = optimise(COHORT, replace(SEED_AS_GAPS, limits=limits), seed=4, trials=30, sets=[central_parameters()])

    assert found.candidates
    assert all(keeps_limits(each.policy) for each in found.candidates)
    assert any(not keeps_limits(replace(each, limits=limits)) for each in SHIPPED)
