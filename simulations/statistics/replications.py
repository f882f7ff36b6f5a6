"""Intervals of means over replications: the same scenario with other chance, few times."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean, stdev

from payflows.checks import whole_number

from simulations.statistics.ratios import Estimate


def mean_of(values: Sequence[float]) -> Estimate:
    """Return the mean of replications with its 95 % interval, by Student's t; of differences, it is a paired one.

    Args:
        values: one of each replication.

    Raises:
        InvalidPolicy: fewer than two.
    """
    whole_number("the number of replications", len(values), least=2)
    mean, half = fmean(values), student_t(len(values) - 1) * stdev(values) / sqrt(len(values))
    return Estimate(mean, mean - half, mean + half)


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
