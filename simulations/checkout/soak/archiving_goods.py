"""Inventory and carrier of a soak: what is known of finished orders moves into another one's books."""

from __future__ import annotations

from collections.abc import Collection

from payflows.checkout.goods import HoldStatus
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory


class ArchivingInventory(InMemoryInventory):
    """An inventory that gives the holds of finished orders to another one."""

    def archive(self, hold_ids: Collection[str], into: ArchivingInventory) -> None:
        """Move all that is known of these holds.

        What they took is bought anew: in this inventory it is as if they had never been, and in the other one as if it
        had had more at first by what they held.
        """
        gone = [movement for movement in self.movements if movement.hold_id in hold_ids]
        self.movements = [movement for movement in self.movements if movement.hold_id not in hold_ids]
        into.movements += gone
        for movement in gone:
            product_id, quantity = movement.product_id, movement.quantity
            if movement.status is HoldStatus.HELD:
                into.initial[product_id] += quantity
                self._available[product_id] += quantity
            elif movement.status is not HoldStatus.SHIPPED:  # it came back
                into._available[product_id] += quantity
                self._available[product_id] -= quantity
        for hold_id in hold_ids:
            if hold_id in self._holds:
                into._holds[hold_id] = self._holds.pop(hold_id)
                into._goods[hold_id] = self._goods.pop(hold_id, ())


class ArchivingCarrier(InMemoryCarrier):
    """A carrier that gives the parcels of finished orders to another one."""

    def archive(self, order_ids: Collection[str], into: ArchivingCarrier) -> None:
        """Move all that is known of these orders' parcels."""
        into._shipments.update((name, self._shipments.pop(name)) for name in order_ids if name in self._shipments)
        into.parcels.update((name, self.parcels.pop(name)) for name in order_ids if name in self.parcels)
        into._booked_at.update((name, self._booked_at.pop(name)) for name in order_ids if name in self._booked_at)
