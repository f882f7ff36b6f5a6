"""Pictures of a shop's day. Each says in its title what it shows, and every colour is readable for the colour-blind."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from payflows.checkout.model import OrderStatus, Reason

from simulations.checkout.day.scenario import ShopDay
from simulations.drawing.canvas import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE,
    PINK,
    RED,
    SKY,
    canvas,
    end_label,
    set_title,
    spread,
)
from simulations.drawing.picture import Picture
from simulations.time.world import MICROSECONDS, START

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Counts = NDArray[np.int64]
Hours = NDArray[np.float64]

HOURS = 24
_BINS_PER_HOUR = 12

STANDINGS: dict[str, tuple[str, tuple[OrderStatus, ...]]] = {
    "being paid": (
        SKY,
        (
            OrderStatus.PENDING,
            OrderStatus.INVENTORY_RESERVED,
            OrderStatus.PAYMENT_PROCESSING,
            OrderStatus.AUTHORISED,
        ),
    ),
    "waiting for the customer": (ORANGE, (OrderStatus.CUSTOMER_ACTION,)),
    "being given up": (RED, (OrderStatus.ABANDONING, OrderStatus.REFUNDING)),
}
"""Orders that have not ended yet, as a shopkeeper would say it, with their colours."""


def orders_by_status(statuses: pd.DataFrame, scenario: ShopDay) -> Picture:
    """Above, all orders by how they ended up; below, those that were still open, where an outage shows.

    Args:
        statuses: one row per status entered, with `order_id`, `at` and `status`.
        scenario: the day, for its outage. That no money was lost has been checked: `run` raises otherwise.
    """
    edges = np.arange(0, HOURS * _BINS_PER_HOUR + 1) / _BINS_PER_HOUR
    standing = _standing(statuses, edges)
    sold = _sum(standing, (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.DELIVERED))
    lost = _sum(standing, (OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED))
    open_now = {name: _sum(standing, group) for name, (_, group) in STANDINGS.items()}
    seen = {name: counts for name, counts in open_now.items() if counts.any()}

    figure, (above, below) = _canvas(ratios=(3, 2), height=5.4)
    above.stackplot(edges, sold, lost, colors=[GREEN, PALE], step="post")
    end_label(above, HOURS, sold[-1] / 2, f"paid or\nshipped\n{sold[-1]:,}", GREEN)
    end_label(above, HOURS, sold[-1] + lost[-1] / 2, f"not sold\n{lost[-1]:,}", INK)
    if still_open := int(sum(counts[-1] for counts in open_now.values())):
        end_label(below, HOURS, 1.2, f"{still_open:,} open at\nmidnight", INK)
    above.set_ylabel("orders since midnight")
    if seen:
        colours = [STANDINGS[name][0] for name in seen]
        below.stackplot(edges, *seen.values(), colors=colours, labels=list(seen), step="post")
        below.legend(loc="upper left", frameon=False, ncols=3, fontsize=9)
    below.set_ylabel("orders still open")
    below.set_ylim(0, max(4, 1.35 * np.sum(list(open_now.values()), axis=0).max()))
    _shade(above, scenario)
    _shade(below, scenario, named=False)
    set_title(figure, _orders_finding(statuses["order_id"].nunique(), open_now["being paid"], edges, scenario))
    return Picture(figure)


def checkout_latency(orders: pd.DataFrame, scenario: ShopDay) -> Picture:
    """How long each customer waited for the first answer, with the median and the slowest twentieth per half hour.

    Carts that were out of stock are left out: they are answered before any payment is made.

    Args:
        orders: one row per order, with `placed_at`, `answer_seconds` and `reason`.
        scenario: the day, for its outage.
    """
    seen = orders[orders["answer_seconds"].notna() & (orders["reason"] != Reason.OUT_OF_STOCK.value)]
    hours = _hours(seen["placed_at"])
    halves = (hours * 2).astype(int)
    by_half = seen["answer_seconds"].groupby(halves.to_numpy())
    middle, slow = by_half.median(), by_half.quantile(0.95)

    figure, (axes,) = _canvas(ratios=(1,), height=3.8)
    axes.scatter(hours, seen["answer_seconds"], s=7, color=SKY, alpha=0.55, linewidths=0)
    axes.plot(middle.index / 2 + 0.25, middle, color=BLUE, linewidth=2)
    axes.plot(slow.index / 2 + 0.25, slow, color=RED, linewidth=1.6)
    axes.set_yscale("log")
    axes.set_yticks([1, 3, 10, 30, 100], labels=["1 s", "3 s", "10 s", "30 s", "100 s"])
    axes.minorticks_off()
    axes.set_ylabel("first answer after (log scale)")
    ends = [(log10(middle.iloc[-1]), "median", BLUE), (log10(slow.iloc[-1]), "slowest\n5 %", RED)] if len(seen) else []
    for height, text, colour in spread(ends, 0.25):
        end_label(axes, HOURS, 10**height, text, colour)
    _shade(axes, scenario)
    median, tail = seen["answer_seconds"].median(), seen["answer_seconds"].quantile(0.95)
    finding = f"Half of all customers had an answer within {median:.1f} s, 95 % within {tail:.0f} s"
    set_title(figure, finding if len(seen) else "No customer came")
    return Picture(figure)


def stock_over_time(stock: pd.DataFrame, scenario: ShopDay) -> Picture:
    """What could still be sold of each product, as a share of what there was in the morning.

    Args:
        stock: one row per change, with `at`, `product_id` and `available`.
        scenario: the day, for its products.
    """
    figure, (axes,) = _canvas(ratios=(1,), height=3.8)
    sold_out = []
    ends: list[tuple[float, str, str]] = []
    for colour, (product_id, product) in zip(
        (BLUE, ORANGE, GREEN, PINK, RED, SKY), scenario.products.items(), strict=False
    ):
        rows = stock[stock["product_id"] == product_id]
        hours = _hours(rows["at"])
        today = (hours <= HOURS).to_numpy()
        left = (100 * rows["available"] / max(1, product.stock)).to_numpy()
        axes.step([*hours[today], HOURS], [*left[today], left[today][-1]], where="post", color=colour, linewidth=1.8)
        ends.append((float(left[today][-1]), f"{product_id} {rows['available'].to_numpy()[today][-1]:,}", colour))
        if not left[today].all():
            sold_out.append(product_id)
    for height, text, colour in spread(ends, 6.0):
        end_label(axes, HOURS, height, text, colour)
    axes.set_ylim(0, 104)
    axes.set_yticks([0, 25, 50, 75, 100], labels=["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_ylabel("still available")
    _shade(axes, scenario)
    finding = f"Sold out during the day: {', '.join(sold_out)}" if sold_out else "Nothing sold out"
    set_title(figure, finding)
    return Picture(figure)


def _standing(statuses: pd.DataFrame, edges: Hours) -> dict[OrderStatus, Counts]:
    """How many orders stood in each status at each edge."""
    hours = _hours(statuses["at"]).to_numpy()
    left = statuses.groupby("order_id")["status"].shift(1).to_numpy()
    counts = {}
    for status in OrderStatus:
        entered = np.sort(hours[(statuses["status"] == status.value).to_numpy()])
        gone = np.sort(hours[left == status.value])
        counts[status] = np.searchsorted(entered, edges, "right") - np.searchsorted(gone, edges, "right")
    return counts


def _sum(standing: dict[OrderStatus, Counts], group: Sequence[OrderStatus]) -> Counts:
    return np.asarray(np.sum([standing[status] for status in group], axis=0))


def _orders_finding(orders: int, being_paid: Counts, edges: Hours, scenario: ShopDay) -> str:
    if scenario.outage is None:
        return f"{orders:,} orders; at most {being_paid.max()} concurrent payments"
    start = scenario.outage.start_us / MICROSECONDS / 3_600
    end = scenario.outage.end_us / MICROSECONDS / 3_600
    hung = being_paid[(edges >= start) & (edges <= end + 1 / _BINS_PER_HOUR)].max(initial=0)
    return f"{orders:,} orders; {hung} payments hung in the {scenario.outage.minutes}-minute outage; no money was lost"


def _hours(moments: pd.Series) -> pd.Series:
    import pandas as pd

    return (moments - pd.Timestamp(START)) / pd.Timedelta(hours=1)


def _canvas(*, ratios: Sequence[int], height: float) -> tuple[Figure, Sequence[Axes]]:
    figure, grid = canvas(ratios=ratios, height=height)
    for axes in grid:
        axes.set_xlim(0, HOURS)
    last = grid[-1]
    last.set_xticks(range(0, HOURS + 1, 3), labels=[f"{hour:02d}:00" for hour in range(0, HOURS + 1, 3)])
    last.set_xlabel("time of day (UTC)")
    return figure, grid


def _shade(axes: Axes, scenario: ShopDay, *, named: bool = True) -> None:
    """Shade the outage and the flash sale, and name them where there is room."""
    spans = []
    if scenario.outage is not None:
        outage = scenario.outage
        spans.append((outage.start_us, outage.end_us, f"Stripe out\n{outage.minutes} min", RED))
    if scenario.flash_sale is not None:
        sale = scenario.flash_sale
        spans.append((sale.start_us, sale.end_us, f"flash sale\n{sale.minutes} min", PINK))
    for start_us, end_us, text, colour in spans:
        start, end = (moment / MICROSECONDS / 3_600 for moment in (start_us, end_us))
        axes.axvspan(start, end, color=colour, alpha=0.16, linewidth=0)
        if named:
            above = axes.get_xaxis_transform()
            axes.text(start - 0.1, 0.97, text, transform=above, va="top", ha="right", fontsize=9, color=colour)
