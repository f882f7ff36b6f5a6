"""Statistics of experiments: how wide an interval is, and what a difference is over all plausible parameter sets."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from payflows.errors import InvalidPolicy

from simulations.statistics.ratios import Difference, Moments, difference_of


def student_t(freedom: int, share: float = 0.975) -> float:
    """Return a quantile of Student's t, right to three decimals from 10 degrees of freedom on.

    By the expansion of Fisher and Cornish (Abramowitz and Stegun, 26.7.5).
    """
    z: float = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / float(freedom) ** power for power, term in enumerate(terms, 1))


def variance_reduction(paired: Moments) -> float:
    """Return how many times as many subscribers the same interval would take, were both runs drawn independently."""
    independent = paired.products.copy()
    means = np.outer(paired.sums, paired.sums) / paired.units
    independent[:2, 2:] = means[:2, 2:]
    independent[2:, :2] = means[2:, :2]
    apart, together = difference_of(paired._replace(products=independent)), difference_of(paired)
    if together.high == together.low:
        return float("inf")
    return ((apart.high - apart.low) / (together.high - together.low)) ** 2


class OverSets(NamedTuple):
    """A difference over parameter sets that published figures cannot tell apart: second-order Monte Carlo.

    Attributes:
        median: of the differences.
        low: 5 % of them are less.
        high: 5 % of them are more.
        share_above: of the sets, in how many the second policy has more.
        share_even: of the sets, in how many both have the same.
        simulation_error: the standard error of one set's difference, on average; more subscribers make it less, and
            leave the spread over the sets as it is.
    """

    median: float
    low: float
    high: float
    share_above: float
    share_even: float
    simulation_error: float

    @classmethod
    def of(cls, differences: Sequence[Difference]) -> OverSets:
        """Return them of the differences in each set. Raises `InvalidPolicy`: there is none."""
        if not differences:
            raise InvalidPolicy("at least one set of parameters is needed")
        values = np.array([each.difference for each in differences])
        low, median, high = map(float, np.quantile(values, (0.05, 0.5, 0.95)))
        z = NormalDist().inv_cdf(0.975)
        errors = np.array([(each.high - each.low) / 2 / z for each in differences])
        above, even = (values > 0).mean(), (values == 0).mean()
        return cls(median, low, high, float(above), float(even), float(np.sqrt((errors**2).mean())))

    @property
    def wins(self) -> str:
        """Return in how many sets the second policy has more, in words: where both have the same, neither wins."""
        if self.share_even == 1:
            return "in none, and is even in all"
        even = f", and is even in {100 * self.share_even:.0f} %" if self.share_even >= 0.005 else ""
        return f"in {100 * self.share_above:.0f} %{even}"
