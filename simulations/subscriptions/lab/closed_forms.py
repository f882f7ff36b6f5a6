"""Worlds of which the truth is known by a closed form: what retries recover, and what two policies differ by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import expm1
from typing import NamedTuple

from payflows.subscriptions.dunning import DunningPolicy

from simulations.models.dunning import Outcome
from simulations.models.parameters import DunningParameters, central_parameters
from simulations.statistics.ratios import difference_between
from simulations.subscriptions.lab.comparison import compare
from simulations.subscriptions.lab.experiment import run
from simulations.subscriptions.lab.fields import failed_renewals, with_policy


class Geometric(NamedTuple):
    """What retries recover by the closed form, and in the lab.

    Attributes:
        days: of the retries.
        expected: recovered by each, by the closed form.
        found: the same in the lab.
        half_width: of 95 % intervals around what is expected.
    """

    days: tuple[int, ...]
    expected: tuple[float, ...]
    found: tuple[float, ...]
    half_width: tuple[float, ...]


def geometric_recovery(funded: float = 0.4, *, count: int = 20_000, seed: int = 0) -> Geometric:
    """Retry once a week where everyone is paid once a week, and each payday brings enough with the same chance.

    Then each retry meets another payday, and n of them recover 1 - (1 - p)^n of those who are ever paid.

    Args:
        funded: the chance p.
        count: failed renewals.
        seed: all chance.
    """
    days = (7, 14, 21, 28)
    policy = DunningPolicy(name="weekly", attempts=days)
    cohort = failed_renewals(policy, count=count, parameters=_weekly(funded))
    ends = run(cohort, seed=seed).tally.ends[0, Outcome.RETRY_SUCCEEDED]
    share = 1 - _weekly(funded).mix_issuer_risk
    expected = tuple(share * (1 - (1 - funded) ** number) for number in range(1, len(days) + 1))
    half = tuple(1.96 * (each * (1 - each) / count) ** 0.5 for each in expected)
    return Geometric(days, expected, tuple(float(ends[: day + 1].sum() / count) for day in days), half)


def _weekly(funded: float) -> DunningParameters:
    return replace(
        central_parameters(),
        mix_nsf=0.9,
        mix_stale_card=0.0,
        mix_transient=0.0,
        mix_dead_card=0.0,
        mix_auth_required=0.0,
        nsf_chronic=0.0,
        nsf_cycle_ok=funded,
        nsf_funds_days=1e9,
        pay_mix=(1.0, 0.0, 0.0, 0.0),
        risk_cure=0.0,
        spontaneous_per_day=0.0,
        flat_cancel_per_day=0.0,
    )


ONE_CURE = replace(
    central_parameters(),
    nsf_chronic=1.0,
    updater_cure=0.0,
    transient_cure=0.0,
    risk_cure=1.0,
    spontaneous_per_day=0.0,
    flat_cancel_per_day=0.0,
)
"""Only one cause is ever cured, in a time of which the distribution is known."""
EARLY, LATE = (DunningPolicy(name=f"on_day_{day}", attempts=(day,)) for day in (2, 9))


def recovered_by(day: int) -> float:
    """Return what one retry on that day recovers with `ONE_CURE`, by the closed form."""
    p = ONE_CURE
    slow, fast = (-expm1(-day / mean_days) for mean_days in (p.risk_slow_days, p.risk_fast_days))
    return p.mix_issuer_risk * (p.risk_fast_share * fast + (1 - p.risk_fast_share) * slow)


class Repeat(NamedTuple):
    """Two intervals of the difference between a late retry and an early one, and whether each holds the truth."""

    paired: bool
    independent: bool


def repeats(number: int, *, count: int = 600) -> Iterator[Repeat]:
    """Compare a late retry with an early one, with other customers each time; the true difference is known.

    Args:
        number: how often.
        count: failed renewals each time.
    """
    truth = recovered_by(9) - recovered_by(2)
    cohort = failed_renewals(EARLY, count=count, parameters=ONE_CURE)
    for seed in range(number):
        paired = compare(cohort, EARLY, LATE, seed=2 * seed).difference("recovered")
        first = run(cohort, seed=2 * seed).tally.moments("recovered")
        second = run(with_policy(cohort, LATE), seed=2 * seed + 1).tally.moments("recovered")
        yield Repeat(*(each.low <= truth <= each.high for each in (paired, difference_between(first, second))))
