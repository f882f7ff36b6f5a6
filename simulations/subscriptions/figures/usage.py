"""A picture of usage: how much was used by when, and what of it came too late to be billed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from payflows.subscriptions.model import Period
from payflows.subscriptions.usage import Usage

from simulations.drawing.canvas import BLUE, INK, PALE, RED, canvas, end_label, set_title
from simulations.drawing.picture import Picture

_DAY = timedelta(days=1)


def usage_over_time(usage: Sequence[Usage], period: Period, *, cap: int | None = None) -> Picture:
    """What was used in a period, summed by the time of use; what was reported too late is marked, and not billed.

    Args:
        usage: records of one metric.
        period: in which it was used.
        cap: how much the plan allows; None: any amount.
    """
    within = sorted(
        (each for each in usage if period.start <= each.used_at < period.end), key=lambda each: each.used_at
    )
    figure, (axes,) = canvas(height=3.4)
    days = (period.end - period.start) / _DAY
    at = [(each.used_at - period.start) / _DAY for each in within]
    billed, sums = 0, []
    for each in within:
        billed += 0 if each.is_late else each.quantity
        sums.append(billed)
    axes.step([0, *at, days], [0, *sums, billed], where="post", color=BLUE, linewidth=2)
    end_label(axes, days, billed, f"billed\n{billed:,}", BLUE)
    for day, height, each in zip(at, sums, within, strict=True):
        if each.is_late:
            axes.plot(day, height, "x", color=RED, markersize=9, markeredgewidth=2)
            late = f"{each.quantity:,} reported\ntoo late: not billed"
            axes.annotate(late, (day, height), xytext=(12, -44), textcoords="offset points", color=RED)
    if cap is not None:
        axes.axhline(cap, color=PALE, linestyle="--", linewidth=1)
        axes.annotate(f"cap {cap:,}", (0, cap), xytext=(4, 4), textcoords="offset points", color=INK)
    axes.set_xlim(0, days)
    axes.set_ylim(0, 1.15 * max(cap or 0, billed, 1))
    axes.set_xlabel(f"days since {period.start:%-d %B}")
    axes.set_ylabel(within[0].metric.replace("_", " ") if within else "used")
    late_sum = sum(each.quantity for each in within if each.is_late)
    set_title(figure, f"{billed:,} are billed once each; {late_sum:,} came after the invoice was final")
    return Picture(figure)
