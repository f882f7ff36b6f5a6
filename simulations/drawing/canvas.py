"""What most figures have in common: colours, a sheet without frills, a title that states the finding, and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, PALE = "#333333", "#9a9a9a"
# Okabe and Ito, "Color Universal Design" (2008).
BLUE, SKY, GREEN, ORANGE, RED, PINK = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"


def canvas(*, ratios: Sequence[int] = (1,), height: float = 3.8) -> tuple[Figure, list[Axes]]:
    """Return a figure with axes above each other that share the one below.

    Args:
        ratios: of their heights; one for each.
        height: of all, in inches.
    """
    figure = Figure(figsize=(9.2, height), layout="constrained")
    grid = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=list(ratios))
    for axes in grid[:, 0]:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
    return figure, list(grid[:, 0])


def set_title(figure: Figure, text: str) -> None:
    """Say what the figure shows, as a finding."""
    figure.suptitle(text, x=0.01, ha="left", fontsize=13, color=INK)


def end_label(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Name a line or an area beside its end."""
    axes.annotate(text, (x, y), xytext=(6, 0), textcoords="offset points", va="center", color=colour, fontsize=10)


def spread(ends: list[tuple[float, str, str]], gap: float) -> list[tuple[float, str, str]]:
    """Return labels from below, each moved up so far that it does not touch the one beneath.

    Args:
        ends: height, text and colour of each.
        gap: the least between two.
    """
    placed: list[tuple[float, str, str]] = []
    for height, text, colour in sorted(ends):
        floor = placed[-1][0] + gap if placed else height
        placed.append((max(height, floor), text, colour))
    return placed
