"""The fee lab, for the people who tune fees: is there a best fee, where do sales lose money, which of two schedules.

Every answer is a range over `plausible_markets`, which nothing published tells apart. Its figures are in `figures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from payflows.checks import instance_of, sequence, share, whole_number
from payflows.marketplace.fees import FeeSchedule

from simulations.marketplace.sellers import Kept, Seller, kept_of
from simulations.models.market import MarketParameters, Numbers, best_fees, plausible_markets, sales

if TYPE_CHECKING:
    import pandas as pd

HAZARDS = (0.003, 0.004, 0.006, 0.008, 0.012, 0.02)
HORIZONS = (4, 8, 12, 16, 20, 40)
MARKETS = 300
MOST_QUARTERS = 400


def percent(part: float, decimals: int = 0) -> str:
    """Write a share as figures do."""
    return f"{part:.{decimals}%}".replace("%", " %")


def signed_percent(part: float) -> str:
    """Write a difference as figures do."""
    return f"{round(part, 2) + 0.0:+.0%}".replace("%", " %")  # plus zero: no difference is not below zero


class Span(NamedTuple):
    """A figure over all markets: median, and 5 to 95 %.

    Attributes:
        low: of 5 %.
        median: of half.
        high: of 95 %.
    """

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Numbers) -> Span:
        """Return the span of values; the three are values that occur."""
        return cls(*map(float, np.quantile(values, (0.05, 0.5, 0.95), method="nearest")))


class BestFee(NamedTuple):
    """The best fee at one exit hazard and horizon, over all markets.

    Attributes:
        exit_hazard: share of the sellers who leave in a quarter, for each point above the reference fee.
        quarters: horizon.
        none_share: of the markets in which revenue still rises at 30 %: there is no best fee.
        fee: of the others; None: there are none.
    """

    exit_hazard: float
    quarters: int
    none_share: float
    fee: Span | None

    @property
    def text(self) -> str:
        """Return it in a few words: where most markets have no best fee, that there is none."""
        if self.fee is None or self.none_share > 0.5:
            return f"none\nin {percent(self.none_share)}"
        most = f"\nnone in {percent(self.none_share)}" if self.none_share >= 0.005 else ""
        return f"{percent(self.fee.median)}\n{percent(self.fee.low)} to {percent(self.fee.high)}{most}"


class BestFees(NamedTuple):
    """Best fees by exit hazard and horizon.

    Attributes:
        cells: row by row, by exit hazard.
        buyers_who_stay: share of the buyers of sellers who left.
        cost: what Stripe charges the platform, as a share of sales.
    """

    cells: tuple[BestFee, ...]
    buyers_who_stay: float
    cost: float

    def table(self) -> pd.DataFrame:
        """Return exit hazards by horizons, in words."""
        import pandas as pd

        rows = [(cell.exit_hazard, cell.quarters, " ".join(cell.text.split())) for cell in self.cells]
        frame = pd.DataFrame(rows, columns=["exit hazard", "quarters", "best fee"])
        return frame.pivot(index="exit hazard", columns="quarters", values="best fee")


def find_best_fees(
    seed: int,
    *,
    hazards: Sequence[float] = HAZARDS,
    horizons: Sequence[int] = HORIZONS,
    buyers_who_stay: float = 0.0,
    cost: float = 0.0,
    markets: int = MARKETS,
) -> BestFees:
    """Return the best fee for each exit hazard and horizon, from a reference fee of 10 %.

    Args:
        seed: of the markets.
        hazards: shares of the sellers who leave in a quarter, for each point above the reference fee.
        horizons: in quarters.
        buyers_who_stay: share of the buyers of sellers who left.
        cost: what Stripe charges the platform, as a share of sales; 0 where sellers bear it.
        markets: how many.
    """
    sequence("hazards", hazards, least=1)
    sequence("horizons", horizons, least=1)
    for quarters in horizons:
        whole_number("a horizon", quarters, least=1, most=MOST_QUARTERS)
    share("cost", cost)
    cells: list[BestFee] = []
    for hazard in hazards:
        held = {"exit_hazard": hazard, "buyers_who_stay": buyers_who_stay, "reference_fee": 0.1}
        found = [best_fees(market, max(horizons), cost=cost) for market in plausible_markets(seed, markets, **held)]
        by_horizon = np.array(found)[:, [quarters - 1 for quarters in horizons]].T
        cells.extend(_cell(hazard, quarters, fees) for quarters, fees in zip(horizons, by_horizon, strict=True))
    return BestFees(tuple(cells), buyers_who_stay, cost)


def _cell(hazard: float, quarters: int, fees: Numbers) -> BestFee:
    known = fees[~np.isnan(fees)]
    return BestFee(hazard, quarters, 1 - len(known) / len(fees), Span.of(known) if len(known) else None)


class FeeComparison(NamedTuple):
    """Two schedules on the same sellers and buyers, in each of many markets.

    Attributes:
        names: of the one in use and of the other.
        quarters: the horizon of the decision.
        kept: by the one in use, of all sales, in each market, less Stripe's fee and disputes.
        gains: by market and horizon, how much more the other keeps: as a share of what the one in use does, or of its
            sales where that is in profit in some markets only, or in none.
        in_profit: the one in use is, in every market.
    """

    names: tuple[str, str]
    quarters: int
    kept: Span
    gains: Numbers
    in_profit: bool = True

    def gain(self, quarters: int | None = None) -> Span:
        """Return how much more the other keeps by a horizon, over all markets. Raises `InvalidPolicy`: beyond them."""
        end = self.quarters if quarters is None else quarters
        whole_number("quarters", end, least=1, most=self.gains.shape[1])
        return Span.of(self.gains[:, end - 1])

    @property
    def unit(self) -> str:
        """Return of what a gain is a share, as a phrase that follows the figure."""
        return (
            f"against {self.names[0]}" if self.in_profit else f"of sales against {self.names[0]}, which may lose money"
        )

    @property
    def more_share(self) -> float:
        """Return the share of the markets in which the other keeps more."""
        return float((self.gains[:, self.quarters - 1] > 0).mean())

    @property
    def decision(self) -> str:
        """Return what follows, in one sentence."""
        (now, other), gain = self.names, self.gain()
        if not self.gains.any():
            return f"{other} keeps as much as {now}, in every market."
        found = (
            f"over {self.quarters} quarters {other} keeps {signed_percent(gain.median)} {self.unit} "
            f"({signed_percent(gain.low)} to {signed_percent(gain.high)} in nine of ten markets, "
            f"more in {percent(self.more_share)} of all)"
        )
        if gain.low > 0:
            return f"Take {other}: {found}."
        if gain.high < 0:
            return f"Stay with {now}: {found}."
        return f"It is not known which is better: {found}."


def compare_fees(
    seed: int,
    sellers: Sequence[Seller],
    now: tuple[str, FeeSchedule],
    other: tuple[str, FeeSchedule],
    *,
    quarters: int = 12,
    horizon: int = 20,
    markets: int = MARKETS,
    **held: float,
) -> FeeComparison:
    """Return what another schedule would keep, beside the one in use, with which each seller is in balance.

    Args:
        seed: of the markets.
        sellers: the same for both.
        now: name and schedule in use.
        other: name and schedule that would take its place.
        quarters: the horizon of the decision.
        horizon: the longest that is looked at.
        markets: how many.
        held: parameters of the market that all have alike.
    """
    sequence("sellers", sellers, least=1)
    for name, schedule in (now, other):
        instance_of("a name", name, str)
        instance_of(f"the schedule {name}", schedule, FeeSchedule)
    whole_number("quarters", quarters, least=1, most=horizon)
    sizes = np.array([seller.sales_minor for seller in sellers], dtype=float)
    before, after = (kept_of(schedule, sellers) for _, schedule in (now, other))
    drawn = plausible_markets(seed, markets, **({"reference_fee": 0.1} | held))
    base, changed = (
        np.array([_kept(market, sizes, each, before, horizon) for market in drawn]) for each in (before, after)
    )
    in_profit = bool((base > 0).all())
    sold = sizes.sum() * np.arange(1, horizon + 1)  # at the fee in use as much is sold in each quarter
    gains = (changed - base) / (base if in_profit else sold)
    return FeeComparison((now[0], other[0]), quarters, Span.of(base[:, 0] / sold[0]), gains, in_profit)


def _kept(market: MarketParameters, sizes: Numbers, kept: Kept, reference: Kept, quarters: int) -> Numbers:
    """Return what the platform keeps by the end of each quarter, of all sellers, in months of sales."""
    sold = sales(market, kept.fee, quarters, reference=reference.fee)
    by_seller = sold * (kept.fee - kept.cost - market.dispute_costs)[:, None] * (1 - market.refund_rate)
    total: Numbers = (sizes[:, None] * by_seller).sum(axis=0).cumsum()
    return total
