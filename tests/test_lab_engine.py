"""On arrays every subscriber lives the life that the real flow gives them in the virtual world: equal, not alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import SEED_AS_GAPS, DunningPolicy, LastStep
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.models import Outcome
from simulations.subscriptions.lab.columns import EndedBy
from simulations.subscriptions.lab.engine import BLOCK, lives
from simulations.subscriptions.year.calibrated import two_years
from simulations.subscriptions.year.models import SimpleCustomers
from simulations.subscriptions.year.scenario import SubscriberYear
from tests.lab_twins import in_the_world, on_arrays, random_scenario, renewals_that_joined

SCENARIOS, ON_DEMAND = range(10), range(200)


@pytest.mark.parametrize("seed", SCENARIOS)
def test_each_life_is_that_of_the_virtual_world(seed: int) -> None:
    scenario = random_scenario(seed)

    expected = in_the_world(scenario, seed)

    assert on_arrays(scenario, seed) == expected
    assert any(each.episodes for each in expected)


@pytest.mark.on_demand
def test_each_life_is_that_of_the_virtual_world_in_every_kind_of_end() -> None:
    """Twenty minutes: 200 scenarios of 100 subscribers."""
    outcomes: Counter[int] = Counter()
    ends: Counter[int] = Counter()
    joined = 0
    for seed in ON_DEMAND:
        scenario = random_scenario(seed)
        expected = in_the_world(scenario, seed)
        assert on_arrays(scenario, seed) == expected, f"scenario {seed}"
        outcomes.update(episode.outcome for each in expected for episode in each.episodes)
        ends.update(each.ended_by for each in expected)
        joined += renewals_that_joined(scenario, seed)

    assert all(outcomes[outcome] >= 50 for outcome in (0, *Outcome)), outcomes
    assert all(ends[end] >= 50 for end in EndedBy), ends
    assert joined >= 50


def test_a_compiler_changes_nothing() -> None:
    scenario = replace(random_scenario(6), subscribers=BLOCK + 200)

    assert on_arrays(scenario, 6, compile=True) == on_arrays(scenario, 6, compile=False)


def test_a_part_of_the_subscribers_lives_as_they_do_among_all() -> None:
    scenario = random_scenario(6, subscribers=30)

    (part,) = lives(scenario, seed=6, first=10, count=5)

    (all_of_them,) = lives(scenario, seed=6)
    assert part.subscribers.tolist() == all_of_them.subscribers[10:15].tolist()


def with_policy(policy: DunningPolicy | None) -> SubscriberYear:
    return replace(random_scenario(0), policy=SubscriptionPolicy(dunning=policy))


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        (replace(two_years(SEED_AS_GAPS), trial_share=0.5), "trial_share must be 0, got 0.5"),
        (replace(two_years(SEED_AS_GAPS), customers=SimpleCustomers()), "give them as both customers and issuers"),
        (with_policy(None), "needs a dunning policy"),
        (with_policy(replace(SEED_AS_GAPS, last_step=LastStep.PAUSE)), "knows last_step cancel alone, got pause"),
        (with_policy(replace(SEED_AS_GAPS, time_zone="Europe/Berlin")), "counts days in UTC alone"),
        (with_policy(replace(SEED_AS_GAPS, last_day=60, allow_uncalibrated=True)), "at most 55 days, got 60"),
        (
            with_policy(
                replace(SEED_AS_GAPS, limits=(*SEED_AS_GAPS.limits, *SEED_AS_GAPS.limits, SEED_AS_GAPS.limits[0]))
            ),
            "at most 4 limits, got 5",
        ),
    ],
)
def test_what_the_lab_does_not_know_it_refuses(scenario: SubscriberYear, sentence: str) -> None:
    with pytest.raises(InvalidPolicy, match=sentence):
        next(lives(scenario, seed=0))
