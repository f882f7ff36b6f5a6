"""What a checkout waits on beside Stripe: the inventory and the carrier.

Every coroutine here may raise `CallNotSent` (it had no effect) or `OutcomeUnknown` (it may have had). Calls that
change something are keyed by the order's id: the same call again is the same call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from payflows.checkout.goods import Address, Hold, Quantity, Shipment
from payflows.kernel.ports import moves, reads, writes


class Inventory(Protocol):
    """The shelf. A hold is named by its order's id, and every answer is the hold as it stands after the call."""

    @moves
    async def hold(self, hold_id: str, goods: Sequence[Quantity], *, expires_at: datetime) -> Hold:
        """Set all of it aside or nothing (`OUT_OF_STOCK`). An id known already is answered as it stands."""
        ...

    @writes
    async def renew(self, hold_id: str, *, expires_at: datetime) -> Hold:
        """Let a held hold last longer; any other is left as it stands."""
        ...

    @moves
    async def commit(self, hold_id: str) -> Hold:
        """Take the expiry from a held hold; any other is left as it stands."""
        ...

    @moves
    async def release(self, hold_id: str) -> Hold:
        """Put the goods back, unless shipped, and spend the id, known or not: a late `hold` under it does nothing."""
        ...

    @moves
    async def ship(self, hold_id: str) -> Hold:
        """The goods of a committed hold have left the house."""
        ...


class Carrier(Protocol):
    """Who brings the parcel. There is one parcel per order id."""

    @moves
    async def book(self, order_id: str, *, goods: Sequence[Quantity], address: Address) -> Shipment:
        """Have a parcel fetched; `REFUSED` where it cannot be brought. The same order again is the same parcel."""
        ...

    @reads
    async def shipment(self, order_id: str) -> Shipment | None:
        """The order's parcel as it stands; None where nothing was booked."""
        ...

    @writes
    async def void(self, order_id: str) -> Shipment:
        """Call the parcel off unless the carrier has it already; booked or not, no later `book` revives it."""
        ...
