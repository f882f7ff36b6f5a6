"""Plans of A/B tests: how many failed renewals, subscribers and weeks confirm in real life what the lab says."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import NamedTuple

from payflows.checks import instance_of, not_negative, positive, share, whole_number
from payflows.errors import InvalidPolicy
from payflows.subscriptions.plans import Interval

from simulations.models.renewals import RenewalParameters
from simulations.statistics.ratios import LEAST_UNITS, Moments, estimate_of
from simulations.subscriptions.lab.comparison import Comparison
from simulations.subscriptions.lab.measures import MEASURES
from simulations.subscriptions.lab.sums import OF_FAILURES
from simulations.subscriptions.year.dunning import HORIZON_DAYS

_WEEKS_OF_A_MONTH = 365.25 / 12 / 7
MOST_WEEKS = 104
"""No one waits longer for a test, and no market stays as it is."""
COUNTED = ("annoyance", "attempts", "notices")
"""Measures that are no shares: how many there are for each failed renewal."""
_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The subscribers among whom a test is made; every other one is dunned by the new policy.

    Attributes:
        subscribers: who pay now.
        interval: how often each of them does.
        failure_share: of renewals: the first try fails.
    """

    subscribers: int
    interval: Interval = Interval.MONTH
    failure_share: float = RenewalParameters().failure_share

    def __post_init__(self) -> None:
        whole_number("subscribers", self.subscribers, least=2)
        instance_of("interval", self.interval, Interval)
        share("failure_share", self.failure_share)
        positive("failure_share", self.failure_share)

    @property
    def failures_per_week(self) -> float:
        """How many renewals fail in a week, on average."""
        return self.subscribers * self.failure_share / (self.interval.months * _WEEKS_OF_A_MONTH)


class AbTest(NamedTuple):
    """A test that compares two policies on different subscribers, by a two-sided 5 % test of the difference of means.

    It counts failed renewals as independent of each other. Subscribers are assigned, not renewals; where the same ones
    fail again and again, or many renewals fail for one reason, it takes more.

    Attributes:
        base: among whom.
        measure: which of `MEASURES`; one of those per failed renewal.
        difference: to be confirmed.
        deviations: of what one failed renewal adds to the measure, under each policy.
    """

    base: Base
    measure: str
    difference: float
    deviations: tuple[float, float]

    def failures(self, power: float = 0.8) -> int:
        """Return how many failed renewals of each policy confirm the difference.

        Args:
            power: the share of such tests that confirm it, where it is there.

        Raises:
            InvalidPolicy: a power that is none.
        """
        share("power", power)
        if not 0.05 <= power < 1:
            raise InvalidPolicy(f"power is from 0.05 to less than 1, got {power}")
        distance = (_Z + _NORMAL.inv_cdf(power)) / self.difference
        return max(LEAST_UNITS, ceil(distance**2 * sum(each**2 for each in self.deviations)))

    def weeks(self, power: float = 0.8) -> int:
        """Return after how many weeks enough renewals have failed; the last is final 60 days later."""
        return ceil(2 * self.failures(power) / self.base.failures_per_week)

    def power(self, weeks: float) -> float:
        """Return the share of tests of this length that confirm the difference. Raises `InvalidPolicy`: no length."""
        positive("weeks", weeks)
        failures = self.base.failures_per_week * weeks / 2
        error = sqrt(sum(each**2 for each in self.deviations) / failures)
        return _NORMAL.cdf(abs(self.difference) / error - _Z)

    def sentence(self, power: float = 0.8) -> str:
        """Say what it takes."""
        weeks, final, failures = self.weeks(power), ceil(HORIZON_DAYS / 7), 2 * self.failures(power)
        return (
            f"With {self.base.subscribers:,} subscribers, {failures:,} failed renewals, half of them by each policy, "
            f"confirm {_size(self.measure, self.difference)} in {100 * power:.0f} % of such tests: "
            f"{weeks:,} {'week' if weeks == 1 else 'weeks'}, and {final} more until the last of them is final."
            f"{' That is too long for a test.' if weeks > MOST_WEEKS else ''}"
        )


def _size(measure: str, difference: float) -> str:
    """Write a difference in the unit of its measure."""
    if measure.endswith("_minor"):
        return f"{difference / 100:+.2f} in {measure.removesuffix('_minor')}"
    if measure in COUNTED:
        return f"{difference:+.1f} {measure}"
    return f"{100 * difference:+.1f} points {measure.replace('_', ' ')}"


def ab_test(compared: Comparison, base: Base, *, measure: str = "recovered", difference: float | None = None) -> AbTest:
    """Return the test that confirms what a comparison has found.

    Args:
        compared: two policies on failed renewals, in one world.
        base: the subscribers that there are.
        measure: what is compared; one of those per failed renewal.
        difference: to be confirmed; None: the one that was found. The least that is plausible needs the longest test.

    Raises:
        InvalidPolicy: no such measure, or there is no difference.
    """
    instance_of("base", base, Base)
    moments, per_failure = compared.tally.moments(measure), list(MEASURES)[:OF_FAILURES]
    if measure not in per_failure:
        raise InvalidPolicy(f"a test counts failed renewals, and so measures {', '.join(per_failure)}; not {measure}")
    found = compared.difference(measure).difference if difference is None else difference
    most = 1 if measure not in COUNTED and not measure.endswith("_minor") else 1e9
    not_negative("the size of the difference", abs(found), most=most)
    if not found:
        raise InvalidPolicy("no test confirms a difference of nothing")
    first, second = (_deviation(moments, place) for place in (0, 2))
    return AbTest(base, measure, found, (first, second))


def _deviation(moments: Moments, place: int) -> float:
    """Return the standard deviation of what one failed renewal adds in one of both runs."""
    columns = slice(place, place + 2)
    alone = Moments(moments.units, moments.sums[columns], moments.products[columns, columns])
    estimate = estimate_of(alone)
    return float((estimate.high - estimate.low) / 2 / _Z * sqrt(alone.sums[1]))
