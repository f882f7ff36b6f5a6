"""What the hand-written day is made of: an order and a shelf as dicts. What happens to them is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from heapq import heappop, heappush
from typing import TypedDict

from simpy import Environment

from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.day.shoppers import Shopper
from simulations.checkout.shop import MERCHANT
from simulations.time.draws import Draws, Stream

SECOND = 1_000_000

CALLS = {
    "stripe": ("create_payment", "confirm_payment", "capture_payment", "cancel_payment", "retrieve_payment"),
    "inventory": ("hold", "renew", "commit", "release", "ship"),
    "carrier": ("book", "shipment"),
}


class Order(TypedDict):
    """All that is known of an order, its payment and its customer; times in microseconds."""

    number: int
    id: str
    payment_id: str
    goods: Sequence[tuple[str, int]]
    amount: int
    received: int
    patience: int
    status: str
    reason: str | None
    changed: float
    deadline: float
    renew: float
    due: float
    card: str
    tries: int
    declined: bool
    payment: str
    booked: float | None
    asked: dict[str, int]
    answered: list[float]
    farewell: str | None
    left: float


def placed(shopper: Shopper, card: str, scenario: ShopDay) -> Order:
    """A customer's new order. Ids are those of the real flow, for latencies are drawn by them."""
    order_id = _order_id(shopper.number)
    goods = [(item.product_id, item.quantity) for item in shopper.basket]
    now = shopper.arrives_us
    return {
        "number": shopper.number,
        "id": order_id,
        "payment_id": "pi_" + blake2b(f"{order_id}:0".encode(), digest_size=12).hexdigest(),
        "goods": goods,
        "amount": _amount(goods, scenario),
        "received": 0,
        "patience": shopper.patience_seconds * SECOND,
        "status": "pending",
        "reason": None,
        "changed": now,
        "deadline": now + scenario.policy.deadline_seconds * SECOND,
        "renew": now + scenario.policy.deadline_seconds * SECOND,
        "due": now,
        "card": card,
        "tries": 1,
        "declined": False,
        "payment": "requires_payment_method",
        "booked": None,
        "asked": {},
        "answered": [],
        "farewell": None,
        "left": 0,
    }


def _order_id(number: int) -> str:
    parts = (MERCHANT.id, f"customer-{number}", f"checkout-{number}")
    name = "".join(f"{len(part)}:{part}" for part in parts)
    return "ord_" + blake2b(name.encode(), digest_size=10).hexdigest()


def _amount(goods: Sequence[tuple[str, int]], scenario: ShopDay) -> int:
    subtotal = 0
    for product_id, quantity in goods:
        subtotal += scenario.products[product_id].price_minor * quantity
    tax = (2 * subtotal * scenario.tax.bps + 10_000) // 20_000
    return subtotal + tax + scenario.shipping_minor


def roads(scenario: ShopDay, draws: Draws) -> dict[str, tuple[Stream, tuple[int, ...]]]:
    """The draws and the latencies of each call."""
    gateway_us, shelf_us = scenario.gateway_latency.table_us(), scenario.shelf_latency.table_us()
    tables = {"stripe": gateway_us, "inventory": shelf_us, "carrier": shelf_us}
    return {call: (draws.of(f"latency:{port}.{call}"), tables[port]) for port, calls in CALLS.items() for call in calls}


class Hold(TypedDict):
    """Goods set aside for one order, and until when; in microseconds."""

    goods: Sequence[tuple[str, int]]
    status: str
    until: float


class Shelf:
    """Stock and holds. A hold ends once: shipped, released or expired.

    Args:
        env: whose time passes.
        stock: how many of each product there are.
    """

    def __init__(self, env: Environment, stock: dict[str, int]) -> None:
        self.stock = stock
        self._env = env
        self._holds: dict[str, Hold] = {}
        self._expiring: list[tuple[float, str]] = []

    def hold(self, order_id: str, goods: Sequence[tuple[str, int]], until: float) -> bool:
        """Set all of it aside; False where something is short."""
        self._expire()
        stock = self.stock
        for product_id, quantity in goods:
            if stock[product_id] < quantity:
                return False
        for product_id, quantity in goods:
            stock[product_id] -= quantity
        self._holds[order_id] = {"goods": goods, "status": "held", "until": until}
        heappush(self._expiring, (until, order_id))
        return True

    def renew(self, order_id: str, until: float) -> bool:
        """Let it last longer; False where it is gone."""
        self._expire()
        hold = self._holds[order_id]
        if hold["status"] != "held":
            return False
        hold["until"] = until
        heappush(self._expiring, (until, order_id))
        return True

    def commit(self, order_id: str) -> bool:
        """Let it last until it ends; False where it is gone."""
        self._expire()
        hold = self._holds[order_id]
        if hold["status"] == "held":
            hold["status"] = "committed"
        return hold["status"] in ("committed", "shipped")

    def ship(self, order_id: str) -> None:
        """The goods have left the house."""
        self._holds[order_id]["status"] = "shipped"

    def release(self, order_id: str) -> None:
        """Put the goods back."""
        self._expire()
        hold = self._holds[order_id]
        if hold["status"] in ("held", "committed"):
            self._put_back(hold, "released")

    def _expire(self) -> None:
        while self._expiring and self._expiring[0][0] <= self._env.now:
            until, order_id = heappop(self._expiring)
            hold = self._holds[order_id]
            if hold["status"] == "held" and hold["until"] == until:
                self._put_back(hold, "expired")

    def _put_back(self, hold: Hold, status: str) -> None:
        hold["status"] = status
        for product_id, quantity in hold["goods"]:
            self.stock[product_id] += quantity
