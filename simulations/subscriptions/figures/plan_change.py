"""A picture of a plan change: areas are money, so that credit and charge can be compared by eye."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from payflows.money import CURRENCIES, Money
from payflows.subscriptions.billing import PreviewLine
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plan_requests import PlanPreview

from simulations.drawing.canvas import BLUE, INK, ORANGE, PALE, canvas, set_title
from simulations.drawing.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DAY = timedelta(days=1)


def plan_change(before: Subscription, preview: PlanPreview) -> Picture:
    """What a change in a period credits and charges: price by day, so that every area is an amount.

    Args:
        before: the subscription as it stands before the change.
        preview: what the change would cost.
    """
    period = before.period
    assert period is not None, "it has a period"
    figure, (axes,) = canvas(height=3.6)
    days, paid = (period.end - period.start) / _DAY, before.in_use.total
    axes.fill_between([0, days], _major(paid.minor, paid), color=PALE, alpha=0.35, linewidth=0)
    at = (preview.previewed_at - period.start) / _DAY
    axes.text(at / 2, _major(paid.minor, paid) / 2, f"paid by\n{period.start:%-d %B}\n{paid}", ha="center", va="center")
    for line in preview.lines:
        _area(axes, line, period.start, period.end, paid)
    axes.axvline(at, color=INK, linewidth=1)
    axes.annotate(" the change", (at, axes.get_ylim()[1]), va="top", color=INK)
    axes.set_xlim(0, days)
    axes.set_ylim(0)
    axes.set_xlabel(f"days since {period.start:%-d %B}")
    axes.set_ylabel(f"price of a period ({paid.currency.upper()})")
    set_title(figure, _finding(before, preview))
    return Picture(figure)


def _area(axes: Axes, line: PreviewLine, start: datetime, end: datetime, paid: Money) -> None:
    """Draw a line of the invoice: its height is the price of a whole period."""
    share = (line.period_end - line.period_start) / (end - start)
    height = _major(abs(line.amount_minor), paid) / share
    span = [(line.period_start - start) / _DAY, (line.period_end - start) / _DAY]
    is_credit = line.amount_minor < 0
    colour, text = (ORANGE, "credited") if is_credit else (BLUE, "charged")
    if is_credit:
        axes.fill_between(span, height, facecolor="none", edgecolor=colour, hatch="//", linewidth=1, zorder=2)
    else:
        axes.fill_between(span, height, facecolor=colour, alpha=0.25, linewidth=0)
    amount = Money(abs(line.amount_minor), paid.currency)
    axes.text(
        sum(span) / 2,
        height * (0.5 if is_credit else 0.9),
        f"{text} {amount}",
        ha="center",
        va="center",
        color=colour,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        zorder=3,
    )


def _major(minor: int, like: Money) -> float:
    return float(minor / 10 ** CURRENCIES[like.currency].exponent)


def _finding(before: Subscription, preview: PlanPreview) -> str:
    change = f"From {before.in_use.plan_id} to {preview.plan_id} on {preview.previewed_at:%-d %B}"
    if preview.credit.minor:
        return f"{change}: {preview.credit} go to the customer's balance"
    return f"{change}: {preview.amount_due} are due now"
