"""What the desk answers about two dunning policies: immediately in one world, a moment later in all plausible ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from payflows.subscriptions.dunning import DunningPolicy

from simulations.desk.business import Business, Mix
from simulations.models.dunning import Outcome
from simulations.models.parameters import accepted_parameters, central_parameters
from simulations.subscriptions.lab.comparison import Comparison, ComparisonOverSets, compare, compare_over_sets
from simulations.subscriptions.lab.fields import failed_renewals
from simulations.subscriptions.lab.jobs import Laboratory
from simulations.subscriptions.lab.measures import Tally
from simulations.subscriptions.lab.planner import Base, ab_test

COUNT = 20_000
"""Failed renewals behind a curve and its interval."""
COUNT_OF_A_WORLD = 400
SEED = 70
WORKERS = 2
DECIDING = ("recovered", "ran_out", "notices", "attempts")
"""Measures by which a head of billing decides."""

Floats = npt.NDArray[np.float64]


class Answer(NamedTuple):
    """Two policies in one ordinary world.

    Attributes:
        business: whose.
        compared: the policies, on the same failed renewals.
    """

    business: Business
    compared: Comparison

    @property
    def decision(self) -> str:
        """What a head of billing decides by, with the interval of what was simulated."""
        found = {measure: self.compared.difference(measure) for measure in DECIDING}
        differences = {measure: each.difference for measure, each in found.items()}
        return _decision(self.business, differences, found["recovered"].low, found["recovered"].high)

    @property
    def money(self) -> str:
        """What it is worth a month, and how long a test would take that confirms it."""
        found = self.compared.difference("net_minor")
        failures = self.business.failures_per_month
        low, high = (failures * each / 100 for each in (found.low, found.high))
        more = failures * found.difference / 100
        worth = f"{failures:,.0f} renewals fail a month; after costs B leaves {abs(more):,.0f} USD "
        worth += f"{'more' if more >= 0 else 'less'} of them than A [{low:+,.0f}, {high:+,.0f}]."
        if not self.compared.difference("recovered").is_known or self.business.subscribers < 2 or not failures:
            return worth
        base = Base(
            subscribers=self.business.subscribers,
            interval=self.business.interval,
            failure_share=self.business.failure_share,
        )
        return f"{worth} {ab_test(self.compared, base).sentence()}"

    @property
    def curves(self) -> Floats:
        """By policy and day, the share recovered by then."""
        return recovered_by_day(self.compared.tally)


class PlausibleAnswer(NamedTuple):
    """Two policies in each of many plausible worlds, and the same under another mix of causes.

    Attributes:
        answer: in one of them.
        over_sets: in all.
        other: in all, with the other mix.
    """

    answer: Answer
    over_sets: ComparisonOverSets
    other: ComparisonOverSets

    @property
    def decision(self) -> str:
        """What a head of billing decides by, with the interval over all plausible worlds."""
        found = {measure: self.over_sets.over_sets(measure) for measure in DECIDING}
        medians = {measure: each.median for measure, each in found.items()}
        recovered = found["recovered"]
        wins = f"wins {recovered.wins} of {len(self.over_sets.sets)} plausible worlds, "
        return _decision(self.answer.business, medians, recovered.low, recovered.high, wins)

    @property
    def other_mix(self) -> str:
        """The same under the other mix, in short."""
        found = self.other.over_sets("recovered")
        mix = Mix.OF_2024 if self.answer.business.mix is Mix.CALIBRATED else Mix.CALIBRATED
        return (
            f"Declines {mix}: {100 * found.median:+.1f} points [{100 * found.low:+.1f}, {100 * found.high:+.1f}], "
            f"better {found.wins}."
        )

    @property
    def bands(self) -> Floats:
        """By policy, 5 and 95 %, and day: the share recovered by then, over all plausible worlds."""
        curves = np.array([recovered_by_day(each.tally) for each in self.over_sets.comparisons])
        return np.moveaxis(np.quantile(curves, (0.05, 0.95), axis=0), 0, 1)


def answer(business: Business, a: DunningPolicy, b: DunningPolicy) -> Answer:
    """Compare two policies in one ordinary world. Raises `InvalidPolicy`: shares of causes that cannot be."""
    parameters = business.world(central_parameters())
    cohort = failed_renewals(a, count=COUNT, parameters=parameters, amount_minor=business.amount_minor)
    return Answer(business, compare(cohort, a, b, seed=SEED, lab=_lab(business)))


def plausible_answer(first: Answer, a: DunningPolicy, b: DunningPolicy) -> PlausibleAnswer:
    """Compare the same two in all plausible worlds, and under the other mix of causes.

    Args:
        first: the answer in one of them.
        a: a policy.
        b: the other.
    """
    business = first.business
    cohort = failed_renewals(a, count=COUNT_OF_A_WORLD, amount_minor=business.amount_minor)
    with_mix = [business.world(each) for each in accepted_parameters()]
    is_calibrated = business.mix is Mix.CALIBRATED
    others = [each.with_mix_of_2024() if is_calibrated else each for each in accepted_parameters()]
    found = (compare_over_sets(cohort, a, b, seed=SEED, sets=sets, lab=_lab(business)) for sets in (with_mix, others))
    return PlausibleAnswer(first, *found)


def recovered_by_day(tally: Tally) -> Floats:
    """Return by run and day the share of failed renewals that is recovered by then."""
    ends = tally.ends[:, Outcome.UPDATED_AFTER_NOTICE : Outcome.RETRY_SUCCEEDED + 1].sum(axis=1)
    failures = tally.ends.sum(axis=(1, 2))
    shares: Floats = ends.cumsum(axis=1) / failures[:, None]
    return shares


def _lab(business: Business) -> Laboratory:
    return Laboratory(workers=WORKERS, costs=business.costs)


def _decision(business: Business, differences: Mapping[str, float], low: float, high: float, wins: str = "") -> str:
    """Return the sentence; low and high are of what is recovered."""
    points, customers = 100 * differences["recovered"], -business.failures_per_month * differences["ran_out"]
    return (
        f"B recovers {abs(points):.1f} points [{100 * low:+.1f}, {100 * high:+.1f}] "
        f"{'more' if points >= 0 else 'fewer'} than A, "
        f"loses {abs(customers):,.0f} {'fewer' if customers >= 0 else 'more'} customers a month, {wins}"
        f"needs {_count(differences['notices'])} mails and {_count(differences['attempts'])} retries per failure."
    )


def _count(difference: float) -> str:
    return f"{abs(difference):.1f} {'more' if difference >= 0 else 'fewer'}"
