"""Payout policies on the same vendors and buyers: what each loses, how surely, and what vendors wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from payflows.checks import instance_of, sequence
from payflows.errors import InvalidPolicy

from simulations.marketplace.year.run import Check, Outcome, broken_in, replicate
from simulations.marketplace.year.scenario import MarketplaceYear
from simulations.statistics.ratios import Difference, Estimate, Moments, Part, difference_of_ratios, estimate_of

if TYPE_CHECKING:
    import pandas as pd

    from simulations.drawing.picture import Picture


class ReserveCurves:
    """What is lost by the share that is held back as a reserve, a curve for each scenario.

    Scenarios that differ in payouts alone have the same vendors and buyers in the same replication, and are compared
    vendor by vendor. Intervals count all vendors of all replications, who are independent of each other, but for the
    few orders that have goods of two. Few disappear, so the intervals are rough.

    Args:
        reserves_bps: the shares, in basis points.
        outcomes: by the scenario's name, the replications for each share.
    """

    def __init__(self, reserves_bps: Sequence[int], outcomes: Mapping[str, Sequence[Sequence[Outcome]]]) -> None:
        self.reserves_bps = tuple(reserves_bps)
        self.outcomes = outcomes

    def loss(self, name: str, reserve_bps: int) -> Estimate:
        """Return what is lost, as a share of what is sold.

        Raises:
            InvalidPolicy: there is no such curve, or no such share on it; fewer than 30 vendors, or nothing was sold.
        """
        return estimate_of(Moments.of(np.array(self._parts(name, reserve_bps), np.float64)))

    def difference(self, first: tuple[str, int], second: tuple[str, int]) -> Difference:
        """Return how much more is lost in the second of two than in the first, paired by vendor.

        Args:
            first: a scenario's name, and its reserve in basis points.
            second: the other's.

        Raises:
            InvalidPolicy: as for `loss`.
        """
        return difference_of_ratios(self._parts(*first), self._parts(*second))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per curve and share: what is lost, in % of sales, and what vendors wait for, in days of sales.

        `more` is how much more is lost than with the first share, paired.
        """
        import pandas as pd

        rows = []
        for name in self.outcomes:
            for bps in self.reserves_bps:
                more = self.difference((name, self.reserves_bps[0]), (name, bps))[2:]
                shown = (round(100 * share, 2) + 0.0 for share in (*self.loss(name, bps), *more))
                rows.append([name, f"{bps / 100:g} %", *shown, self._held_days(name, bps)])
        columns = ["scenario", "reserve", "lost %", "from", "to", "more %", "more from", "more to", "held days"]
        return pd.DataFrame(rows, columns=columns)

    def plot(self, *names: str) -> Picture:
        """What is lost by the reserve's share, a line for each scenario with its 95 % interval.

        Args:
            names: which; none: all.

        Raises:
            InvalidPolicy: as for `loss`, or more than four.
        """
        from simulations.marketplace.year import figures

        losses = {name: [self.loss(name, bps) for bps in self.reserves_bps] for name in names or self.outcomes}
        return figures.loss_by_reserve(self.reserves_bps, losses)

    def _held_days(self, name: str, bps: int) -> float:
        """Return for how many days' sales vendors wait on average."""
        found = self._at(name, bps)
        return round(sum(each.held for each in found) / max(1.0, sum(each.volume / each.days for each in found)), 1)

    def _parts(self, name: str, reserve_bps: int) -> list[Part]:
        return [part for outcome in self._at(name, reserve_bps) for part in outcome.losses]

    def _at(self, name: str, reserve_bps: int) -> Sequence[Outcome]:
        if name not in self.outcomes or reserve_bps not in self.reserves_bps:
            raise InvalidPolicy(f"there is no {name!r} with {reserve_bps} basis points; there are {self!r}")
        return self.outcomes[name][self.reserves_bps.index(reserve_bps)]

    def __repr__(self) -> str:
        return f"<ReserveCurves of {', '.join(self.outcomes)} at {', '.join(map(str, self.reserves_bps))} bps>"


def reserve_curves(
    scenarios: Mapping[str, MarketplaceYear],
    *,
    reserves_bps: Sequence[int] = (0, 1_000, 2_500),
    reserve_days: int = 90,
    seeds: Sequence[int],
    workers: int = 1,
    check: Check | None = broken_in,
) -> ReserveCurves:
    """Run each scenario with each share held back as a reserve, once a seed.

    Args:
        scenarios: by name: such as paid out every week and every month, or under other assumptions.
        reserves_bps: the shares that are held back, in basis points; the first is what the others are compared with.
        reserve_days: for how long they are.
        seeds: of the replications.
        workers: processes among which the runs are shared. The result is the same for any number.
        check: what must hold at the end of each run; None: nothing is checked.

    Raises:
        InvalidPolicy: a value outside its bounds.
        InvariantBroken: something does not hold that must.
    """
    instance_of("scenarios", scenarios, Mapping)
    sequence("reserves_bps", reserves_bps)
    years = []
    for scenario in scenarios.values():
        instance_of("a scenario", scenario, MarketplaceYear)
        years += [scenario.paid_out(reserve_bps=bps, reserve_days=reserve_days if bps else 0) for bps in reserves_bps]
    found = replicate(years, seeds=seeds, workers=workers, check=check)
    many = len(reserves_bps)
    return ReserveCurves(
        reserves_bps, {name: found[place * many : (place + 1) * many] for place, name in enumerate(scenarios)}
    )
