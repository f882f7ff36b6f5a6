"""One customer under two policies: the same luck, two timelines one above the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from payflows.money import Money
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus

from simulations.drawing.canvas import BLUE, GREEN, INK, ORANGE, PALE, RED, SKY, canvas, end_label, set_title
from simulations.drawing.picture import Picture
from simulations.subscriptions.year.dunning import HORIZON_DAYS
from simulations.subscriptions.year.rows import EpisodeRow, Life
from simulations.subscriptions.year.scenario import SubscriberYear

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DAY = timedelta(days=1)
_S = SubscriptionStatus


class Mark(NamedTuple):
    """How an event is drawn."""

    words: str
    marker: str
    colour: str
    height: float


MARKS: Mapping[str, Mark] = {
    "attempt.declined": Mark("attempt declined", "o", RED, 0.0),
    "attempt.paid": Mark("attempt paid", "o", GREEN, 0.0),
    EventType.RENEWED: Mark("renewal paid", "|", GREEN, 0.0),
    EventType.PAYMENT_REMINDED: Mark("reminder", "s", ORANGE, 0.55),
    EventType.CARD_UPDATED: Mark("another card", "D", SKY, -0.55),
    EventType.ENDED: Mark("subscription ends", "X", INK, 0.0),
}
"""By the event, in the order of the legend."""

_LINES = {_S.ACTIVE: GREEN, _S.PAST_DUE: RED, _S.TRIALING: SKY, _S.PAUSED: PALE, _S.UNPAID: RED}


def one_customer(lives: Mapping[str, Life], scenario: SubscriberYear) -> Picture:
    """What happened to one customer from their first failed renewal on that ended differently.

    Args:
        lives: by the policy's name, all that happened.
        scenario: what was run.
    """
    begin, end = _shown(list(lives.values()), scenario)
    figure, panels = canvas(ratios=(1,) * len(lives), height=1.2 + 1.25 * len(lives))
    days = (end - begin) / _DAY
    for axes, (name, life) in zip(panels, lives.items(), strict=True):
        _draw_status(axes, life, begin, end)
        _draw_events(axes, life, begin, end)
        paid = Money(life.subscriber.paid_minor, scenario.currency)
        end_label(axes, days, 0, f"{name.replace('_', ' ')}\npays {paid}\nin all", INK)
        axes.set_ylim(-1, 1)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    panels[-1].set_xlim(-1, days)
    panels[-1].set_xlabel("days since the first failure that is shown")
    _name_marks(panels[0])
    set_title(figure, _finding(lives, begin, end))
    return Picture(figure)


def _shown(lives: Sequence[Life], scenario: SubscriberYear) -> tuple[datetime, datetime]:
    """Return from when to when: from the first failure with another outcome, until it is long over."""
    first, second = (life.episodes for life in lives)
    until = scenario.ends_at - HORIZON_DAYS * _DAY
    both = [pair for pair in zip(first, second, strict=False) if pair[0].failed_at <= until]
    pairs = [pair for pair in both if pair[0].outcome != pair[1].outcome]
    shown = pairs[0] if pairs else (*first[:1], *second[:1])
    if not shown:
        return scenario.ends_at - 60 * _DAY, scenario.ends_at
    begin = min(row.failed_at for row in shown)
    return begin, min(scenario.ends_at, begin + HORIZON_DAYS * _DAY)


def _draw_status(axes: Axes, life: Life, begin: datetime, end: datetime) -> None:
    """Draw a line for as long as the subscription lives, in the colour of its status."""
    moments = [*(row.at for row in life.statuses[1:]), end]
    for row, until in zip(life.statuses, moments, strict=True):
        colour = _LINES.get(SubscriptionStatus(row.status))
        left, right = (row.at - begin) / _DAY, (min(until, end) - begin) / _DAY
        if colour is not None and right > -1:
            axes.plot([max(left, -1), right], [0, 0], color=colour, linewidth=2.5, alpha=0.55, zorder=1)


def _draw_events(axes: Axes, life: Life, begin: datetime, end: datetime) -> None:
    for event, mark in MARKS.items():
        days = [(row.at - begin) / _DAY for row in life.events if row.event == event and begin <= row.at <= end]
        size = {"|": 14, "o": 11}.get(mark.marker, 8)
        axes.plot(days, [mark.height] * len(days), mark.marker, color=mark.colour, markersize=size, zorder=2)
    for row in life.episodes:
        if begin <= row.failed_at <= end:
            axes.plot((row.failed_at - begin) / _DAY, 0, "v", color=RED, markersize=10, zorder=3)


def _name_marks(axes: Axes) -> None:
    axes.plot([], [], "v", color=RED, markersize=9, label="renewal fails")
    for mark in MARKS.values():
        axes.plot([], [], mark.marker, color=mark.colour, markersize=8, label=mark.words)
    axes.plot([], [], color=BLUE, alpha=0)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, frameon=False, fontsize=9)


def _finding(lives: Mapping[str, Life], begin: datetime, end: datetime) -> str:
    """Say in one line how it ended by each policy."""
    ways = []
    for name, life in lives.items():
        rows: list[EpisodeRow] = [row for row in life.episodes if begin <= row.failed_at <= end]
        ways.append(f"{rows[0].outcome if rows else 'nothing failed'} by {name.replace('_', ' ')}")
    number = next(iter(lives.values())).subscriber.subscriber
    return f"Subscriber {number}: {ways[0]}, {ways[1]}"
