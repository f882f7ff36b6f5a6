"""What a simulated day leaves behind, as tidy tables that carry their seed and parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from payflows.checkout.goods import HoldStatus
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.errors import InvalidInput
from payflows.money import Money

from simulations.checkout.day import figures
from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.day.visit import Visit
from simulations.checkout.shop import Shop
from simulations.drawing.picture import Picture
from simulations.time.world import MICROSECONDS, START

if TYPE_CHECKING:
    import pandas as pd

_SETTLED = (
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
    OrderStatus.PAYMENT_FAILED,
    OrderStatus.CANCELLED,
)


_TIME, _TEXT = "datetime64[ns, UTC]", "object"
ORDER_COLUMNS = {
    "order_id": _TEXT,
    "checkout_id": _TEXT,
    "placed_at": _TIME,
    "status": _TEXT,
    "reason": _TEXT,
    "pieces": "int64",
    "total_minor": "int64",
    "currency": _TEXT,
    "tries": "int64",
    "decline": _TEXT,
    "answer_seconds": "float64",
    "farewell": _TEXT,
    "settled_at": _TIME,
}
CALL_COLUMNS = {
    "started_at": _TIME,
    "port": _TEXT,
    "method": _TEXT,
    "object_id": _TEXT,
    "latency_seconds": "float64",
    "outcome": _TEXT,
}
STATUS_COLUMNS = {"order_id": _TEXT, "at": _TIME, "status": _TEXT, "reason": _TEXT}
STOCK_COLUMNS = {"at": _TIME, "product_id": _TEXT, "available": "int64", "held": "int64", "sold": "int64"}


class OtherCustomers(InvalidInput):
    """Two days to which different customers came: they cannot be compared order by order."""


class Day:
    """A shop's day that has been run and checked.

    Args:
        scenario: what was run.
        seed: its chance.
        shop: the shop as it stands once everything has settled.
        visits: what customers saw.
    """

    def __init__(self, scenario: ShopDay, seed: int, shop: Shop, visits: Sequence[Visit]) -> None:
        self.scenario = scenario
        self.seed = seed
        self.shop = shop
        self.visits = tuple(visits)

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row per order: when it was placed, what it cost, how it ended, and what its customer saw."""
        visit_of = {visit.checkout_id: visit for visit in self.visits}
        rows = [self._order_row(order, visit_of[order.purchase.checkout_id]) for order in self.shop.store.all(ORDERS)]
        return self._table(rows, ORDER_COLUMNS).sort_values(["placed_at", "order_id"], ignore_index=True)

    @cached_property
    def calls(self) -> pd.DataFrame:
        """One row per call of a port: when, to whom, how long it took and how it ended."""
        rows = [
            {
                "started_at": _at(call.started_us),
                "port": call.port,
                "method": call.method,
                "object_id": call.args[0],
                "latency_seconds": (call.ended_us - call.started_us) / MICROSECONDS,
                "outcome": call.outcome,
            }
            for call in self.shop.calls
        ]
        return self._table(rows, CALL_COLUMNS).sort_values("started_at", kind="stable", ignore_index=True)

    @cached_property
    def stock(self) -> pd.DataFrame:
        """One row per change of a product's stock: how many are available, held and sold after it."""
        available = dict(self.shop.inventory.initial)
        held: Counter[str] = Counter()
        sold: Counter[str] = Counter()
        rows = [_stock_row(START, product, available, held, sold) for product in available]
        for movement in sorted(self.shop.inventory.movements, key=lambda movement: movement.at):
            product, quantity = movement.product_id, movement.quantity
            if movement.status is HoldStatus.HELD:
                available[product] -= quantity
                held[product] += quantity
            else:
                held[product] -= quantity
                (sold if movement.status is HoldStatus.SHIPPED else available)[product] += quantity
            rows.append(_stock_row(movement.at, product, available, held, sold))
        return self._table(rows, STOCK_COLUMNS)

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """One row per status that an order entered, and when."""
        rows: list[dict[str, object]] = [
            {
                "order_id": logged.subject,
                "at": logged.at,
                "status": logged.after.value,
                "reason": logged.cause,
            }
            for order in self.shop.store.all(ORDERS)
            for logged in self.shop.store.transitions(ORDERS, order.id)
        ]
        return self._table(rows, STATUS_COLUMNS).sort_values("at", kind="stable", ignore_index=True)

    @property
    def trace_hash(self) -> str:
        """A fingerprint of every call and every transition: equal for equal seed and scenario, on any machine."""
        digest = blake2b(digest_size=16)
        for call in self.shop.calls:
            parts = (call.started_us, call.ended_us, call.port, call.method, call.args[0], call.outcome)
            digest.update(repr(parts).encode())
        for row in self.statuses.itertuples():
            digest.update(f"{row.order_id} {row.at} {row.status} {row.reason}".encode())
        return digest.hexdigest()

    def summary(self) -> pd.DataFrame:
        """How the day's orders ended and what they were worth."""
        by_end = self.orders.groupby(["status", "reason"], dropna=False, sort=True)
        table = by_end.agg(orders=("order_id", "count"), total=("total_minor", "sum")).reset_index()
        table["reason"] = table["reason"].fillna("")
        table["total"] = [str(Money(int(minor), self.scenario.currency)) for minor in table["total"]]
        table.attrs = dict(self.orders.attrs)
        return table.sort_values("orders", ascending=False, ignore_index=True)

    @property
    def sold(self) -> int:
        """How many orders were paid and reached their customers."""
        return int((self.orders["status"] == OrderStatus.DELIVERED.value).sum())

    def against(self, other: Day) -> pd.DataFrame:
        """One row per order that ended otherwise in another day of the same customers: what it cost, here and there.

        Args:
            other: the same seed, with another policy or other trouble.

        Raises:
            OtherCustomers: not the same people with the same baskets came.
        """
        import pandas as pd

        if [visit.shopper for visit in self.visits] != [visit.shopper for visit in other.visits]:
            raise OtherCustomers(f"{self!r} and {other!r} had different customers")
        there = {order.purchase.checkout_id: order for order in other.shop.store.all(ORDERS)}
        pairs = [(order, there[order.purchase.checkout_id]) for order in self.shop.store.all(ORDERS)]
        rows = [_compared(one, same) for one, same in pairs if _end(one) != _end(same)]
        table = pd.DataFrame(rows, columns=["order", "placed", "total", "here", "there"])
        table.attrs = dict(self.orders.attrs)
        return table.sort_values(["placed", "order"], ignore_index=True)

    def plot_orders(self) -> Picture:
        """Where the orders stood, from midnight to midnight."""
        return figures.orders_by_status(self.statuses, self.scenario)

    def plot_latency(self) -> Picture:
        """How long customers waited for their first answer."""
        return figures.checkout_latency(self.orders, self.scenario)

    def plot_stock(self) -> Picture:
        """What was left on the shelf."""
        return figures.stock_over_time(self.stock, self.scenario)

    def _order_row(self, order: Order, visit: Visit) -> dict[str, object]:
        log = self.shop.store.transitions(ORDERS, order.id)
        settled = [logged.at for logged in log if logged.after in _SETTLED]
        purchase, decline = order.purchase, order.attempt.decline
        return {
            "order_id": order.id,
            "checkout_id": purchase.checkout_id,
            "placed_at": purchase.placed_at,
            "status": order.status.value,
            "reason": order.reason.value if order.reason else None,
            "pieces": sum(line.quantity for line in purchase.price.lines),
            "total_minor": purchase.price.total.minor,
            "currency": purchase.price.total.currency,
            "tries": order.attempt.number,
            "decline": str(decline) if decline else None,
            "answer_seconds": visit.seconds_to_answer,
            "farewell": visit.farewell.value if visit.farewell else None,
            "settled_at": settled[0] if settled else None,
        }

    def _table(self, rows: list[dict[str, object]], columns: Mapping[str, str]) -> pd.DataFrame:
        """Return the rows as a frame; without any, its columns and their types are those of every other day."""
        import pandas as pd

        empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
        table = pd.DataFrame(rows, columns=list(columns)) if rows else empty
        table.insert(0, "seed", self.seed)
        table.attrs = {"seed": self.seed, "scenario": asdict(self.scenario)}
        return table

    def __repr__(self) -> str:
        return f"<Day seed={self.seed} orders={len(self.orders)} calls={len(self.shop.calls)}>"


def _end(order: Order) -> str:
    """How an order ended, and why."""
    return f"{order.status}: {order.reason}" if order.reason else str(order.status)


def _compared(here: Order, there: Order) -> dict[str, object]:
    purchase = here.purchase
    return {
        "order": here.id,
        "placed": f"{purchase.placed_at:%H:%M:%S}",
        "total": str(purchase.price.total),
        "here": _end(here),
        "there": _end(there),
    }


def _at(microseconds: int) -> pd.Timestamp:
    import pandas as pd

    return pd.Timestamp(START) + pd.Timedelta(microseconds=microseconds)


def _stock_row(
    at: object, product: str, available: dict[str, int], held: Counter[str], sold: Counter[str]
) -> dict[str, object]:
    return {
        "at": at,
        "product_id": product,
        "available": available[product],
        "held": held[product],
        "sold": sold[product],
    }
