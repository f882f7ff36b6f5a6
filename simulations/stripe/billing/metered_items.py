"""Metered items of subscriptions, and the periods of usage that their invoices bill. The rules are in `metering`.

Source: Stripe API reference, "The Subscription Item object".
"""

from __future__ import annotations

from dataclasses import dataclass

from simulations.stripe.billing.meters import Usage
from simulations.stripe.billing.prices import Price
from simulations.stripe.core.events import Json


@dataclass(frozen=True, slots=True)
class MeteredItem:
    """What a subscription bills by usage.

    Attributes:
        id: Stripe's id, `si_...`.
        since: from when on what was used is on no line yet.
    """

    id: str
    price: Price
    since: int

    def to_stripe(self, licensed: Json) -> Json:
        """Return it as the API would answer it, by the licensed item of its subscription: without a quantity."""
        words = licensed | {"id": self.id, "price": self.price.to_stripe()}
        return {name: value for name, value in words.items() if name != "quantity"}

    def bills(self, usage: Usage) -> bool:
        """Return whether a later line of this item is for that use."""
        assert self.price.usage is not None, "it is metered"
        return usage.meter is self.price.usage.meter and usage.used_at >= self.since


@dataclass(eq=False, slots=True)
class UsagePeriod:
    """A time in which usage is billed at one price, by one line.

    Attributes:
        item_id: of the metered item.
        usage: what the line counts.
        is_final: whether it counts nothing more.
    """

    item_id: str
    price: Price
    start: int
    end: int
    usage: tuple[Usage, ...] = ()
    is_final: bool = False

    def covers(self, usage: Usage) -> bool:
        """Return whether that use lies in it."""
        assert self.price.usage is not None, "it is metered"
        return usage.meter is self.price.usage.meter and self.start <= usage.used_at < self.end
