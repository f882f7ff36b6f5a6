"""The state diagram of an order, drawn from the table of transitions: what the flow obeys is what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from payflows.checkout.model import TRANSITIONS, OrderStatus

from simulations.picture import Picture

_S = OrderStatus

PLACES: Mapping[OrderStatus, tuple[float, float]] = {
    _S.PENDING: (0, 2),
    _S.INVENTORY_RESERVED: (1.5, 2),
    _S.PAYMENT_PROCESSING: (3, 2),
    _S.CUSTOMER_ACTION: (3, 3.4),
    _S.AUTHORISED: (4.5, 2),
    _S.PAID: (6, 2),
    _S.SHIPPED: (7.5, 2),
    _S.DELIVERED: (9, 2),
    _S.ABANDONING: (3, 0.5),
    _S.REFUNDING: (6.75, 0.5),
    _S.PAYMENT_FAILED: (3, -0.8),
    _S.CANCELLED: (5.2, -0.8),
}
"""Where each status stands, in columns and rows: the road to the door runs from left to right."""

BENDS: Mapping[tuple[OrderStatus, OrderStatus], float] = {
    (_S.PENDING, _S.CANCELLED): 0.5,
    (_S.PAYMENT_PROCESSING, _S.PAID): 0.24,
    (_S.CUSTOMER_ACTION, _S.ABANDONING): 0.62,
    (_S.CUSTOMER_ACTION, _S.PAYMENT_PROCESSING): 0.22,
    (_S.PAYMENT_PROCESSING, _S.CUSTOMER_ACTION): 0.22,
}
"""Ways that go round what stands between."""

_COLOURS = {
    _S.CUSTOMER_ACTION: "#E69F00",
    _S.ABANDONING: "#D55E00",
    _S.REFUNDING: "#D55E00",
    _S.PAYMENT_FAILED: "#777777",
    _S.CANCELLED: "#777777",
    _S.SHIPPED: "#009E73",
    _S.DELIVERED: "#009E73",
}
_ON_THE_ROAD = "#0072B2"


def state_diagram() -> Picture:
    """Every status and every legal transition.

    Blue is the road, orange waits for the customer, red is the way back, grey and green are the ends.
    """
    figure = Figure(figsize=(11.5, 5.4), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.75, 9.75)
    axes.set_ylim(-1.75, 3.8)
    for before, ways in TRANSITIONS.items():
        for after in ways:
            axes.add_patch(_way(before, after))
    for status, (column, row) in PLACES.items():
        box = {"boxstyle": "round,pad=0.45", "facecolor": _colour(status), "edgecolor": "white", "linewidth": 2}
        label = status.value.replace("_", "\n")
        axes.text(column, row, label, ha="center", va="center", color="white", fontsize=10, bbox=box, linespacing=0.95)
    figure.suptitle(
        "An order's statuses, and the only ways between them", x=0.01, ha="left", fontsize=13, color="#333333"
    )
    return Picture(figure)


def _way(before: OrderStatus, after: OrderStatus) -> FancyArrowPatch:
    gap = _half_box_points(PLACES[before], PLACES[after])
    return FancyArrowPatch(
        PLACES[before],
        PLACES[after],
        connectionstyle=f"arc3,rad={BENDS.get((before, after), 0.0)}",
        arrowstyle="-|>",
        mutation_scale=14,
        shrinkA=gap,
        shrinkB=gap,
        color=_colour(after),
        alpha=0.8,
        linewidth=1.4,
    )


def _half_box_points(start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far an arrow must end from a box's middle so that it touches the edge: wide boxes, low boxes."""
    across, up = abs(end[0] - start[0]), abs(end[1] - start[1])
    length = hypot(across, up)
    return min(34 * length / max(across, 1e-9), 19 * length / max(up, 1e-9))


def _colour(status: OrderStatus) -> str:
    return _COLOURS.get(status, _ON_THE_ROAD)
