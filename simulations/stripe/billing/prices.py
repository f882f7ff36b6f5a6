"""Products and prices: what can be subscribed to by the month or the year, by quantity in advance or by usage.

Source: Stripe API reference, "The Price object", "The Product object".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from payflows.money import Money

from simulations.stripe.billing.meters import Meter
from simulations.stripe.billing.tiers import Tier, TiersMode, cost_of
from simulations.stripe.core.events import Json

MONTHS = {"month": 1, "year": 12}
"""How many calendar months each `recurring.interval` has."""


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold."""

    id: str
    created: int

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "product",
            "active": True,
            "created": self.created,
            "images": [],
            "livemode": False,
            "marketing_features": [],
            "metadata": {},
            "name": self.id,
            "updated": self.created,
        }


@dataclass(frozen=True, slots=True)
class UsagePricing:
    """How usage is billed.

    Attributes:
        meter: what counts it.
        unit_amount: what a unit costs where there are no tiers, in minor units.
        tiers: what it costs by quantity; empty: every unit costs the same.
        mode: how the tiers are read.
    """

    meter: Meter
    unit_amount: Decimal
    tiers: tuple[Tier, ...] = ()
    mode: TiersMode = TiersMode.GRADUATED

    def cost_of(self, units: int) -> Fraction:
        """Return what these units cost, in minor units."""
        return cost_of(units, self.tiers, self.mode) if self.tiers else units * Fraction(self.unit_amount)


@dataclass(frozen=True)  # without slots, so that its words are made once
class Price:
    """What one unit of a product costs for one period.

    Attributes:
        unit_amount: of one unit, as far as that is a whole number; 0 of a price with tiers.
        interval: `month` or `year`.
        usage: how usage is billed; None: it is licensed, and billed by quantity.
    """

    id: str
    product: Product
    unit_amount: Money
    interval: str
    created: int
    usage: UsagePricing | None = None

    @property
    def months(self) -> int:
        """How many calendar months a period has."""
        return MONTHS[self.interval]

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return self._words

    @cached_property
    def _words(self) -> Json:
        words: Json = {
            "id": self.id,
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.unit_amount.currency,
            "livemode": False,
            "metadata": {},
            "product": self.product.id,
            "recurring": {"interval": self.interval, "interval_count": 1, "usage_type": "licensed"},
            "tax_behavior": "unspecified",
            "type": "recurring",
            "unit_amount": self.unit_amount.minor,
            "unit_amount_decimal": str(self.unit_amount.minor),
        }
        return words if self.usage is None else words | self._words_of_usage(self.usage)

    def _words_of_usage(self, usage: UsagePricing) -> Json:
        recurring = {"interval": self.interval, "interval_count": 1, "usage_type": "metered", "meter": usage.meter.id}
        if usage.tiers:
            tiers = [tier.to_stripe() for tier in usage.tiers]
            priced: Json = {"billing_scheme": "tiered", "tiers": tiers, "tiers_mode": usage.mode.value}
            return priced | {"recurring": recurring, "unit_amount": None, "unit_amount_decimal": None}
        is_whole = usage.unit_amount == int(usage.unit_amount)
        whole = int(usage.unit_amount) if is_whole else None
        return {"recurring": recurring, "unit_amount": whole, "unit_amount_decimal": str(usage.unit_amount)}
