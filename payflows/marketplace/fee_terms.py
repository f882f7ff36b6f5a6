"""The terms of a fee: rates by tier, fixed part, minimum and cap; and what Stripe is expected to charge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from payflows.checks import instance_of, sequence, whole_number
from payflows.errors import InvalidPolicy
from payflows.money import LARGEST_MINOR, Money, Rate

MAX_TIERS = 20
MAX_VOLUME_MINOR = 10**15
"""The largest volume of a month."""


class StripeFeeBorneBy(StrEnum):
    """Who pays what Stripe charges for a payment."""

    PLATFORM = "platform"
    VENDOR = "vendor"
    """By a larger application fee: Stripe bills the platform, and the difference to the estimate is the platform's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeFee:
    """What Stripe is expected to charge for a payment; what it did charge is known later.

    Attributes:
        rate: of the amount.
        fixed_minor: for each payment.
        borne_by: who pays it.

    Raises:
        InvalidPolicy: a rate of 100 %, or a part of another type.
    """

    rate: Rate
    fixed_minor: int
    borne_by: StripeFeeBorneBy = StripeFeeBorneBy.PLATFORM

    def __post_init__(self) -> None:
        _check_rate("the rate of Stripe's fee", self.rate)
        whole_number("fixed_minor of Stripe's fee", self.fixed_minor, most=LARGEST_MINOR)
        instance_of("borne_by", self.borne_by, StripeFeeBorneBy)

    def exact(self, amount: int | Fraction) -> Fraction:
        """Return the estimate before it is rounded, in minor units."""
        return Fraction(amount * self.rate.bps, 10_000) + self.fixed_minor


class FeeTier(NamedTuple):
    """A rate, for the part of a month's volume that lies in this tier.

    Attributes:
        rate: of that part.
        up_to_minor: where the tier ends; None: nowhere.
    """

    rate: Rate
    up_to_minor: int | None = None


class TierPart(NamedTuple):
    """The part of a payment that lies in one tier.

    Attributes:
        tier: its number, from 1.
        rate: that was taken of it.
        amount: how much it is.
    """

    tier: int
    rate: Rate
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTerms:
    """What is kept of a payment: of any goods, or of those in one category.

    Attributes:
        tiers: rates by the volume of the calendar month, from the lowest; a payment that crosses a boundary is split.
        fixed_minor: kept of each payment beside that.
        minimum_minor: no fee is lower, unless the payment is.
        cap_minor: no fee is higher; None: any may be.

    Raises:
        InvalidPolicy: no tier, boundaries that do not rise, a last tier with an end, a rate of 100 %, a cap below
            the minimum.
    """

    tiers: tuple[FeeTier, ...]
    fixed_minor: int = 0
    minimum_minor: int = 0
    cap_minor: int | None = None

    def __post_init__(self) -> None:
        sequence("tiers", self.tiers)
        instance_of("tiers", self.tiers, tuple)
        whole_number("the number of tiers", len(self.tiers), least=1, most=MAX_TIERS)
        for number, tier in enumerate(self.tiers, 1):
            instance_of(f"tier {number}", tier, FeeTier)
            _check_rate(f"the rate of tier {number}", tier.rate)
        self._check_boundaries()
        for name in ("fixed_minor", "minimum_minor", *(["cap_minor"] if self.cap_minor is not None else [])):
            whole_number(name, getattr(self, name), most=LARGEST_MINOR)
        if self.cap_minor is not None and self.cap_minor < self.minimum_minor:
            raise InvalidPolicy(
                f"cap_minor must be at least minimum_minor ({self.minimum_minor}), got {self.cap_minor}"
            )

    def _check_boundaries(self) -> None:
        *ends, last = (tier.up_to_minor for tier in self.tiers)
        if last is not None:
            raise InvalidPolicy(f"up_to_minor of the last tier must be None, for any volume has a rate, got {last}")
        least = 1
        for number, end in enumerate(ends, 1):
            if end is None:
                raise InvalidPolicy(f"up_to_minor of tier {number} must say where it ends: another tier follows")
            whole_number(f"up_to_minor of tier {number}", end, least=least, most=MAX_VOLUME_MINOR)
            least = end + 1

    @property
    def starts(self) -> tuple[int, ...]:
        """Return the volume at which each tier begins."""
        return (0, *(tier.up_to_minor for tier in self.tiers if tier.up_to_minor is not None))

    def parts(self, amount: Money, volume_before_minor: int) -> tuple[TierPart, ...]:
        """Return how a payment is split over the tiers."""
        after, parts = volume_before_minor + amount.minor, []
        for number, (tier, start) in enumerate(zip(self.tiers, self.starts, strict=True), 1):
            end = after if tier.up_to_minor is None else min(after, tier.up_to_minor)
            if (within := end - max(start, volume_before_minor)) > 0:
                parts.append(TierPart(number, tier.rate, Money(within, amount.currency)))
        return tuple(parts)

    def exact(self, parts: Sequence[TierPart]) -> Fraction:
        """Return the fee before it is rounded, in minor units, and before it is bounded by the payment."""
        by_rate = Fraction(sum(part.amount.minor * part.rate.bps for part in parts), 10_000)
        return self.bounded(by_rate + self.fixed_minor)

    def bounded(self, fee: Fraction) -> Fraction:
        """Return a fee that is at least the minimum and at most the cap."""
        least = max(fee, Fraction(self.minimum_minor))
        return least if self.cap_minor is None else min(least, Fraction(self.cap_minor))


def _check_rate(name: str, rate: Rate) -> None:
    instance_of(name, rate, Rate)
    if rate.bps == 10_000:
        raise InvalidPolicy(f"{name} must be below 100 %: 1,000 basis points are 10 %")
