"""Goods on their way from shelf to door: what inventory and carrier answer. No calls are made here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Quantity(NamedTuple):
    """A number of pieces of one product."""

    product_id: str
    quantity: int


class HoldStatus(StrEnum):
    """Where a hold on stock stands. It ends once: shipped, released or expired."""

    OUT_OF_STOCK = "out_of_stock"
    """No hold was made: at least one product is short."""
    HELD = "held"
    COMMITTED = "committed"
    """Held without expiry: the order will be paid or the hold released."""
    SHIPPED = "shipped"
    RELEASED = "released"
    EXPIRED = "expired"


class Hold(NamedTuple):
    """Stock set aside for one order, all of it or none.

    Attributes:
        id: the order's id; an id that was released or has expired is spent.
        status: where it stands.
        expires_at: when it ends by itself; None unless it is held.
    """

    id: str
    status: HoldStatus
    expires_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the goods are still set aside."""
        return self.status in (HoldStatus.HELD, HoldStatus.COMMITTED)


class ShipmentStatus(StrEnum):
    """Where a parcel is."""

    REFUSED = "refused"
    """The carrier will not bring it there."""
    BOOKED = "booked"
    TAKEN = "taken"
    DELIVERED = "delivered"
    VOIDED = "voided"


class Shipment(NamedTuple):
    """The parcel of one order.

    Attributes:
        order_id: whose it is; there is one parcel per order.
        status: where it is.
        tracking_number: the carrier's own; None where nothing was booked.
        reason: why it was refused.
    """

    order_id: str
    status: ShipmentStatus
    tracking_number: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a parcel goes.

    Attributes:
        name: who receives it.
        line1: street and number.
        city: town or city.
        postal_code: as written there.
        country: ISO 3166 code of two capitals.
    """

    name: str
    line1: str
    city: str
    postal_code: str
    country: str

    def __repr__(self) -> str:
        return f"Address(country={self.country!r})"
