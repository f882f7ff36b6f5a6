"""Calendar months as Stripe counts billing periods: each keeps the anchor's day, and ends with a month that is shorter.

Source: docs.stripe.com/billing/subscriptions/billing-cycle.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime


def add_months(anchor: datetime, months: int) -> datetime:
    """Return the moment these months after the anchor, on its day or on the last one that the month has."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    day = min(anchor.day, monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


def boundary(anchor: int, months: int) -> int:
    """Return the same in Unix seconds, by the calendar of UTC."""
    return int(add_months(datetime.fromtimestamp(anchor, UTC), months).timestamp())
