"""The benchmark of dunning is fair: written by hand, every subscriber ends exactly as with the real flow."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from payflows.subscriptions.dunning import DunningPolicy
from tests.bench.dunning_bench import POLICIES, YEARS, outcomes, outcomes_by_hand

FEW = replace(YEARS, subscribers=60)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("policy", POLICIES, ids=[policy.name for policy in POLICIES])
def test_both_end_alike(policy: DunningPolicy, seed: int) -> None:
    expected = outcomes(FEW, policy, seed)

    assert outcomes_by_hand(FEW, policy, seed) == expected
    endings = Counter(outcome for each in expected.values() for outcome, *_ in each.episodes)
    assert endings.keys() >= {"recovered", "given_up", "stopped"}
