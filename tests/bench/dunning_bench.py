"""What two years of dunned subscribers cost beside the same ones written by hand in SimPy, by two policies."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from payflows.subscriptions.dunning import CAMPAIGN_OF_28_DAYS, SEED_AS_GAPS, DunningPolicy
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.subscriptions.year.calibrated import two_years
from simulations.subscriptions.year.dunning import RECOVERED, DunningOutcome
from simulations.subscriptions.year.rows import Life
from simulations.subscriptions.year.run import run
from simulations.subscriptions.year.scenario import SubscriberYear
from tests.bench.dunning_by_hand import DunnedByHand
from tests.bench.ratio import Ratio, race, ratio_of
from tests.bench.year_rows import Row

ROUNDS = 5
SUBSCRIBERS = 1_000
POLICIES = (SEED_AS_GAPS, CAMPAIGN_OF_28_DAYS)
BOUND = 4.0

YEARS = replace(two_years(SEED_AS_GAPS, subscribers=SUBSCRIBERS), sign_up_days=1)
"""All sign up on the first day, so that they may live for 24 months."""


class Outcome(NamedTuple):
    """What became of a subscriber: what both must agree on.

    Attributes:
        statuses: all that were entered.
        invoices: period, total and status of each that was finalised.
        episodes: how each ended, with how many attempts and notices.
        paid_minor: all that was paid.
    """

    statuses: tuple[str, ...]
    invoices: tuple[tuple[int, int, str], ...]
    episodes: tuple[tuple[str, int, int], ...]
    paid_minor: int


def outcomes(scenario: SubscriberYear, policy: DunningPolicy, seed: int) -> dict[int, Outcome]:
    """Return what became of each subscriber with the real flow."""
    return {life.subscriber.subscriber: _outcome(life) for life in _lives(scenario, policy, seed)}


def outcomes_by_hand(scenario: SubscriberYear, policy: DunningPolicy, seed: int) -> dict[int, Outcome]:
    """Return what became of each subscriber in the years written by hand."""
    by_hand = DunnedByHand(scenario, policy, seed)
    by_hand.run()
    return {ours["number"]: _outcome_by_hand(ours) for ours in by_hand.subscribers}


def _lives(scenario: SubscriberYear, policy: DunningPolicy, seed: int) -> tuple[Life, ...]:
    dunned = replace(scenario, policy=SubscriptionPolicy(dunning=policy))
    return run(dunned, seed=seed, check=None).lives


def _outcome(life: Life) -> Outcome:
    invoices = sorted((int(row.period_start.timestamp()), row.total_minor, row.status) for row in life.invoices)
    episodes = ((_status_of(row.outcome), row.attempts, row.notices) for row in life.episodes)
    statuses = tuple(row.status for row in life.statuses)
    return Outcome(statuses, tuple(invoices), tuple(episodes), life.subscriber.paid_minor)


def _status_of(outcome: str) -> str:
    names = {DunningOutcome.RAN_OUT: "given_up", DunningOutcome.CUSTOMER_CANCELLED: "stopped"}
    return "recovered" if outcome in RECOVERED else names.get(DunningOutcome(outcome), "running")


def _outcome_by_hand(ours: Row) -> Outcome:
    final = [each for each in ours["invoices"] if each["status"] != "draft"]
    rows = sorted((each["start"], each["total"], each["status"]) for each in final)
    episodes = ((each["outcome"], each["attempts"], each["notices"]) for each in ours.get("episodes", ()))
    paid = sum(each["total"] for each in final if each["status"] == "paid")
    return Outcome(tuple(ours["statuses"]), tuple(rows), tuple(episodes), paid)


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """Time two years of subscribers by two policies beside those written by hand."""
    ours, by_hand = race(
        (
            lambda seed: [_lives(YEARS, policy, seed) for policy in POLICIES],
            lambda seed: [DunnedByHand(YEARS, policy, seed).run() for policy in POLICIES],
        ),
        rounds,
    )
    how = f"{SUBSCRIBERS:,} subscribers x 24 months x 2 policies, {rounds} interleaved seeds, with equal outcomes"
    return [Ratio("dunned subscribers / by hand", ratio_of(ours, by_hand), how, BOUND)]
