"""Where a sale loses money: what the platform keeps of it is less than what Stripe charges for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil, floor
from typing import NamedTuple

from payflows.marketplace.fee_terms import FeeTerms, StripeFee, StripeFeeBorneBy
from payflows.money import CURRENCIES, LARGEST_MINOR, Money

_Line = tuple[Fraction, int]
"""Slope and height of a line over the amount."""


class LossRange(NamedTuple):
    """Payments of which the platform keeps less than Stripe charges, before either is rounded.

    Attributes:
        first: the smallest.
        last: the largest.
    """

    first: Money
    last: Money

    def __str__(self) -> str:
        starts_low = self.first.minor == CURRENCIES[self.first.currency].least_charge_minor
        if self.last.minor > LARGEST_MINOR - CURRENCIES[self.last.currency].step_minor:
            return f"of {self.first} or more"
        return f"of {self.last} or less" if starts_low else f"of {self.first} to {self.last}"


def loss_ranges(terms: FeeTerms, stripe_fee: StripeFee, tier: int, currency: str) -> tuple[LossRange, ...]:
    """Return all payments, within one tier, with which the platform loses money, from the smallest."""

    def margin(amount: Fraction) -> Fraction:
        return _margin(terms, stripe_fee, tier, amount)

    _, least, step, _ = CURRENCIES[currency]
    bounds = [zero for zero in _zeros(terms, stripe_fee, tier) if least - step < zero <= LARGEST_MINOR]
    ranges = _ranges(margin, [Fraction(least - step), *bounds, Fraction(LARGEST_MINOR + 1)], step)
    return tuple(LossRange(Money(first, currency), Money(last, currency)) for first, last in ranges)


def _margin(terms: FeeTerms, stripe_fee: StripeFee, tier: int, amount: Fraction) -> Fraction:
    """Return what the platform keeps of a payment, less what Stripe charges for it."""
    costs = stripe_fee.exact(amount)
    fee = terms.bounded(amount * terms.tiers[tier - 1].rate.bps / 10_000 + terms.fixed_minor)
    borne = costs if stripe_fee.borne_by is StripeFeeBorneBy.VENDOR else 0
    return min(amount, fee + borne) - costs


def _zeros(terms: FeeTerms, stripe_fee: StripeFee, tier: int) -> list[Fraction]:
    """Return every amount at which the margin may change its sign: its pieces are straight lines."""
    rate = Fraction(terms.tiers[tier - 1].rate.bps, 10_000)
    fees = [(rate, terms.fixed_minor), (Fraction(0), terms.minimum_minor)]
    if terms.cap_minor is not None:
        fees.append((Fraction(0), terms.cap_minor))
    costs = (Fraction(stripe_fee.rate.bps, 10_000), stripe_fee.fixed_minor)
    lines: list[_Line] = [
        (Fraction(1), 0),
        costs,
        *fees,
        *((slope + costs[0], height + costs[1]) for slope, height in fees),
    ]
    crossings = {_crossing(one, other) for one, other in combinations(lines, 2)}
    return sorted(amount for amount in crossings if amount is not None)


def _crossing(one: _Line, other: _Line) -> Fraction | None:
    return None if one[0] == other[0] else (other[1] - one[1]) / (one[0] - other[0])


def _ranges(margin: Callable[[Fraction], Fraction], bounds: list[Fraction], step: int) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of amounts with a negative margin: between two bounds its sign is one."""
    begun: Fraction | None = None
    for start, end in pairwise(bounds):
        if margin((start + end) / 2) >= 0:
            continue
        begun = start if begun is None else begun
        if margin(end) >= 0 or end > LARGEST_MINOR:  # else the next piece loses too
            first, last = (floor(begun / step) + 1) * step, (ceil(end / step) - 1) * step
            if first <= last:
                yield first, last
            begun = None
