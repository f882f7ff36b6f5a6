"""Intervals of ratios, and of their differences between two runs that met the same units.

A unit is what adds to both sums of a ratio independently of all others: a subscriber, or a vendor of a marketplace.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from payflows.checks import whole_number
from payflows.errors import InvalidPolicy

LEAST_UNITS = 30
"""Fewer are too few for an interval that rests on the central limit theorem."""

LEAST_INVOLVED = 10
"""Of fewer units with anything below the line nothing is said: what one of them did would be taken for a rule."""

Floats = npt.NDArray[np.float64]
Slopes = tuple[float, float]

_Z = NormalDist().inv_cdf(0.975)


class Part(NamedTuple):
    """What one unit adds to a ratio: such as invoices recovered, and invoices that failed."""

    above: float
    below: float


class Difference(NamedTuple):
    """A measure in two runs, and how much more it is in the second, with its 95 % interval."""

    first: float
    second: float
    difference: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Whether the interval leaves no doubt about the sign."""
        return self.low > 0 or self.high < 0


def difference_of_ratios(first: Sequence[Part], second: Sequence[Part]) -> Difference:
    """Return how much greater a ratio of sums is in the second run than in the first.

    The runs are paired: what one unit adds to one of them is compared with what they add to the other. The
    variance is that of the ratios' linear parts (the delta method; Cochran, "Sampling Techniques", 1977, chapter 6).
    Where few fare differently it says too much: with 20 of them such intervals hold the truth in 94 of 100
    repeats, with 5 in 89.

    Args:
        first: what each unit adds, in their order.
        second: the same, of the other run.

    Raises:
        InvalidPolicy: fewer than 30 units, not as many in both, or next to nothing to divide by.
    """
    if len(first) != len(second):
        raise InvalidPolicy(f"the runs must have the same units, got {len(first)} and {len(second)}")
    rows = np.hstack([np.array(parts, np.float64).reshape(-1, 2) for parts in (first, second)])
    return difference_of(Moments.of(rows))


class Moments(NamedTuple):
    """What intervals of ratios need to know of units, each of whom adds some numbers: sums, and sums of products.

    Attributes:
        units: how many.
        sums: of each number.
        products: of each with each.
    """

    units: int
    sums: Floats
    products: Floats

    @classmethod
    def of(cls, rows: Floats) -> Moments:
        """Return those of rows, a unit each."""
        return cls(len(rows), rows.sum(axis=0), rows.T @ rows)


class Estimate(NamedTuple):
    """A measure with its 95 % interval."""

    value: float
    low: float
    high: float


def estimate_of(moments: Moments) -> Estimate:
    """Return the ratio of two numbers that each unit adds: the first to what is above, the second below."""
    value, slopes = _ratio(moments, 0)
    half = _half(_variance(moments, slopes, slopes, 0, 0), value or 1.0, _involved(moments, 0))
    return Estimate(value, value - half, value + half)


def difference_of(moments: Moments) -> Difference:
    """Return how much greater a ratio is in the second of two runs that have the same units, paired.

    Args:
        moments: of above and below in the first run, then of above and below in the second.

    Raises:
        InvalidPolicy: fewer than 30 units, or next to nothing to divide by.
    """
    (first, slopes), (second, others) = _ratio(moments, 0), _ratio(moments, 2)
    apart = _variance(moments, slopes, slopes, 0, 0) + _variance(moments, others, others, 2, 2)
    together = _variance(moments, slopes, others, 0, 2)
    involved = min(_involved(moments, 0), _involved(moments, 2))
    return _difference(first, second, apart - 2 * together, involved)  # of runs that are the same, exactly nothing


def difference_between(first: Moments, second: Moments) -> Difference:
    """Return the same of two runs whose units are others, drawn independently."""
    (ratio, slopes), (other, others) = _ratio(first, 0), _ratio(second, 0)
    variance = _variance(first, slopes, slopes, 0, 0) + _variance(second, others, others, 0, 0)
    return _difference(ratio, other, variance, min(_involved(first, 0), _involved(second, 0)))


def _difference(first: float, second: float, variance: float, involved: float) -> Difference:
    difference = second - first
    half = _half(variance, difference, involved)
    return Difference(first, second, difference, difference - half, difference + half)


def _half(variance: float, value: float, involved: float) -> float:
    """Return half an interval. Where all units did the same, three of as many more may not (the rule of three)."""
    half = _Z * max(0.0, variance) ** 0.5
    return half if half > 1e-9 * abs(value) else 3 / involved * abs(value)


def _involved(moments: Moments, place: int) -> float:
    """Return how many units bear on a ratio: those with anything below the line, fewer where some have much more.

    Kish's effective sample size.
    """
    below = place + 1
    return float(moments.sums[below] ** 2 / moments.products[below, below])


def _ratio(moments: Moments, place: int) -> tuple[float, Slopes]:
    """Return the ratio of a number's sum to the next one's, and its slope by each of their means (the delta method)."""
    whole_number("how many units are compared", moments.units, least=LEAST_UNITS)
    above, below = float(moments.sums[place]), float(moments.sums[place + 1])
    if not below:
        raise InvalidPolicy("nothing has happened in a run that could be compared: let there be more, for longer")
    if (involved := _involved(moments, place)) < LEAST_INVOLVED:
        raise InvalidPolicy(
            f"it has happened to about {involved:.0f} units only, and an interval needs {LEAST_INVOLVED}: "
            "let there be more, for longer"
        )
    return above / below, (moments.units / below, -above / below * moments.units / below)


def _variance(moments: Moments, slopes: Slopes, others: Slopes, place: int, other: int) -> float:
    """Return the covariance of two ratios, at their places; of one with itself, its variance.

    By plain numbers: arrays of four would take six times as long, which a sweep feels in each cell of its table.
    """
    number, sums, products = moments.units, moments.sums.tolist(), moments.products.tolist()
    found = 0.0
    for one, slope in enumerate(slopes, place):
        for two, other_slope in enumerate(others, other):
            covariance = products[one][two] - number * (sums[one] / number * (sums[two] / number))
            found += slope * covariance * other_slope
    return found / (number - 1) / number
