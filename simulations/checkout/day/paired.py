"""Two shops' days compared seed by seed, with the same customers in both. One day alone is in `day`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from payflows.checks import instance_of, sequence, whole_number

from simulations.checkout.day.run import run
from simulations.checkout.day.scenario import ShopDay
from simulations.time.parallel import cores, parallel

if TYPE_CHECKING:
    import pandas as pd

_Pair = tuple[ShopDay, ShopDay, int]


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """By how many orders one way of doing it sold more than the other.

    Attributes:
        by_seed: one row a seed: orders sold in the `first`, in the `second`, and how many `more` in the first.
    """

    by_seed: pd.DataFrame

    @property
    def median(self) -> float:
        """The middle of the seeds."""
        return float(median(self.by_seed["more"]))

    @property
    def interval(self) -> tuple[int, int]:
        """The least and the greatest of the seeds."""
        return int(self.by_seed["more"].min()), int(self.by_seed["more"].max())

    @property
    def confidence(self) -> float:
        """How surely the true median lies between them: all seeds fall on one side as often as a coin does."""
        return float(1 - 2 * 0.5 ** len(self.by_seed))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.median:g} orders a day more ({low} to {high}; {self.confidence:.1%} confidence)"


def paired(first: ShopDay, second: ShopDay, *, seeds: Sequence[int]) -> Difference:
    """Run both days once a seed, on all cores, and compare how many orders they sold.

    Args:
        first: one way.
        second: the other.
        seeds: one pair of days each, at least one.

    Raises:
        InvalidPolicy: no seed, or one that is none.
    """
    import pandas as pd

    instance_of("first", first, ShopDay)
    instance_of("second", second, ShopDay)
    sequence("seeds", seeds)
    whole_number("the number of seeds", len(seeds), least=1)
    pairs: list[_Pair] = [(first, second, seed) for seed in seeds]
    rows = list(parallel(_sold, pairs, workers=cores()))
    table = pd.DataFrame(rows, columns=["seed", "first", "second"])
    return Difference(table.assign(more=table["first"] - table["second"]))


def _sold(pair: _Pair) -> tuple[int, int, int]:
    first, second, seed = pair
    return seed, run(first, seed=seed).sold, run(second, seed=seed).sold
