"""Billing periods on arrays: calendar months that keep the day of the sign-up.

`simulations.stripe.billing.calendar` counts them so for the virtual world.
"""

from __future__ import annotations

from simulations.subscriptions.lab.columns import DAY_OF_MONTH, MONTH, MONTHS, SIGNED_UP_AT
from simulations.subscriptions.lab.tables import Integers, LabYear

DAY = 86_400


def month_of(year: LabYear, at: int) -> tuple[int, int]:
    """Return the month in which a moment is, and the days of it that are over."""
    month, day = 0, at // DAY
    while year.month_starts[month + 1] <= day:
        month += 1
    return month, day - year.month_starts[month]


def period_end(year: LabYear, life: Integers, period: int) -> int:
    """Return when a period is over, by its number from 1: on the sign-up's day, or on the last that a month has."""
    month = life[MONTH] + life[MONTHS] * period
    first, following = year.month_starts[month], year.month_starts[month + 1]
    return DAY * min(first + life[DAY_OF_MONTH], following - 1) + life[SIGNED_UP_AT] % DAY
