"""A carrier in memory: one parcel per order, fetched and brought after a while by its clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from payflows.checkout.goods import Address, Quantity, Shipment, ShipmentStatus
from payflows.checks import implements, instance_of, whole_number
from payflows.clock import Clock

_ON_ITS_WAY = (ShipmentStatus.BOOKED, ShipmentStatus.TAKEN)


class Parcel(NamedTuple):
    """What the carrier was asked to bring, and where.

    Attributes:
        goods: what is in it.
        address: where it goes.
    """

    goods: tuple[Quantity, ...]
    address: Address


class InMemoryCarrier:
    """Brings parcels.

    Args:
        clock: by which parcels move.
        pickup_seconds: from booking until the carrier has it.
        transit_seconds: from then until it is delivered.
        refuses: countries that it does not serve.

    Attributes:
        parcels: what was booked first for each order.

    Raises:
        InvalidPolicy: a time that is not a whole number of at least 0, or another type.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        pickup_seconds: int = 0,
        transit_seconds: int = 2 * 86_400,
        refuses: Collection[str] = (),
    ) -> None:
        whole_number("pickup_seconds", pickup_seconds)
        whole_number("transit_seconds", transit_seconds)
        implements("clock", clock, Clock)
        instance_of("refuses", refuses, list, tuple, set, frozenset)
        self._clock = clock
        self._pickup = timedelta(seconds=pickup_seconds)
        self._transit = timedelta(seconds=transit_seconds)
        self._refuses = frozenset(refuses)
        self.parcels: dict[str, Parcel] = {}
        self._shipments: dict[str, Shipment] = {}
        self._booked_at: dict[str, datetime] = {}

    async def book(self, order_id: str, *, goods: Sequence[Quantity], address: Address) -> Shipment:
        """Ask for a parcel to be fetched. The same order again: the same parcel."""
        if order_id not in self._shipments:
            self.parcels[order_id] = Parcel(tuple(goods), address)
            self._shipments[order_id] = self._booked(order_id, address)
        return self._now(order_id)

    async def shipment(self, order_id: str) -> Shipment | None:
        """The order's parcel as it stands; None where nothing was booked."""
        return self._now(order_id) if order_id in self._shipments else None

    async def void(self, order_id: str) -> Shipment:
        """Call the parcel off unless the carrier has it already."""
        known = self._now(order_id) if order_id in self._shipments else None
        if known is None or known.status in (ShipmentStatus.BOOKED, ShipmentStatus.REFUSED):
            self._shipments[order_id] = Shipment(order_id, ShipmentStatus.VOIDED)
        return self._now(order_id)

    def shipments(self) -> dict[str, Shipment]:
        """Every parcel, by order, as it stands now."""
        return {order_id: self._now(order_id) for order_id in self._shipments}

    def serves(self, address: Address) -> bool:
        """Say whether it brings parcels there."""
        return address.country not in self._refuses

    def _booked(self, order_id: str, address: Address) -> Shipment:
        if not self.serves(address):
            return Shipment(order_id, ShipmentStatus.REFUSED, reason=f"no delivery to {address.country}")
        self._booked_at[order_id] = self._clock.now()
        return Shipment(order_id, ShipmentStatus.BOOKED, tracking_number=f"TRK-{order_id}")

    def _now(self, order_id: str) -> Shipment:
        shipment = self._shipments[order_id]
        if shipment.status not in _ON_ITS_WAY:
            return shipment
        status, age = ShipmentStatus.BOOKED, self._clock.now() - self._booked_at[order_id]
        if age >= self._pickup:
            status = ShipmentStatus.TAKEN if age < self._pickup + self._transit else ShipmentStatus.DELIVERED
        if status is not shipment.status:
            shipment = self._shipments[order_id] = shipment._replace(status=status)
        return shipment
