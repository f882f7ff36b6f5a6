"""The market under a fee: its closed form, when there is a best fee and when none, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest

from payflows.errors import InvalidPolicy
from simulations.models.assumptions import MARKET_ASSUMPTIONS
from simulations.models.market import FEES, MarketParameters, best_fees, plausible_markets, revenue, sales

PLAIN = MarketParameters(refund_rate=0, dispute_rate=0)
"""Without refunds and disputes, as its check values are."""

QUARTERS = (4, 8, 12, 16, 20, 40)
NONE = None

BEST_FEES = {
    0: (NONE, NONE, NONE, NONE, NONE, NONE),
    0.003: (NONE, NONE, NONE, NONE, NONE, 20.5),
    0.004: (NONE, NONE, NONE, NONE, NONE, 13.5),
    0.006: (NONE, NONE, NONE, 25.6, 19.4, 10.0),
    0.008: (NONE, NONE, 24.5, 17.3, 12.9, 10.0),
    0.012: (NONE, 22.6, 14.2, 10.0, 10.0, 10.0),
    0.02: (23.2, 11.6, 10.0, 10.0, 10.0, 10.0),
}
"""In percent by exit hazard, for each horizon: the calibration's table."""


@pytest.mark.parametrize(("hazard", "expected"), BEST_FEES.items())
def test_the_best_fee_depends_on_horizon_and_exit_and_often_there_is_none(
    hazard: float, expected: tuple[float | None, ...]
) -> None:
    found = best_fees(replace(PLAIN, exit_hazard=hazard), max(QUARTERS))

    for quarters, percent in zip(QUARTERS, expected, strict=True):
        best = found[quarters - 1]
        assert np.isnan(best) if percent is None else round(best * 100, 1) == pytest.approx(percent, abs=0.051)


@pytest.mark.parametrize("stay", [0.5, 1.0])
@pytest.mark.parametrize("hazard", BEST_FEES)
def test_there_is_none_where_buyers_stay(hazard: float, stay: float) -> None:
    assert np.isnan(best_fees(replace(PLAIN, exit_hazard=hazard, buyers_who_stay=stay), 40)).all()


@pytest.mark.parametrize(
    ("supply", "demand", "k", "maximum"),
    [(1.2, -0.94, -0.0336, None), (1.2, -1.5, 0.2222, 0.818), (2.0, -1.5, 0.2857, 0.778), (0.3, -1.5, 0.0833, 0.923)],
)
def test_without_exit_sales_follow_a_power_of_what_is_left(
    supply: float, demand: float, k: float, maximum: float | None
) -> None:
    """V12"""
    market = replace(PLAIN, exit_hazard=0, supply_elasticity=supply, demand_elasticity=demand)
    fees = np.arange(1, 1_000) / 1_000

    ratio = np.log(sales(market, np.array([0.5]), 1) / sales(market, np.array([0.2]), 1)) / np.log(0.5 / 0.8)
    best = fees[revenue(market, fees, 1)[:, 0].argmax()]

    assert ratio.item() == pytest.approx(k, abs=1e-3)
    assert best == (fees[-1] if maximum is None else pytest.approx(maximum, abs=1e-3))


def test_at_the_reference_fee_nothing_changes() -> None:
    assert sales(MarketParameters(), np.array([0.1, 0.1]), 3).tolist() == [[1, 1, 1]] * 2
    assert sales(MarketParameters(), np.array([0.2]), 3, reference=np.array([0.2])).tolist() == [[1, 1, 1]]


def changes() -> Iterator[tuple[str, float]]:
    for field in fields(MarketParameters):
        yield field.name, getattr(MarketParameters(buyers_who_stay=0.2), field.name) * 0.9


@pytest.mark.parametrize(("name", "value"), list(changes()))
def test_every_parameter_changes_something(name: str, value: float) -> None:
    market = MarketParameters()

    assert (revenue(replace(market, **{name: value}), FEES, 8) != revenue(market, FEES, 8)).any()


def test_plausible_markets_lie_within_the_ranges_and_fill_them() -> None:
    markets = plausible_markets(1, 300, reference_fee=0.1)

    for name, assumption in MARKET_ASSUMPTIONS.items():
        values = [getattr(market, name) for market in markets]
        assert assumption.range is not None
        low, high = assumption.range
        if name == "reference_fee":
            assert set(values) == {0.1}
        else:
            assert low <= min(values) < low + 0.05 * (high - low) < high - 0.05 * (high - low) < max(values) <= high


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match=r"demand_elasticity must be below 0, got 0\.9"):
        MarketParameters(demand_elasticity=0.9)
    with pytest.raises(InvalidPolicy, match=r"exit_hazard must be a number from 0 to 1, got 1\.5"):
        MarketParameters(exit_hazard=1.5)
    with pytest.raises(InvalidPolicy, match="a market has no exit, but supply_elasticity, "):
        plausible_markets(1, exit=0.1)
    with pytest.raises(InvalidPolicy, match="quarters must be a whole number from 1 to 400, got 0"):
        sales(PLAIN, FEES, 0)
