"""A shelf in memory that keeps its promises: holds are all-or-nothing, keyed by order, and end once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from payflows.checkout.goods import Hold, HoldStatus, Quantity
from payflows.checks import implements, instance_of, whole_number
from payflows.clock import Clock


class Movement(NamedTuple):
    """What a hold did to one product's stock.

    Attributes:
        at: when it took effect.
        hold_id: whose hold.
        product_id: which product.
        quantity: how many.
        status: what the hold became: held, shipped, released or expired.
    """

    at: datetime
    hold_id: str
    product_id: str
    quantity: int
    status: HoldStatus


class InMemoryInventory:
    """Stock on one shelf.

    Args:
        stock: how many of each product there are at first.
        clock: by which holds expire.

    Raises:
        InvalidPolicy: a stock that is not a whole number of at least 0.
    """

    def __init__(self, stock: Mapping[str, int], *, clock: Clock) -> None:
        implements("clock", clock, Clock)
        instance_of("stock", stock, Mapping)
        for product_id, quantity in stock.items():
            whole_number(f"stock of {product_id}", quantity)
        self.initial = dict(stock)
        self.movements: list[Movement] = []
        self._clock = clock
        self._available = dict(stock)
        self._holds: dict[str, Hold] = {}
        self._goods: dict[str, tuple[Quantity, ...]] = {}
        self._expiring: list[tuple[datetime, str]] = []

    async def hold(self, hold_id: str, goods: Sequence[Quantity], *, expires_at: datetime) -> Hold:
        """Set all of it aside or nothing; an id known already is answered as it stands."""
        self._expire()
        known = self._holds.get(hold_id)
        if known is not None:
            return known
        wanted: Counter[str] = Counter()
        for line in goods:
            wanted[line.product_id] += line.quantity
        if any(self._available.get(product_id, 0) < quantity for product_id, quantity in wanted.items()):
            return Hold(hold_id, HoldStatus.OUT_OF_STOCK)
        self._goods[hold_id] = tuple(goods)
        return self._become(Hold(hold_id, HoldStatus.HELD, expires_at), taken=True)

    async def renew(self, hold_id: str, *, expires_at: datetime) -> Hold:
        """Let a held hold last longer; any other is left as it stands."""
        self._expire()
        hold = self._known(hold_id)
        if hold.status is not HoldStatus.HELD:
            return hold
        return self._keep(Hold(hold_id, HoldStatus.HELD, expires_at))

    async def commit(self, hold_id: str) -> Hold:
        """Take the expiry from a held hold; any other is left as it stands."""
        self._expire()
        hold = self._known(hold_id)
        return self._keep(Hold(hold_id, HoldStatus.COMMITTED)) if hold.status is HoldStatus.HELD else hold

    async def release(self, hold_id: str) -> Hold:
        """Put the goods back, unless shipped, and spend the id."""
        self._expire()
        hold = self._known(hold_id)
        if hold.is_open:
            return self._become(Hold(hold_id, HoldStatus.RELEASED), taken=False)
        return self._keep(hold)

    async def ship(self, hold_id: str) -> Hold:
        """The goods of a committed hold have left the house."""
        self._expire()
        hold = self._known(hold_id)
        return self._become(Hold(hold_id, HoldStatus.SHIPPED)) if hold.status is HoldStatus.COMMITTED else hold

    def available(self, product_id: str) -> int:
        """How many can be held now."""
        self._expire()
        return self._available.get(product_id, 0)

    def stock(self) -> dict[str, int]:
        """Return how many of each product can be held now."""
        self._expire()
        return dict(self._available)

    def holds(self) -> dict[str, Hold]:
        """Every hold ever asked for, by id, as it stands now."""
        self._expire()
        return dict(self._holds)

    def goods_of(self, hold_id: str) -> tuple[Quantity, ...]:
        """What a hold sets aside, or did."""
        return self._goods.get(hold_id, ())

    def _known(self, hold_id: str) -> Hold:
        # An id never held is answered as released, and so spent once it is kept.
        return self._holds.get(hold_id) or Hold(hold_id, HoldStatus.RELEASED)

    def _keep(self, hold: Hold) -> Hold:
        self._holds[hold.id] = hold
        if hold.expires_at is not None:
            heappush(self._expiring, (hold.expires_at, hold.id))
        return hold

    def _become(self, hold: Hold, *, taken: bool | None = None, at: datetime | None = None) -> Hold:
        """Keep the hold, move its goods and write the movement; `taken` says from or to the shelf."""
        at = at or self._clock.now()
        sign = {True: -1, False: 1, None: 0}[taken]
        for product_id, quantity in self._goods.get(hold.id, ()):
            self._available[product_id] += sign * quantity
            self.movements.append(Movement(at, hold.id, product_id, quantity, hold.status))
        return self._keep(hold)

    def _expire(self) -> None:
        if not self._expiring:
            return
        now = self._clock.now()
        while self._expiring and self._expiring[0][0] <= now:
            expires_at, hold_id = heappop(self._expiring)
            hold = self._holds.get(hold_id)
            if hold is not None and hold.expires_at == expires_at:
                self._become(Hold(hold_id, HoldStatus.EXPIRED), taken=False, at=expires_at)
