"""Volume: what a vendor has sold in a calendar month, by which its tier is found.

It is a row that is compared and set in the change that stores a payment's fee: of two payments made concurrently one is
worked out again, on the volume that the other left. A payment that fails or expires gives its volume back to its month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from payflows.errors import NotFound
from payflows.kernel.aggregate import Aggregate, Kind
from payflows.kernel.changes import Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.store import Store
from payflows.money import Money


class VolumeStatus(StrEnum):
    """A volume is only counted."""

    COUNTING = "counting"


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class VendorVolume(Aggregate):
    """What a vendor has sold in a calendar month, in UTC.

    Attributes:
        status: there is one only.
        vendor_id: who sold.
        month: such as "2026-01".
        currency: of what was sold.
        amount_minor: the sum of the payments that were made, less those that failed or expired; refunds stay in it.
    """

    status: VolumeStatus
    vendor_id: str
    month: str
    currency: str
    amount_minor: int

    def groups(self) -> tuple[str, ...]:
        """Return its vendor."""
        return (f"vendor:{self.vendor_id}",)


VOLUMES: Kind[VendorVolume] = Kind(
    name="vendor_volume", aggregate_type=VendorVolume, transitions={VolumeStatus.COUNTING: {}}
)
"""What vendors have sold, as the kernel keeps it."""


class VolumeMonth(NamedTuple):
    """A vendor's calendar month: a payment stores it, for it gives its volume back to no other.

    Attributes:
        vendor_id: who sells.
        currency: in what.
        month: in UTC, such as "2026-01".
    """

    vendor_id: str
    currency: str
    month: str

    @classmethod
    def at(cls, vendor_id: str, currency: str, moment: datetime) -> VolumeMonth:
        """Return the month of a moment."""
        return cls(vendor_id, currency, f"{moment.astimezone(UTC):%Y-%m}")

    @property
    def id(self) -> str:
        """Return the row's id: derived, so that all count in the same."""
        return f"{self.month}:{self.currency}:{self.vendor_id}"


async def volume_of(store: Store, month: VolumeMonth) -> VendorVolume | None:
    """Return what was counted in a month; None where nothing was."""
    try:
        return await store.get(VOLUMES, month.id)
    except NotFound:
        return None


def count(month: VolumeMonth, before: VendorVolume | None, amount: Money, at: datetime) -> Insert | Replace:
    """Return the change that counts a payment, to be written with its fee.

    Whoever counts after the same `before` gets `VersionConflict`, or `AlreadyExists` for a month's first payment.
    """
    if before is not None:
        return _set(before, before.amount_minor + amount.minor, at)
    volume = VendorVolume(
        id=month.id,
        status=VolumeStatus.COUNTING,
        changed_at=at,
        vendor_id=month.vendor_id,
        month=month.month,
        currency=month.currency,
        amount_minor=amount.minor,
    )
    return Insert(VOLUMES, volume)


def give_back(before: VendorVolume, amount: Money, at: datetime) -> Replace:
    """Return the change that takes a payment out again, to be written with its failure or expiry."""
    assert amount.minor <= before.amount_minor, "it was counted"
    return _set(before, before.amount_minor - amount.minor, at)


def _set(before: VendorVolume, amount_minor: int, at: datetime) -> Replace:
    after = evolve(before, amount_minor=amount_minor, version=before.version + 1, updated_at=at)
    return Replace(VOLUMES, before, after)
