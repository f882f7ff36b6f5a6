"""Tables that the model functions read: shares and curves made once from the parameters.

Logarithms and powers are taken here, and only here, so that Python, NumPy and a compiler compare the same floats. A
compiled engine turns each tuple into an array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import expm1
from typing import NamedTuple

from simulations.models.chance import HORIZON_HOURS
from simulations.models.parameters import CLICK_DAYS, DunningParameters

PAY_PERIOD_HOURS = (168, 336, 365, 730)
"""Paid weekly, biweekly, twice a month, monthly."""
LAST_CLICK_HOUR = 24 * CLICK_DAYS[-1]


class DunningTables(NamedTuple):
    """Parameters as the model functions read them.

    Attributes:
        causes: cumulative shares, in the order of `Cause`.
        opaque: by cause, the share of declines that say nothing.
        pay_periods: cumulative shares of the pay periods.
        response: by cause, what a click rate is multiplied with to give the chance of an update.

    A `..._curve` holds for each hour the share of waits that are over by then.
    """

    causes: Sequence[float]
    opaque: Sequence[float]
    nsf_chronic: float
    nsf_cycle_ok: float
    pay_periods: Sequence[float]
    pay_period_hours: Sequence[int]
    funds_curve: Sequence[float]
    risk_cure: float
    risk_fast_share: float
    risk_fast_curve: Sequence[float]
    risk_slow_curve: Sequence[float]
    transient_cure: float
    transient_curve: Sequence[float]
    updater_cure: float
    updater_curve: Sequence[float]
    click_by_hour: Sequence[float]
    click_by_number: Sequence[float]
    response: Sequence[float]
    cancel_per_notice: float
    delay_least_hours: int
    delay_span_hours: int
    spontaneous_curve: Sequence[float]
    new_card_approved: float
    flat_curve: Sequence[float]


def tables_of(parameters: DunningParameters) -> DunningTables:
    """Return the tables that these parameters make."""
    p = parameters
    weight = p.click_day_weight
    return DunningTables(
        causes=_from_the_end(p.mix),
        opaque=(*4 * (p.opaque,), p.opaque / 2, p.opaque / 2, 0.0),
        nsf_chronic=p.nsf_chronic,
        nsf_cycle_ok=p.nsf_cycle_ok,
        pay_periods=_from_the_end(p.pay_mix),
        pay_period_hours=PAY_PERIOD_HOURS,
        funds_curve=_exponential(p.nsf_funds_days),
        risk_cure=p.risk_cure,
        risk_fast_share=p.risk_fast_share,
        risk_fast_curve=_exponential(p.risk_fast_days),
        risk_slow_curve=_exponential(p.risk_slow_days),
        transient_cure=p.transient_cure,
        transient_curve=_log_logistic(p.transient_median_days, p.transient_shape),
        updater_cure=p.updater_cure,
        updater_curve=_exponential(p.updater_days),
        click_by_hour=tuple(_clicks_at(hour / 24, p.click_rates) ** weight for hour in range(LAST_CLICK_HOUR + 1)),
        click_by_number=tuple(rate ** (1 - weight) for rate in p.click_rates),
        response=_responses(p),
        cancel_per_notice=p.cancel_per_notice,
        delay_least_hours=p.reaction_delay_hours[0],
        delay_span_hours=p.reaction_delay_hours[1] - p.reaction_delay_hours[0] + 1,
        spontaneous_curve=constant_hazard(p.spontaneous_per_day),
        new_card_approved=p.new_card_approved,
        flat_curve=constant_hazard(p.flat_cancel_per_day),
    )


def _from_the_end(shares: Sequence[float]) -> tuple[float, ...]:
    """Return cumulative shares that end in exactly 1, as adding floats need not."""
    after = list(accumulate(reversed(shares[1:]), initial=0.0))
    return tuple(1 - share for share in reversed(after))


def _curve(share_within: Callable[[int], float]) -> tuple[float, ...]:
    return tuple(share_within(hours) for hours in range(HORIZON_HOURS + 1))


def _exponential(mean_days: float) -> tuple[float, ...]:
    """Return the curve of 1 + floor(-24 mean ln(1 - u)) hours."""
    return _curve(lambda hours: -expm1(-hours / (24 * mean_days)))


def constant_hazard(per_day: float) -> tuple[float, ...]:
    """Return the curve of an exponential wait given by its rate, which may be 0."""
    return _curve(lambda hours: -expm1(-hours * per_day / 24))


def _log_logistic(median_days: float, shape: float) -> tuple[float, ...]:
    """Return the curve of 1 + floor(24 median (u / (1 - u)) ** shape) hours."""
    return _curve(lambda hours: 1 - 1 / (1 + (hours / (24 * median_days)) ** (1 / shape)))


def _clicks_at(day: float, rates: Sequence[float]) -> float:
    """Return the click rate of a notice on that day: linear between the days that were measured."""
    for left, right, rate, next_rate in zip(CLICK_DAYS, CLICK_DAYS[1:], rates, rates[1:], strict=False):
        if day <= right:
            return rate + (next_rate - rate) * (day - left) / (right - left)
    return rates[-1]


def _responses(p: DunningParameters) -> tuple[float, ...]:
    """Return by cause the chance of an update for each click; over all failures it is `valid_card_given_click`."""
    spread = [relative**p.response_spread for relative in p.relative_response]
    mean = sum(share * response for share, response in zip(p.mix, spread, strict=True))
    return tuple(p.valid_card_given_click * response / mean for response in spread)
