"""Pictures of a year of a marketplace. What they show is defined in `measures`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from payflows.checks import sequence, whole_number
from payflows.money import CURRENCIES, Money

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
from simulations.marketplace.year.measures import Waterfall, daily_balances, exposure
from simulations.marketplace.year.rows import Books
from simulations.marketplace.year.scenario import MarketplaceYear
from simulations.statistics.ratios import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = (
    ("Stripe's fees", ("stripe_fees",), ORANGE),
    ("fees given back\nwith refunds", ("refunded_fees",), ORANGE),
    ("dispute\nfees", ("dispute_fees",), ORANGE),
    ("borne of\ndisputes", ("borne",), RED),
    ("written\noff", ("written_off",), RED),
    ("owed by those\nwho disappeared", ("doubtful",), RED),
)
_COLOURS = (BLUE, ORANGE, GREEN, PINK)


def revenue_waterfall(waterfall: Waterfall, scenario: MarketplaceYear) -> Picture:
    """From the fees of all payments to what the platform keeps, step by step.

    Args:
        waterfall: the steps.
        scenario: what was run.
    """
    whole = 10 ** CURRENCIES[scenario.currency].exponent
    figure, (axes,) = canvas(height=4.2)
    bars = [("application\nfees", 0.0, waterfall.fees / whole, BLUE)]
    left = waterfall.fees
    for name, parts, colour in _STEPS:
        cost = sum(getattr(waterfall, part) for part in parts)
        bars.append((name, (left - cost) / whole, cost / whole, colour))
        left -= cost
    bars.append(("kept", 0.0, left / whole, GREEN if left >= 0 else RED))
    for place, (_, bottom, height, colour) in enumerate(bars):
        axes.bar(place, height, bottom=bottom, color=colour, width=0.62)
        shown = f"{height:,.0f}" if place in (0, len(bars) - 1) else f"{-height:+,.0f}" if height else "0"
        top = max(bottom, bottom + height)
        axes.annotate(shown, (place, top), xytext=(0, 3), textcoords="offset points", ha="center", color=INK)
    axes.axhline(0, color=INK, linewidth=1)
    axes.set_xticks(range(len(bars)), [name for name, *_ in bars], fontsize=9)
    axes.set_ylabel(scenario.currency.upper())
    axes.margins(y=0.1)
    set_title(figure, _waterfall_finding(waterfall, scenario))
    return Picture(figure)


def _waterfall_finding(waterfall: Waterfall, scenario: MarketplaceYear) -> str:
    kept, losses = (100 * minor / max(1, waterfall.fees) for minor in (waterfall.net, waterfall.loss))
    days = scenario.days
    return (
        f"Of its fees of {days} days the platform keeps {kept:.0f} %; {losses:.0f} % is lost with vendors who disappear"
    )


def balances_over_time(books: Books, scenario: MarketplaceYear) -> Picture:
    """What is vendors' and not paid out yet, day by day; below, what vendors owe, what was lost, and the platform's.

    Args:
        books: all that happened.
        scenario: what was run.
    """
    whole = 10 ** CURRENCIES[scenario.currency].exponent
    days, balances = np.arange(scenario.days), daily_balances(books, scenario.days)
    figure, (above, below) = canvas(ratios=(3, 2), height=5.4)
    parts = {"pending": SKY, "available": BLUE, "reserved": PINK}
    lines = [getattr(balances, name) / whole for name in parts]
    above.stackplot(days, *lines, colors=list(parts.values()), step="post")
    floor, ends, means = 0.0, [], []
    for line, (name, colour) in zip(lines, parts.items(), strict=True):
        means.append(line[-28:].mean())
        if line.any():
            ends.append((floor + means[-1] / 2, f"{name} {means[-1]:,.0f}", colour))
        floor += means[-1]
    _label(above, days[-1], ends, sum(line.max() for line in lines) / 9)
    above.set_ylabel(f"vendors' money\nnot paid out ({scenario.currency.upper()})")
    drawn = {"platform": GREEN, "owed_by_vendors": ORANGE, "lost": RED}
    ends = []
    for name, colour in drawn.items():
        line = getattr(balances, name) / whole
        below.plot(days, line, color=colour, linewidth=2, drawstyle="steps-post")
        ends.append((float(line[-1]), f"{name.replace('_', ' ')} {line[-1]:,.0f}", colour))
    bottom, top = below.get_ylim()
    _label(below, days[-1], ends, (top - bottom) / 6)
    below.set_ylabel(f"platform ({scenario.currency.upper()})")
    below.set_xlabel("days since the start; labels above: mean of the last 28 days")
    below.set_xlim(0, scenario.days)
    set_title(figure, _balances_finding(float(floor), int(balances.owed_by_vendors.max()), scenario))
    return Picture(figure)


def _balances_finding(held: float, owed_minor: int, scenario: MarketplaceYear) -> str:
    owed = Money(owed_minor, scenario.currency)
    return f"{held:,.0f} {scenario.currency} of vendors' money is held at the end; at worst vendors owe {owed}"


def exposure_over_time(books: Books, scenario: MarketplaceYear, ks: Sequence[int], open_days: int) -> Picture:
    """What would be lost if the vendors with the largest open risk disappeared, and what was lost, day by day.

    Args:
        books: all that happened.
        scenario: what was run.
        ks: how many disappear, at most four numbers.
        open_days: for how long buyers may want their money back.
    """
    sequence("ks", ks)
    whole_number("how many lines are drawn", len(ks), least=1, most=len(_COLOURS))
    whole = 10 ** CURRENCIES[scenario.currency].exponent
    days, balances = np.arange(scenario.days), daily_balances(books, scenario.days)
    figure, (axes,) = canvas(height=4.2)
    ends, peaks = [], []
    for k, colour in zip(ks, _COLOURS, strict=False):
        line = exposure(books, scenario, k, open_days=open_days) / whole
        peaks.append(float(line.max()))
        axes.plot(days, line, color=colour, linewidth=2, drawstyle="steps-post")
        ends.append((float(line[-1]), f"{k} disappear{'s' if k == 1 else ''}\n{line[-1]:,.0f}", colour))
    lost = (balances.lost + balances.owed_by_vendors) / whole
    axes.fill_between(days, lost, color=RED, alpha=0.3, linewidth=0, step="post")
    ends.append((float(lost[-1]), f"lost, or owed\n{lost[-1]:,.0f}", RED))
    for row in books.vendors:
        if row.disappeared_at is not None:
            axes.axvline((row.disappeared_at - scenario.begins_at).days, color=PALE, linestyle=":", linewidth=1)
    _label(axes, days[-1], ends, max(1.0, *peaks) / 9)
    axes.set_ylim(0, None)
    axes.set_xlim(0, scenario.days)
    axes.set_ylabel(f"exposure to sales of {open_days} days\n({scenario.currency.upper()})")
    axes.set_xlabel("days since the start; dotted: a vendor disappears")
    peak, which = Money(round(peaks[0] * whole), scenario.currency), "vendor" if ks[0] == 1 else f"{ks[0]} vendors"
    set_title(figure, f"If the {which} with the largest open risk disappeared, up to {peak} would be lost")
    return Picture(figure)


def loss_by_reserve(reserves_bps: Sequence[int], losses: Mapping[str, Sequence[Estimate]]) -> Picture:
    """What is lost by the share of sales that is held back, a line for each scenario with its interval.

    Args:
        reserves_bps: the shares, in basis points.
        losses: by the scenario's name, at most four.
    """
    whole_number("how many lines are drawn", len(losses), least=1, most=len(_COLOURS))
    figure, (axes,) = canvas(height=4.2)
    shares = np.array(reserves_bps) / 100
    step, ends = float(shares[-1] - shares[0]) / 90, []
    for number, ((name, line), colour) in enumerate(zip(losses.items(), _COLOURS, strict=False)):
        value, low, high = 100 * np.array(line).T
        places = shares + step * number
        axes.errorbar(places, value, (value - low, high - value), color=colour, linewidth=2, capsize=4, marker="o")
        ends.append((float(value[-1]), f"{name}\n{value[-1]:.2f} %", colour))
    axes.set_ylim(0, None)
    _label(axes, float(shares[-1]) + 2 * step, ends, axes.get_ylim()[1] / 9)
    axes.set_xticks(shares)
    axes.set_ylabel("lost (% of sales)")
    axes.set_xlabel("reserve (% of each share); bars: 95 % interval")
    few, many = (_span([line[place] for line in losses.values()]) for place in (0, -1))
    finding = f"Of sales {few} are lost with {shares[0]:g} % in reserve, {many} with {shares[-1]:g} %"
    set_title(figure, finding)
    return Picture(figure)


def _span(estimates: Sequence[Estimate]) -> str:
    low, high = (100 * bound(each.value for each in estimates) for bound in (min, max))
    return f"{low:.1f} to {high:.1f} %" if f"{low:.1f}" != f"{high:.1f}" else f"{low:.1f} %"


def _label(axes: Axes, x: float, ends: list[tuple[float, str, str]], gap: float) -> None:
    for height, text, colour in spread(ends, gap):
        end_label(axes, x, height, text, colour)
