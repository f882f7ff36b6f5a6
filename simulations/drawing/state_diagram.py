"""State diagrams, drawn from a table of transitions: what a flow obeys is what is shown. Layouts are elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

from simulations.drawing.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROAD, WAITS, BACK, SOLD, UNSOLD = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#777777"
INK = "#333333"


class Layout(NamedTuple):
    """Where the statuses of one kind stand, and what their colours mean.

    Attributes:
        title: what is shown.
        transitions: from and to; every pair is an arrow.
        places: each status, in columns and rows.
        bends: ways that go round what stands between; None stands for the group.
        colours: of statuses that are not on the road.
        key: words for each colour, in the order in which they are written.
        group: statuses each of which may follow any other: one frame, with one arrow for all of them.
        group_words: what the frame says.
        size: in inches.
        most: the last column and the last row that are shown.
        key_row: where the words for the colours stand.
    """

    title: str
    transitions: Mapping[Any, Mapping[Any, str]]
    places: Mapping[Any, tuple[float, float]]
    bends: Mapping[tuple[Any, Any], float]
    colours: Mapping[Any, str]
    key: Mapping[str, str]
    group: Sequence[Any] = ()
    group_words: str = ""
    size: tuple[float, float] = (11.5, 5.4)
    most: tuple[float, float] = (9.75, 3.8)
    key_row: float = -1.95


def draw(layout: Layout) -> Picture:
    """Draw every status and every legal transition, each arrow in the colour of the status that it leads to."""
    figure = Figure(figsize=layout.size, layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.75, layout.most[0])
    axes.set_ylim(layout.key_row - 0.15, layout.most[1])
    boxes: dict[StrEnum | None, Patch] = {status: _box(axes, layout, status) for status in layout.places}
    if layout.group:
        boxes[None] = _frame(axes, layout)
    for before, after in _ways(layout):
        axes.add_patch(_way(layout, before, after, boxes))
    for place, (words, colour) in enumerate(layout.key.items()):
        axes.text(0.1 + 2 * place, layout.key_row, "■", color=colour, fontsize=13, va="center", ha="right")
        axes.text(0.15 + 2 * place, layout.key_row, words, color=INK, fontsize=10, va="center")
    figure.suptitle(layout.title, x=0.01, ha="left", fontsize=13, color=INK)
    return Picture(figure)


def _box(axes: Axes, layout: Layout, status: StrEnum) -> Patch:
    column, row = layout.places[status]
    colour = _colour(layout, status)
    ink = INK if colour == WAITS else "white"
    box = {"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": "white", "linewidth": 2}
    label = status.value.replace("_", "\n")
    text = axes.text(column, row, label, ha="center", va="center", color=ink, fontsize=10, bbox=box, linespacing=0.95)
    patch = text.get_bbox_patch()
    assert patch is not None
    return patch


def _frame(axes: Axes, layout: Layout) -> Patch:
    """A frame around the group, with room for its words."""
    columns, rows = zip(*(layout.places[status] for status in layout.group), strict=True)
    left, low = min(columns) - 0.6, min(rows) - 0.5
    frame = FancyBboxPatch(
        (left, low),
        max(columns) + 0.6 - left,
        max(rows) + 0.8 - low,
        boxstyle="round,pad=0.05",
        facecolor="none",
        edgecolor=ROAD,
        linewidth=1.2,
        linestyle=(0, (4, 3)),
    )
    axes.add_patch(frame)
    axes.text(left + 0.05, max(rows) + 0.62, layout.group_words, color=INK, fontsize=10, va="center")
    return frame


def _ways(layout: Layout) -> Iterator[tuple[StrEnum | None, StrEnum | None]]:
    """Each arrow once; None is the group, of which all have the same ways."""
    group = frozenset(layout.group)
    ways = [(before, after) for before, to in layout.transitions.items() for after in to]
    for before, after in dict.fromkeys((_node(before, group), _node(after, group)) for before, after in ways):
        many = [
            (one, other)
            for one in (group if before is None else [before])
            for other in (group if after is None else [after])
        ]
        assert all(way in ways for way in many if way[0] is not way[1]), f"not all of the group go {before} to {after}"
        if before is not None or after is not None:
            yield before, after


def _node(status: StrEnum, group: frozenset[StrEnum]) -> StrEnum | None:
    return None if status in group else status


def _way(
    layout: Layout, before: StrEnum | None, after: StrEnum | None, boxes: Mapping[StrEnum | None, Patch]
) -> FancyArrowPatch:
    return FancyArrowPatch(
        _place(layout, before),
        _place(layout, after),
        connectionstyle=f"arc3,rad={layout.bends.get((before, after), 0.0)}",
        arrowstyle="-|>",
        mutation_scale=14,
        patchA=boxes[before],
        patchB=boxes[after],
        shrinkA=1,
        shrinkB=1,
        color=_colour(layout, after),
        linewidth=1.4,
        # Drawn after the boxes, which know their size only once their words are drawn.
        zorder=4,
    )


def _place(layout: Layout, status: StrEnum | None) -> tuple[float, float]:
    if status is not None:
        return layout.places[status]
    columns, rows = zip(*(layout.places[each] for each in layout.group), strict=True)
    return (min(columns) + max(columns)) / 2, (min(rows) + max(rows)) / 2


def _colour(layout: Layout, status: StrEnum | None) -> str:
    return ROAD if status is None else layout.colours.get(status, ROAD)
