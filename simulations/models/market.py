"""A market of sellers and buyers under a platform's fee: how much is sold, and who leaves, quarter by quarter.

In closed form, relative to a reference fee at which sellers are in balance. Sellers offer by what is left to them,
buyers buy by price, and above the reference fee sellers leave at a constant rate; some of their buyers stay and buy
from others. Not modelled: sellers who join after a cut, other platforms, adjustment over time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from payflows.checks import positive, share, whole_number
from payflows.errors import InvalidPolicy

from simulations.models.assumptions import MARKET_ASSUMPTIONS
from simulations.time.draws import Draws

Numbers: TypeAlias = NDArray[np.float64]

FEES: Numbers = np.arange(50, 301) / 1_000
"""5 to 30 %: fees that are seen. An optimum at the upper edge is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketParameters:
    """How sellers and buyers answer to fees; `MARKET_ASSUMPTIONS` says what is known of each.

    Raises:
        InvalidPolicy: a share that is none, or an elasticity with the wrong sign.
    """

    supply_elasticity: float = 1.2
    demand_elasticity: float = -0.94
    exit_hazard: float = 0.004
    buyers_who_stay: float = 0.0
    reference_fee: float = 0.10
    refund_rate: float = 0.05
    dispute_rate: float = 0.003
    dispute_loss: float = 0.75

    def __post_init__(self) -> None:
        positive("supply_elasticity", self.supply_elasticity, most=100)
        if not self.demand_elasticity < 0:
            raise InvalidPolicy(f"demand_elasticity must be below 0, got {self.demand_elasticity!r}")
        for field in fields(self)[2:]:
            share(field.name, getattr(self, field.name))

    @property
    def dispute_costs(self) -> float:
        """Return what disputes cost the platform, as a share of what is sold."""
        return self.dispute_rate * self.dispute_loss


def sales(parameters: MarketParameters, fee: Numbers, quarters: int, *, reference: Numbers | None = None) -> Numbers:
    """Return what is sold in each quarter, relative to the reference fee, before refunds; quarters come last.

    Args:
        parameters: of the market.
        fee: what sellers give up, as a share of the price; any shape.
        quarters: how many.
        reference: at which fee sellers are in balance; None: the parameters'.
    """
    whole_number("quarters", quarters, least=1, most=400)
    fee = np.asarray(fee, dtype=float)[..., None]
    before = parameters.reference_fee if reference is None else np.asarray(reference, dtype=float)[..., None]
    supply, demand = parameters.supply_elasticity, parameters.demand_elasticity
    quarter = np.arange(1, quarters + 1)
    sellers = np.exp(-100 * parameters.exit_hazard * np.maximum(0, fee - before) * quarter)
    buyers = parameters.buyers_who_stay + (1 - parameters.buyers_who_stay) * sellers
    price = (buyers / sellers * ((1 - fee) / (1 - before)) ** -supply) ** (1 / (supply - demand))
    sold: Numbers = buyers * price ** (1 + demand)
    return sold


def revenue(parameters: MarketParameters, fee: Numbers, quarters: int, *, cost: float = 0.0) -> Numbers:
    """Return what the platform keeps by the end of each quarter, relative to sales of one quarter at the reference fee.

    Args:
        parameters: of the market.
        fee: what sellers give up, as a share of the price.
        quarters: how many.
        cost: what Stripe charges the platform, as a share of the price; 0 where sellers bear it.
    """
    kept = np.asarray(fee, dtype=float)[..., None] - cost - parameters.dispute_costs
    by_quarter: Numbers = kept * sales(parameters, fee, quarters) * (1 - parameters.refund_rate)
    return by_quarter.cumsum(axis=-1)


def best_fees(parameters: MarketParameters, quarters: int, *, cost: float = 0.0) -> Numbers:
    """Return the fee of `FEES` that keeps most, for each horizon of up to `quarters`; NaN: it still rises at 30 %."""
    best = revenue(parameters, FEES, quarters, cost=cost).argmax(axis=0)
    return np.where(best == len(FEES) - 1, np.nan, FEES[best])


def plausible_markets(seed: int, count: int = 300, **held: float) -> tuple[MarketParameters, ...]:
    """Return markets drawn evenly from the ranges of all parameters: nothing published tells them apart.

    Args:
        seed: of the draws.
        count: how many.
        held: parameters that all have alike.

    Raises:
        InvalidPolicy: no such parameter.
    """
    whole_number("count", count, least=1, most=100_000)
    if unknown := held.keys() - MARKET_ASSUMPTIONS.keys():
        raise InvalidPolicy(f"a market has no {' or '.join(sorted(unknown))}, but {', '.join(MARKET_ASSUMPTIONS)}")
    draws = Draws(seed)
    ranges = {name: each.range for name, each in MARKET_ASSUMPTIONS.items() if name not in held}
    return tuple(MarketParameters(**_drawn(draws, ranges, number), **held) for number in range(count))


def _drawn(draws: Draws, ranges: Mapping[str, tuple[float, float] | None], number: int) -> dict[str, float]:
    return {
        name: low + (high - low) * draws.of(f"market {name}").uniform(number)
        for name, (low, high) in ((name, limits) for name, limits in ranges.items() if limits is not None)
    }
