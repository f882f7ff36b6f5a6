"""The desk's figure: what two policies recover by day. It is drawn once and then changed, to keep up with a slider."""

from __future__ import annotations

from io import BytesIO

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from simulations.desk.answers import Floats
from simulations.drawing.canvas import BLUE, INK, ORANGE, PALE

DAYS = 45
DPI = 90
COLOURS = (ORANGE, BLUE)


class RecoveryFigure:
    """Curves of A and B, and where it is known the band of all plausible worlds around each."""

    def __init__(self) -> None:
        self._figure = Figure(figsize=(9.0, 3.6))
        self._figure.subplots_adjust(left=0.08, right=0.95, bottom=0.15, top=0.94)
        self._axes = self._figure.subplots()
        self._axes.spines[["top", "right"]].set_visible(False)
        self._axes.set_xlim(0, DAYS)
        self._axes.set_ylim(0, 70)
        self._axes.set_xlabel("days since the first failure", color=INK)
        self._axes.set_ylabel("recovered (%)", color=INK)
        self._axes.grid(axis="y", color=PALE, alpha=0.3, linewidth=0.8)
        days = range(DAYS + 1)
        self._lines = [
            self._axes.plot(days, [0.0] * len(days), color=colour, drawstyle="steps-post", linewidth=2)[0]
            for colour in COLOURS
        ]
        self._names = [
            self._axes.annotate(
                name,
                (DAYS, 0.0),
                xytext=(6, 0),
                color=colour,
                va="center",
                fontsize=13,
                textcoords="offset points",
                annotation_clip=False,
            )
            for name, colour in zip("AB", COLOURS, strict=True)
        ]
        self._bands: list[Artist] = []

    def draw(self, curves: Floats, bands: Floats | None = None) -> bytes:
        """Return it as PNG.

        Args:
            curves: by policy and day, the share recovered by then.
            bands: by policy, low and high, and day; None: not known yet.
        """
        while self._bands:
            self._bands.pop().remove()
        percent = 100 * curves[:, : DAYS + 1]
        heights = _apart(float(percent[0, -1]), float(percent[1, -1]), least=4.0)
        for line, name, ys, height in zip(self._lines, self._names, percent, heights, strict=True):
            line.set_ydata(ys)
            name.xy = (DAYS, height)
        if bands is not None:
            for (low, high), colour in zip(100 * bands[:, :, : DAYS + 1], COLOURS, strict=True):
                days = range(DAYS + 1)
                band = self._axes.fill_between(days, low, high, color=colour, alpha=0.18, linewidth=0, step="post")
                self._bands.append(band)
        drawn = BytesIO()
        self._figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
        return drawn.getvalue()


def _apart(first: float, second: float, *, least: float) -> tuple[float, float]:
    """Return two heights of labels that do not touch each other."""
    if abs(first - second) >= least:
        return first, second
    middle = (first + second) / 2
    up = middle + least / 2, middle - least / 2
    return up if first >= second else (up[1], up[0])
