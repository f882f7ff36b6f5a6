"""Pictures of what the dunning lab is checked by: published figures, a closed form, and intervals of what is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from simulations.drawing.canvas import BLUE, GREEN, INK, ORANGE, PALE, canvas, set_title
from simulations.drawing.picture import Picture
from simulations.subscriptions.lab.closed_forms import Geometric, Repeat
from simulations.subscriptions.lab.validation import Agreement

DECIMALS = 3
"""Of what is drawn: the last bit of a sum differs from one processor to another, and a picture must not."""
NOMINAL, TOLERANCE = 95, 2


def agreement(found: Sequence[Agreement]) -> Picture:
    """Published bands (grey), and 5, 50 and 95 % of what the accepted sets make of them.

    Args:
        found: shares; one below the other.
    """
    figure, (axes,) = canvas(height=1.2 + 0.42 * len(found))
    for place, each in enumerate(found):
        low, middle, high = (round(100 * value, DECIMALS) for value in each.here)
        axes.barh(place, 100 * (each.high - each.low), left=100 * each.low, color=PALE, alpha=0.45, height=0.6)
        colour = BLUE if each.is_reached else ORANGE
        axes.plot([low, high], [place, place], color=colour, linewidth=2.5, solid_capstyle="butt")
        axes.plot(middle, place, "o", color=colour)
    axes.set_yticks(range(len(found)), [each.figure for each in found])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("%")
    reached = sum(each.is_reached for each in found)
    set_title(figure, f"{reached} of {len(found)} published bands (grey) hold the median of 300 sets")
    return Picture(figure)


def geometric(found: Geometric) -> Picture:
    """What is recovered by the n-th retry: the closed form with 95 % intervals, and the lab."""
    figure, (axes,) = canvas()
    expected = [round(100 * each, DECIMALS) for each in found.expected]
    widths = [round(100 * each, DECIMALS) for each in found.half_width]
    axes.errorbar(found.days, expected, yerr=widths, color=INK, capsize=6, label="0.9 (1 - (1 - p)^n), 95 % intervals")
    ys = [round(100 * each, DECIMALS) for each in found.found]
    axes.plot(found.days, ys, "o", color=ORANGE, markersize=7, zorder=3, label="the lab")
    axes.set_xticks(found.days)
    axes.set_xlabel("day of the retry")
    axes.set_ylabel("recovered by then (%)")
    axes.set_ylim(0, 100)
    axes.legend(frameon=False, loc="lower right")
    pairs = zip(found.found, found.expected, found.half_width, strict=True)
    held = sum(abs(here - there) <= half for here, there, half in pairs)
    set_title(figure, f"Geometric recovery: {held} of {len(found.days)} retries recover what the closed form says")
    return Picture(figure)


def coverage(found: Sequence[Repeat], *, first: int = 50) -> Picture:
    """Which share of intervals has held the true difference, by how many were made.

    Args:
        found: repeat by repeat.
        first: how many are left out at the beginning, where one more moves the share by points.
    """
    figure, (axes,) = canvas()
    xs = range(1, len(found) + 1)
    shares = []
    for name, colour in (("paired", BLUE), ("independent", GREEN)):
        held = accumulate(getattr(each, name) for each in found)
        ys = [round(100 * number / x, DECIMALS) for number, x in zip(held, xs, strict=True)]
        axes.plot(xs[first:], ys[first:], color=colour, label=name)
        shares.append(f"{ys[-1]:.1f} % of the {name}")
    axes.axhspan(NOMINAL - TOLERANCE, NOMINAL + TOLERANCE, color=PALE, alpha=0.3, linewidth=0)
    axes.axhline(NOMINAL, color=INK, linestyle="--", linewidth=1)
    axes.set_xlabel("repeats, each with other customers")
    axes.set_ylabel("intervals that hold the truth (%)")
    axes.set_ylim(90, 100)
    axes.legend(frameon=False, loc="lower right")
    set_title(figure, f"{' and '.join(shares)} intervals hold the true difference")
    return Picture(figure)
