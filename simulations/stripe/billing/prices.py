"""Products and prices: what can be subscribed to. Licensed per unit, by the month or the year; no tiers, no usage.

Source: Stripe API reference, "The Price object", "The Product object".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from payflows.money import Money

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


@dataclass(frozen=True)  # without slots, so that its words are made once
class Price:
    """What one unit of a product costs for one period.

    Attributes:
        interval: `month` or `year`.
    """

    id: str
    product: Product
    unit_amount: Money
    interval: str
    created: int

    @property
    def months(self) -> int:
        """How many calendar months a period has."""
        return MONTHS[self.interval]

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return self._words

    @cached_property
    def _words(self) -> Json:
        return {
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
