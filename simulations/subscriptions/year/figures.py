"""Pictures of a year of subscribers. What they show is defined in `measures`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from payflows.money import CURRENCIES, Money
from payflows.subscriptions.billing import RENEWAL, InvoiceStatus
from payflows.subscriptions.model import SubscriptionStatus

from simulations.drawing.canvas import BLUE, GREEN, INK, ORANGE, PALE, RED, SKY, canvas, end_label, set_title, spread
from simulations.drawing.picture import Picture
from simulations.subscriptions.year.measures import Cause, leaving_by_age, mrr_minor
from simulations.subscriptions.year.rows import Life
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.time.world import START

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_S = SubscriptionStatus
PARTS = {"active": _S.ACTIVE, "past due": _S.PAST_DUE, "in trial": _S.TRIALING}
"""What the first figure is made of. A trial is no MRR yet: it is drawn apart."""

CAUSES = {Cause.NOT_CONVERTED: SKY, Cause.VOLUNTARY: BLUE, Cause.INVOLUNTARY: RED, Cause.NEVER_PAID: PALE}
"""The causes from below, with their colours."""


def mrr_over_time(lives: Sequence[Life], scenario: SubscriberYear) -> Picture:
    """What subscriptions bring a month, day by day, active and past due; below, what is in trial, if anything is.

    Args:
        lives: all subscribers.
        scenario: the year.
    """
    days = np.arange(scenario.days + 1)
    whole = 10 ** CURRENCIES[scenario.currency].exponent
    lines = {
        name: np.array([mrr_minor(lives, START + timedelta(days=int(day)), [status]) for day in days]) / whole
        for name, status in PARTS.items()
    }
    has_trials = bool(lines["in trial"].any())
    figure, panels = canvas(ratios=(3, 1) if has_trials else (1,), height=5.0 if has_trials else 4.0)
    above, below = panels[0], panels[-1]
    above.stackplot(days, lines["active"], lines["past due"], colors=[GREEN, RED], step="post")
    total = lines["active"] + lines["past due"]
    ends = [
        (lines["active"][-1] / 2, f"active\n{lines['active'][-1]:,.0f}", GREEN),
        (lines["active"][-1] + lines["past due"][-1] / 2, f"past due\n{lines['past due'][-1]:,.0f}", RED),
    ]
    for height, text, colour in spread(ends, 0.12 * max(total.max(), 1)):
        end_label(above, days[-1], height, text, colour)
    currency = scenario.currency.upper()
    above.set_ylabel(f"MRR ({currency})")
    if has_trials:
        below.stackplot(days, lines["in trial"], colors=[SKY], step="post")
        end_label(below, days[-1], lines["in trial"][-1] / 2, "in trial,\nno MRR yet", SKY)
        below.set_ylabel(currency)
    below.set_xlabel("days since the start")
    below.set_xlim(0, scenario.days)
    set_title(figure, _mrr_finding(mrr_minor(lives, scenario.ends_at), scenario, lines["past due"], total))
    return Picture(figure)


def _mrr_finding(minor: int, scenario: SubscriberYear, past_due: Sequence[float], total: Sequence[float]) -> str:
    mrr = Money(minor, scenario.currency)
    shares = [late / whole for late, whole in zip(past_due, total, strict=True) if whole]
    worst = max(shares[len(shares) // 4 :], default=0)  # in the first weeks one invoice is a great share
    return f"MRR reaches {mrr} after {scenario.days} days; up to {100 * worst:.0f} % of it was past due"


def leaving_by_cause(lives: Sequence[Life], scenario: SubscriberYear) -> Picture:
    """The share of all who signed up that has left by some age, for each cause; the causes compete and add up.

    Args:
        lives: all subscribers.
        scenario: the year.
    """
    steps = list(leaving_by_age(lives, scenario.ends_at))
    days = [0.0, *(step.days for step in steps), float(scenario.days)]
    shares = {cause: [0.0, *(100 * step.shares.get(cause, 0.0) for step in steps)] for cause in CAUSES}
    for line in shares.values():
        line.append(line[-1])
    figure, (axes,) = canvas(height=4.2)
    axes.stackplot(days, *shares.values(), colors=list(CAUSES.values()), step="post")
    floor, ends = 0.0, []
    for cause, line in shares.items():
        if line[-1]:
            ends.append((floor + line[-1] / 2, f"{cause} {line[-1]:.0f} %", CAUSES[cause]))
        floor += line[-1]
    for height, text, colour in spread(ends, max(4.0, floor / 14)):
        end_label(axes, days[-1], height, text, INK if colour == PALE else colour)
    axes.set_xlim(0, scenario.days)
    axes.set_ylim(0, max(10.0, 1.1 * floor))
    axes.set_ylabel("% of sign-ups that have left")
    axes.set_xlabel("days since their sign-up")
    unpaid = shares[Cause.INVOLUNTARY][-1]
    finding = f"{floor:.0f} % leave within {scenario.days} days, {unpaid:.0f} % because a payment failed"
    set_title(figure, finding if floor else "No one leaves")
    return Picture(figure)


def renewals_by_day(invoices: pd.DataFrame) -> Picture:
    """How many renewals fall on each day of the month, and how many of them are not paid.

    Args:
        invoices: one row each, with `billing_reason`, `period_start`, `status` and `total_minor`.
    """
    renewed = invoices[(invoices["billing_reason"] == RENEWAL) & (invoices["total_minor"] > 0)]
    day = renewed["period_start"].dt.day
    is_paid = renewed["status"] == InvoiceStatus.PAID.value
    days = np.arange(1, 32)
    paid, unpaid = (day[part].value_counts().reindex(days, fill_value=0).to_numpy() for part in (is_paid, ~is_paid))
    figure, (axes,) = canvas(height=3.8)
    axes.bar(days, paid, color=GREEN, width=0.8)
    axes.bar(days, unpaid, bottom=paid, color=ORANGE, width=0.8)
    _name_parts(axes, paid, unpaid)
    axes.set_xticks([1, 5, 10, 15, 20, 25, 28, 31])
    axes.set_xlim(0.3, 31.7)
    axes.set_ylim(0, 1.08 * max(1, (paid + unpaid).max()))
    axes.set_ylabel("renewals")
    axes.set_xlabel("day of the month (UTC)")
    share, late = 100 * unpaid.sum() / max(1, len(renewed)), paid[-1] + unpaid[-1]
    finding = f"{len(renewed):,} renewals, {share:.1f} % unpaid; {late:,} on the 31st, which only seven months have"
    set_title(figure, finding)
    return Picture(figure)


def _name_parts(axes: Axes, paid: Sequence[int], unpaid: Sequence[int]) -> None:
    end_label(axes, 31.4, paid[-1] / 2, "paid", GREEN)
    end_label(axes, 31.4, paid[-1] + max(unpaid[-1], 0.1 * max(paid)) / 2 + 0.05 * max(paid), "not paid", ORANGE)
