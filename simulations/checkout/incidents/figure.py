"""The museum's one picture: what the bugs cost. How it came to that is shown by `visiting.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from simulations.drawing.canvas import BLUE, INK, RED
from simulations.drawing.picture import Picture
from simulations.incidents.showing import Showing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GREY = "#666666"


def money_astray(showings: Sequence[Showing]) -> Picture:
    """The money that is where it should not be when all is calm, exhibit by exhibit, in the buggy shop and in ours.

    Args:
        showings: from top to bottom.
    """
    figure = Figure(figsize=(9.2, 0.9 + 0.5 * len(showings)), layout="constrained")
    axes = figure.subplots()
    places = range(len(showings))
    buggy = [showing.buggy.astray.minor / 100 for showing in showings]
    ours = [showing.ours.astray.minor / 100 for showing in showings]
    axes.barh(places, buggy, height=0.5, color=RED)
    axes.scatter(ours, places, s=70, color=BLUE, zorder=3, clip_on=False)
    for place, showing, amount in zip(places, showings, buggy, strict=True):
        _label(axes, (amount, place), 6, f"{amount:.2f}", RED)
        _name(axes, place, showing)
    _label(axes, (buggy[0], 0), 44, "in the buggy shop,", RED)
    _label(axes, (buggy[0], 0), 164, f"{ours[0]:.2f} in ours", BLUE)
    _dress(axes, max([*buggy, *ours, 1.0]))
    kept = sum(amount == 0 for amount in ours)
    title = f"Each bug leaves the price of one order astray; our shop none, in {kept} of {len(showings)} stories"
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
    return Picture(figure)


def _label(axes: Axes, end: tuple[float, float], right: float, text: str, colour: str) -> None:
    axes.annotate(text, end, (right, 0), textcoords="offset points", va="center", fontsize=11, color=colour)


def _name(axes: Axes, place: int, showing: Showing) -> None:
    left = axes.get_yaxis_transform()
    thread = str(showing.exhibit.thread).partition("/")[2]
    axes.text(
        -0.02, place - 0.14, showing.exhibit.name, transform=left, ha="right", va="center", color=INK, fontsize=11
    )
    axes.text(-0.02, place + 0.22, thread, transform=left, ha="right", va="center", color=GREY, fontsize=9.5)


def _dress(axes: Axes, most: float) -> None:
    axes.invert_yaxis()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(colors=INK)
    axes.set_yticks([])
    axes.set_xlim(0, 1.15 * most)
    axes.set_xlabel("money astray when all is calm (usd)", color=INK)
