"""Pictures of failed renewals: how they end, day by day, and for which causes. `dunning` defines what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

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
from simulations.subscriptions.year.dunning import (
    RECOVERED,
    DunningOutcome,
    is_recovered,
    outcomes_by_day,
    recovered_share,
    seen_to_the_end,
)
from simulations.subscriptions.year.measures import Incidence
from simulations.subscriptions.year.rows import EpisodeRow, Life

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_DAYS = 35
"""No calibrated policy goes on for longer."""

OUTCOMES = {
    DunningOutcome.RETRY_SUCCEEDED: GREEN,
    DunningOutcome.CARD_UPDATED: SKY,
    DunningOutcome.CUSTOMER_CANCELLED: PALE,
    DunningOutcome.RAN_OUT: RED,
}
"""From below, with their colours."""

CAUSES = {
    "nsf": ("no money", BLUE),
    "issuer_risk": ("issuer's own rules", ORANGE),
    "transient": ("technical error", GREEN),
    "stale_card": ("card replaced", SKY),
    "dead_card": ("card lost or stolen", RED),
    "auth_required": ("bank asks", PINK),
    "processor_refusal": ("processor refuses", PALE),
}
"""By the model's name: in words, and with a colour."""


def outcomes(policies: Mapping[str, tuple[Sequence[Life], datetime]]) -> Picture:
    """The share of failed renewals that has ended in each of four ways, by day; the ways compete and add up.

    Args:
        policies: by name, all subscribers and when they were looked at last.
    """
    figure, panels = canvas(ratios=(1,) * len(policies), height=0.9 + 2.4 * len(policies))
    shares = {}
    for axes, (name, (lives, until)) in zip(panels, policies.items(), strict=True):
        rows = [row for life in lives for row in life.episodes]
        steps = list(outcomes_by_day(rows, until))
        days = [0.0, *(step.days for step in steps), SHOWN_DAYS]
        lines = {outcome: _line(steps, outcome) for outcome in OUTCOMES}
        axes.stackplot(days, *lines.values(), colors=list(OUTCOMES.values()), step="post")
        floor, ends = 0.0, []
        for outcome, line in lines.items():
            colour = OUTCOMES[outcome]
            ends.append((floor + line[-1] / 2, f"{outcome} {line[-1]:.0f} %", INK if colour == PALE else colour))
            floor += line[-1]
        for height, text, colour in spread(ends, 9):
            end_label(axes, SHOWN_DAYS, height, text, colour)
        axes.set_title(f"{name.replace('_', ' ')}, {len(rows):,} failed renewals", loc="left", fontsize=11, color=INK)
        axes.set_ylim(0, 100)
        axes.set_ylabel("% of failed renewals")
        shares[name] = 100 * sum(lines[outcome][-1] for outcome in RECOVERED) / 100
    panels[-1].set_xlim(0, SHOWN_DAYS)
    panels[-1].set_xticks(range(0, SHOWN_DAYS + 1, 7))
    panels[-1].set_xlabel("days since the first failure")
    paid = " and ".join(f"{share:.0f} % by {name.replace('_', ' ')}" for name, share in shares.items())
    set_title(figure, f"Paid in the end: {paid}")
    return Picture(figure)


def recovery_by_cause(lives: Sequence[Life], until: datetime) -> Picture:
    """The share of failed renewals that was paid by each day, for each cause that the banks had, and for all.

    Args:
        lives: all subscribers.
        until: when they were looked at last.
    """
    rows = [row for life in lives for row in seen_to_the_end(life, until)]
    figure, (axes,) = canvas(height=4.6)
    ends = []
    for cause, (words, colour) in CAUSES.items():
        of_cause = [row for row in rows if row.cause == cause]
        if of_cause:
            height = _draw_recovery(axes, of_cause, colour, 1.6)
            ends.append((height, f"{words} {height:.0f} % of {len(of_cause):,}", INK if colour == PALE else colour))
    height = _draw_recovery(axes, rows, INK, 3.0)
    ends.append((height, f"all {height:.0f} % of {len(rows):,}", INK))
    for place, text, colour in spread(ends, 5):
        end_label(axes, SHOWN_DAYS, place, text, colour)
    axes.set_xlim(0, SHOWN_DAYS)
    axes.set_xticks(range(0, SHOWN_DAYS + 1, 7))
    axes.set_ylim(0, 103)
    axes.set_ylabel("% of failed renewals that are paid")
    axes.set_xlabel("days since the first failure")
    share = recovered_share(lives, until)
    set_title(figure, "No renewal failed" if share is None else f"{100 * share:.0f} % of failed renewals are recovered")
    return Picture(figure)


def _draw_recovery(axes: Axes, rows: Sequence[EpisodeRow], colour: str, width: float) -> float:
    """Draw the share that is paid by each day; return the last."""
    days = sorted(row.day for row in rows if is_recovered(row) and row.day is not None)
    shares = [100 * number / max(1, len(rows)) for number in range(len(days) + 1)]
    axes.step([0.0, *days, SHOWN_DAYS], [*shares, shares[-1]], where="post", color=colour, linewidth=width)
    return shares[-1]


def _line(steps: Sequence[Incidence], outcome: DunningOutcome) -> list[float]:
    line = [0.0, *(100 * step.shares.get(outcome, 0.0) for step in steps)]
    return [*line, line[-1]]
