"""A shelf in virtual time, with short words for what a test does."""

from __future__ import annotations

from datetime import datetime, timedelta

from payflows.checkout.goods import Hold, Quantity
from payflows.checkout.inmemory.inventory import InMemoryInventory
from simulations.time.world import World

MINUTE = 60
TWO_MUGS = (Quantity("mug", 2),)


class InventoryFixture:
    """An inventory and the world whose time passes."""

    def __init__(self, **stock: int) -> None:
        self.world = World()
        self.inventory = InMemoryInventory(stock, clock=self.world)

    def hold(self, order: str, goods: tuple[Quantity, ...] = TWO_MUGS, *, minutes: int = 15) -> Hold:
        return self.world.run(self.inventory.hold(order, goods, expires_at=self.later(minutes)))

    def renew(self, order: str, *, minutes: int = 15) -> Hold:
        return self.world.run(self.inventory.renew(order, expires_at=self.later(minutes)))

    def commit(self, order: str) -> Hold:
        return self.world.run(self.inventory.commit(order))

    def release(self, order: str) -> Hold:
        return self.world.run(self.inventory.release(order))

    def ship(self, order: str) -> Hold:
        return self.world.run(self.inventory.ship(order))

    def later(self, minutes: int) -> datetime:
        return self.world.now() + timedelta(minutes=minutes)

    def left(self, product_id: str = "mug") -> int:
        return self.inventory.available(product_id)
