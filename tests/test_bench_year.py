"""The benchmark is fair: in the year written by hand every subscriber ends exactly as with the real flow."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from simulations.subscriptions.year.models import SimpleCustomers, SimpleIssuers
from simulations.subscriptions.year.run import run
from simulations.subscriptions.year.scenario import SubscriberYear
from tests.bench.year_bench import BUSY, outcomes, outcomes_by_hand, renewal_calls, renewal_calls_by_hand, run_by_hand

PLAIN = replace(BUSY, subscribers=30)
THORNY = replace(
    PLAIN,
    customers=SimpleCustomers(cancels_share=0.08, updates_card_share=0.7, gives_card_share=0.7),
    issuers=SimpleIssuers(declines_share=0.2, asks_share=0.15),
)
"""Every fifth charge is declined, and many a bank asks its customer."""


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("scenario", [PLAIN, THORNY], ids=["plain", "thorny"])
def test_both_years_end_alike(scenario: SubscriberYear, seed: int) -> None:
    assert outcomes_by_hand(run_by_hand(scenario, seed)) == outcomes(run(scenario, seed=seed, check=None))


def test_the_years_compared_have_every_ending() -> None:
    endings = Counter(each.statuses[-1] for each in outcomes_by_hand(run_by_hand(THORNY, 0)).values())
    ways = {status for each in outcomes_by_hand(run_by_hand(THORNY, 0)).values() for status in each.statuses}

    assert set(endings) >= {"active", "cancelled"}
    assert ways >= {"trialing", "incomplete", "past_due"}


def test_both_make_calls_and_get_webhooks_in_like_numbers() -> None:
    (calls, webhooks), (by_hand, webhooks_by_hand) = renewal_calls(), renewal_calls_by_hand()

    assert webhooks == pytest.approx(webhooks_by_hand, abs=0.5)
    assert by_hand == pytest.approx(calls, rel=0.4)
