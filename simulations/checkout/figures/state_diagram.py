"""The state diagram of an order, drawn from the table of transitions: what the flow obeys is what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Patch
from payflows.checkout.model import TRANSITIONS, OrderStatus

from simulations.drawing.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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

_ROAD, _WAITS, _BACK, _SOLD, _UNSOLD = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#777777"
_INK = "#333333"

_COLOURS = {
    _S.CUSTOMER_ACTION: _WAITS,
    _S.ABANDONING: _BACK,
    _S.REFUNDING: _BACK,
    _S.PAYMENT_FAILED: _UNSOLD,
    _S.CANCELLED: _UNSOLD,
    _S.SHIPPED: _SOLD,
    _S.DELIVERED: _SOLD,
}

_KEY = {
    "on the way": _ROAD,
    "waits for the customer": _WAITS,
    "being undone": _BACK,
    "with the customer": _SOLD,
    "ended unsold": _UNSOLD,
}


def state_diagram() -> Picture:
    """Every status and every legal transition, each arrow in the colour of the status that it leads to."""
    figure = Figure(figsize=(11.5, 5.4), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.75, 9.75)
    axes.set_ylim(-2.1, 3.8)
    boxes = {status: _box(axes, status) for status in PLACES}
    for before, ways in TRANSITIONS.items():
        for after in ways:
            axes.add_patch(_way(before, after, boxes))
    for place, (words, colour) in enumerate(_KEY.items()):
        axes.text(0.1 + 2 * place, -1.95, "■", color=colour, fontsize=13, va="center", ha="right")
        axes.text(0.15 + 2 * place, -1.95, words, color=_INK, fontsize=10, va="center")
    figure.suptitle("An order's statuses, and the only ways between them", x=0.01, ha="left", fontsize=13, color=_INK)
    return Picture(figure)


def _box(axes: Axes, status: OrderStatus) -> Patch:
    column, row = PLACES[status]
    colour = _colour(status)
    ink = _INK if colour == _WAITS else "white"
    box = {"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": "white", "linewidth": 2}
    label = status.value.replace("_", "\n")
    text = axes.text(column, row, label, ha="center", va="center", color=ink, fontsize=10, bbox=box, linespacing=0.95)
    patch = text.get_bbox_patch()
    assert patch is not None
    return patch


def _way(before: OrderStatus, after: OrderStatus, boxes: Mapping[OrderStatus, Patch]) -> FancyArrowPatch:
    return FancyArrowPatch(
        PLACES[before],
        PLACES[after],
        connectionstyle=f"arc3,rad={BENDS.get((before, after), 0.0)}",
        arrowstyle="-|>",
        mutation_scale=14,
        patchA=boxes[before],
        patchB=boxes[after],
        shrinkA=1,
        shrinkB=1,
        color=_colour(after),
        linewidth=1.4,
        # Drawn after the boxes, which know their size only once their words are drawn.
        zorder=4,
    )


def _colour(status: OrderStatus) -> str:
    return _COLOURS.get(status, _ROAD)
