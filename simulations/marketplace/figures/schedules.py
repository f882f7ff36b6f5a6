"""Pictures of fee schedules: what is left of a sale after Stripe's fee, and two schedules side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from payflows.checks import instance_of, sequence
from payflows.errors import InvalidPolicy
from payflows.marketplace.fees import FeeSchedule
from payflows.money import CURRENCIES, Money

from simulations.drawing.canvas import BLUE, GREEN, INK, ORANGE, PALE, PINK, RED, canvas, end_label, set_title, spread
from simulations.drawing.picture import Picture
from simulations.marketplace.fee_lab import FeeComparison
from simulations.marketplace.figures.best_fees import DECIMALS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (BLUE, ORANGE, GREEN, PINK)

DEEPEST = 15
"""How far a loss is drawn, in percent of the sale."""


def break_even_map(schedules: Mapping[str, FeeSchedule], *, largest: Money) -> Picture:
    """What the platform keeps of one sale after Stripe's fee, by the size of the sale, in the lowest tier.

    Args:
        schedules: by name, at most four.
        largest: the largest sale that is drawn.
    """
    if not isinstance(schedules, Mapping) or not 1 <= len(schedules) <= len(COLOURS):
        raise InvalidPolicy(f"schedules must be 1 to {len(COLOURS)} by name")
    _, least, step, _ = CURRENCIES[largest.currency]
    whole, most = 10 ** CURRENCIES[largest.currency].exponent, largest.minor
    minors = np.unique(np.geomspace(least, most, 240).astype(int) // step * step)
    figure, (axes,) = canvas(height=4.0)
    ends, edges = [], []
    for (name, schedule), colour in zip(schedules.items(), COLOURS, strict=False):
        instance_of(f"the schedule {name}", schedule, FeeSchedule)
        margins = [_margin(schedule, Money(int(minor), largest.currency)) for minor in minors]
        axes.plot(minors / whole, margins, color=colour, linewidth=2)
        ends.append((margins[-1], name, colour))
        ranges = ((loss.first.minor, loss.last.minor) for loss in schedule.loss_ranges())
        edges += [(last if first == least else first, colour) for first, last in ranges]
    for number, (edge, colour) in enumerate(sorted(each for each in edges if each[0] < most)):
        axes.plot(edge / whole, 0, "o", color=colour, markersize=7, zorder=3)
        side = {"xytext": (-8, 6), "ha": "right"} if number == 0 else {"xytext": (6, -14)}
        axes.annotate(f"{edge / whole:g}", (edge / whole, 0), textcoords="offset points", color=colour, **side)
    _dress(axes, least / whole, most / whole)
    for height, name, colour in spread(ends, (axes.get_ylim()[1] + DEEPEST) / 14):
        end_label(axes, most / whole, height, name, colour)
    axes.set_xlabel(f"sale ({largest.currency.upper()}, logarithmic)")
    losing = sum(bool(schedule.loss_ranges()) for schedule in schedules.values())
    set_title(figure, f"{losing} of {len(schedules)} schedules lose money on some sales")
    return Picture(figure)


def _dress(axes: Axes, least: float, most: float) -> None:
    """Shade where money is lost, and label the axes."""
    axes.axhspan(-DEEPEST, 0, color=RED, alpha=0.08, linewidth=0)
    words = "the platform pays for the sale"
    axes.annotate(words, (most, -DEEPEST), xytext=(-6, 6), textcoords="offset points", color=RED, ha="right")
    axes.axhline(0, color=INK, linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(least, most)
    axes.set_ylim(-DEEPEST, None)
    ticks = [number * 10.0**power for power in range(-2, 8) for number in (1, 2, 5)]
    shown = [tick for tick in ticks if least <= tick <= most]
    axes.set_xticks(shown, [f"{tick:,g}" for tick in shown])
    axes.minorticks_off()
    axes.set_ylabel("kept after Stripe's fee\n(% of the sale)")


def gains_over_time(comparisons: Sequence[FeeComparison]) -> Picture:
    """How much more one schedule keeps than the one in use, by horizon, over all markets.

    Args:
        comparisons: of other schedules with the one in use, or of the same under other assumptions; at most four.
    """
    sequence("comparisons", comparisons)
    figure, (axes,) = canvas(height=4.0)
    ends = []
    for comparison, colour in zip(comparisons, COLOURS, strict=False):
        instance_of("a comparison", comparison, FeeComparison)
        quarters = np.arange(1, comparison.gains.shape[1] + 1)
        spans = np.array([comparison.gain(int(quarter)) for quarter in quarters])
        low, median, high = np.round(100 * spans.T, DECIMALS)
        axes.fill_between(quarters, low, high, color=colour, alpha=0.16, linewidth=0)
        axes.plot(quarters, median, color=colour, linewidth=2)
        ends.append((float(median[-1]), comparison.names[1], colour))
    axes.axhline(0, color=INK, linewidth=1)
    first = comparisons[0]
    axes.axvline(first.quarters, color=PALE, linestyle="--", linewidth=1)
    axes.annotate(" the decision", (first.quarters, axes.get_ylim()[1]), va="top", color=PALE)
    bottom, top = axes.get_ylim()
    for height, name, colour in spread(ends, (top - bottom) / 14):
        end_label(axes, first.gains.shape[1], height, name, colour)
    axes.set_xlim(1, first.gains.shape[1])
    axes.set_xticks(range(4, first.gains.shape[1] + 1, 4))
    axes.set_xlabel("horizon (quarters); band: nine of ten markets")
    axes.set_ylabel(f"kept, against {first.names[0]} (%)" if first.in_profit else "kept more (% of sales)")
    set_title(figure, _finding(comparisons))
    return Picture(figure)


def _margin(schedule: FeeSchedule, sale: Money) -> float:
    quote = schedule.fee_of(sale, 0)
    return 100 * (quote.application_fee.minor - quote.stripe_fee_estimate.minor) / sale.minor


def _finding(comparisons: Sequence[FeeComparison]) -> str:
    better = [" ".join(each.names[1].split()) for each in comparisons if each.gain().low > 0]
    quarters, now = comparisons[0].quarters, comparisons[0].names[0]
    if not better:
        return f"None keeps more than {now} after {quarters} quarters in nine of ten markets"
    return f"More than {now} after {quarters} quarters in nine of ten markets: {'; '.join(better)}"
