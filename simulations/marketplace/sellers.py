"""Sellers of many sizes, and what a fee schedule keeps of each: tiers and fixed parts mean different things to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from payflows.checks import instance_of, positive, whole_number
from payflows.errors import InvalidPolicy
from payflows.marketplace.fees import FeeSchedule
from payflows.money import CURRENCIES, LARGEST_MINOR, Money

from simulations.models.market import Numbers
from simulations.time.draws import Draws

_NORMAL = NormalDist()


class Seller(NamedTuple):
    """A seller, as found.

    Attributes:
        order: what a buyer pays for one order.
        orders_per_month: how many there are.
    """

    order: Money
    orders_per_month: int

    @property
    def sales_minor(self) -> int:
        """Return what is sold in a month."""
        return self.order.minor * self.orders_per_month


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerPopulation:
    """From which sellers are drawn. All of it is assumed: put your own in its place.

    Attributes:
        count: how many sellers.
        currency: of their orders.
        median_order_minor: half of the sellers have smaller orders.
        order_spread: standard deviation of the logarithm.
        median_orders_per_month: half of the sellers have fewer.
        orders_spread: standard deviation of the logarithm.

    Raises:
        InvalidPolicy: numbers that cannot be.
    """

    count: int = 400
    currency: str = "usd"
    median_order_minor: int = 4_000
    order_spread: float = 0.8
    median_orders_per_month: int = 8
    orders_spread: float = 1.2

    def __post_init__(self) -> None:
        whole_number("count", self.count, least=1, most=100_000)
        Money(self.median_order_minor, self.currency).chargeable()
        whole_number("median_orders_per_month", self.median_orders_per_month, least=1, most=10_000)
        positive("order_spread", self.order_spread, most=3)
        positive("orders_spread", self.orders_spread, most=3)

    def sellers(self, seed: int) -> tuple[Seller, ...]:
        """Return the sellers that a seed draws."""
        draws = Draws(seed)
        orders, counts = draws.of("order value"), draws.of("orders per month")
        return tuple(
            Seller(
                self._order(orders.uniform(number)),
                _lognormal(self.median_orders_per_month, self.orders_spread, counts.uniform(number), least=1, most=300),
            )
            for number in range(self.count)
        )

    def _order(self, uniform: float) -> Money:
        _, least, step, _ = CURRENCIES[self.currency]
        minor = _lognormal(self.median_order_minor, self.order_spread, uniform, least=least, most=LARGEST_MINOR // 2)
        return Money(minor // step * step, self.currency)


class Kept(NamedTuple):
    """What is kept of each seller's sales, as shares of them.

    Attributes:
        fee: all that the seller gives up.
        cost: what Stripe is expected to charge the platform.
    """

    fee: Numbers
    cost: Numbers


def kept_of(schedule: FeeSchedule, sellers: Sequence[Seller]) -> Kept:
    """Return what a schedule keeps of each seller's month, order by order: the volume rises from one to the next."""
    instance_of("schedule", schedule, FeeSchedule)
    if wrong := {seller.order.currency for seller in sellers} - {schedule.currency}:
        raise InvalidPolicy(f"the sellers must sell in {schedule.currency}, got {', '.join(sorted(wrong))}")
    shares = [_shares_of(schedule, seller) for seller in sellers]
    return Kept(*(np.array(column) for column in zip(*shares, strict=True)))


def _shares_of(schedule: FeeSchedule, seller: Seller) -> tuple[float, float]:
    volumes = (number * seller.order.minor for number in range(seller.orders_per_month))
    kept_minor = sum(schedule.fee_of(seller.order, volume).application_fee.minor for volume in volumes)
    cost_minor = schedule.stripe_fee_of(seller.order).minor * seller.orders_per_month
    return kept_minor / seller.sales_minor, cost_minor / seller.sales_minor


def _lognormal(median: int, spread: float, uniform: float, *, least: int, most: int) -> int:
    """Return the quantile of a log-normal distribution, within bounds."""
    quantile = _NORMAL.inv_cdf(min(max(uniform, 1e-9), 1 - 1e-9))
    return int(min(max(round(median * np.exp(spread * quantile)), least), most))
