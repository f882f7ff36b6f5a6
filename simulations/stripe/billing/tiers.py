"""Tiers: what usage costs where that depends on how much it is. Amounts are exact; a line is rounded once, elsewhere.

Source: docs.stripe.com/subscriptions/pricing-models/tiered-pricing; Stripe API reference, "The Price object".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from payflows.checks import instance_of, not_negative, whole_number
from payflows.errors import InvalidPolicy

from simulations.stripe.core.events import Json


class TiersMode(StrEnum):
    """Which tier says what a unit costs (`tiers_mode`)."""

    GRADUATED = "graduated"
    """The one that the unit itself lies in."""

    VOLUME = "volume"
    """The one that the whole quantity lies in."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to a number, counted from where the tier before ends.

    Attributes:
        up_to: its last unit; None: it has no end (`inf`).
        unit_amount: what each of its units costs, in minor units; decimals are allowed.
        flat_amount: what is charged besides, once any unit lies in it.
    """

    up_to: int | None
    unit_amount: Decimal | int = 0
    flat_amount: int = 0

    def __post_init__(self) -> None:
        if self.up_to is not None:
            whole_number("up_to", self.up_to, least=1)
        instance_of("unit_amount", self.unit_amount, Decimal, int)
        not_negative("unit_amount", float(self.unit_amount))
        whole_number("flat_amount", self.flat_amount, least=0)

    def to_stripe(self) -> Json:
        """Return the part of a price as the API would answer it."""
        return {
            "flat_amount": self.flat_amount,
            "flat_amount_decimal": str(self.flat_amount),
            "unit_amount": int(self.unit_amount) if self.unit_amount == int(self.unit_amount) else None,
            "unit_amount_decimal": str(self.unit_amount),
            "up_to": self.up_to,
        }


def check_tiers(tiers: Sequence[Tier]) -> None:
    """Raise `InvalidPolicy` for tiers that do not grow, or of which not exactly the last one has no end."""
    ends = [tier.up_to for tier in tiers]
    if not ends or ends[-1] is not None or None in ends[:-1]:
        raise InvalidPolicy("the last tier, and no other, goes up to None (inf)")
    if any(first >= second for first, second in pairwise(end for end in ends if end is not None)):
        raise InvalidPolicy(f"each tier goes up to more units than the one before, got {ends}")


def cost_of(units: int, tiers: Sequence[Tier], mode: TiersMode) -> Fraction:
    """Return what these units cost, in minor units. Of none, the first tier's flat amount is charged all the same."""
    if mode is TiersMode.VOLUME:
        tier = next(tier for tier in tiers if tier.up_to is None or units <= tier.up_to)
        return units * Fraction(tier.unit_amount) + tier.flat_amount
    return sum(
        (inside * Fraction(tier.unit_amount) + tier.flat_amount for tier, inside in _reached(units, tiers)), Fraction()
    )


def _reached(units: int, tiers: Sequence[Tier]) -> Iterator[tuple[Tier, int]]:
    """Return the tiers that the quantity reaches, each with its units inside; always the first one."""
    start = 0
    for tier in tiers:
        end = units if tier.up_to is None else min(units, tier.up_to)
        yield tier, end - start
        if tier.up_to is None or units <= tier.up_to:
            return
        start = tier.up_to
