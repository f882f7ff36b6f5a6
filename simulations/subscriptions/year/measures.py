"""Every measure of a year of subscribers, defined once, in words and in code. They need no tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from payflows.subscriptions.model import SubscriptionStatus

from simulations.subscriptions.year.rows import Life, StatusRow

_S = SubscriptionStatus
_DAY = timedelta(days=1)

PAYING = (_S.ACTIVE, _S.PAST_DUE)
"""The statuses in which a subscription counts: it is billed period after period, whether or not the latest invoice is
paid. A trial is not billed yet; one that is unpaid, paused or incomplete brings nothing."""

MONTH = timedelta(days=365) / 12
"""A month as a length of time, for rates."""


class Cause(StrEnum):
    """Why a subscription ended."""

    VOLUNTARY = "voluntary"
    """Its customer had paid at least once, and cancelled."""
    INVOLUNTARY = "involuntary"
    """Its customer had paid at least once, and then did not: what stayed unpaid was cancelled, or paused for good."""
    NOT_CONVERTED = "trial not converted"
    """It began with a trial, and ended, in it or after it, before anything was paid."""
    NEVER_PAID = "never paid"
    """It began without a trial, and its first invoice was never paid."""


def cause_of_end(*, has_paid: bool, had_trial: bool, by_merchant: bool) -> Cause:
    """Return why a subscription ended: each has one cause."""
    if not has_paid:
        return Cause.NOT_CONVERTED if had_trial else Cause.NEVER_PAID
    return Cause.INVOLUNTARY if by_merchant else Cause.VOLUNTARY


def monthly_minor(total_minor: int, months: int) -> int:
    """Return what a subscription brings a month: all its seats for one period, by the period's months, half up."""
    return (2 * total_minor + months) // (2 * months)


def status_at(statuses: Sequence[StatusRow], at: datetime) -> str | None:
    """Return the status that a subscription had at a moment; None before its sign-up."""
    return next((row.status for row in reversed(statuses) if row.at <= at), None)


def mrr_minor(lives: Iterable[Life], at: datetime, statuses: Sequence[SubscriptionStatus] = PAYING) -> int:
    """Return the monthly recurring revenue at a moment, in minor units.

    The sum of `monthly_minor` over all subscriptions that are active or past due then: an annual plan counts a twelfth
    of its price, seats count each. It is what is to be billed, not what was paid.

    Args:
        lives: all subscribers.
        at: when.
        statuses: those that count; one of them alone gives its part.
    """
    return sum(life.subscriber.mrr_minor for life in lives if status_at(life.statuses, at) in statuses)


def active(lives: Iterable[Life], at: datetime) -> int:
    """Return how many subscriptions count in MRR at a moment."""
    return sum(status_at(life.statuses, at) in PAYING for life in lives)


def trial_conversion(lives: Iterable[Life]) -> float | None:
    """Return the share of trials that became paid, of those that are decided; None where none is.

    Decided is a trial after which something was paid, or whose subscription has ended without that.
    """
    paid = lost = 0
    for life in lives:
        row = life.subscriber
        if row.trial_days:
            paid += row.first_paid_at is not None
            lost += row.first_paid_at is None and row.ended_at is not None
    return paid / (paid + lost) if paid + lost else None


def churn(lives: Sequence[Life], cause: Cause, until: datetime) -> float | None:
    """Return how many subscriptions end for a cause, per month in which one counts in MRR; None where none does.

    0.02 means: of a hundred paying subscriptions two end in a month for that cause.
    """
    months = sum((paying_time(life.statuses, until) for life in lives), timedelta()) / MONTH
    return sum(life.subscriber.cause == cause for life in lives) / months if months else None


def paying_time(statuses: Sequence[StatusRow], until: datetime) -> timedelta:
    """Return how long a subscription counted in MRR."""
    return _time_in(((row.at, row.status in PAYING) for row in statuses), until)


def access_days(changes: Sequence[tuple[datetime, bool]], until: datetime) -> float:
    """Return for how many days the product could be used.

    Args:
        changes: when access was granted (True) or ended (False), oldest first.
        until: when the year ends.
    """
    return _time_in(changes, until) / _DAY


def _time_in(changes: Iterable[tuple[datetime, bool]], until: datetime) -> timedelta:
    """How long something was so that became so, or not so, at these moments."""
    spans = (end - at for (at, is_so), (end, _) in pairwise([*changes, (until, False)]) if is_so)
    return sum(spans, timedelta())


class Incidence(NamedTuple):
    """The share of a cohort to which something has happened by some age, by cause.

    Attributes:
        days: the age: since the sign-up, or the first failure.
        shares: of the whole cohort, to whom each has happened by then.
    """

    days: float
    shares: dict[str, float]


def leaving_by_age(lives: Iterable[Life], until: datetime) -> Iterator[Incidence]:
    """Return, for each age at which someone left, the share that has left for each cause."""
    rows = (life.subscriber for life in lives)
    return cumulative_incidence(((row.ended_at or until) - row.signed_up_at, row.cause) for row in rows)


def cumulative_incidence(ages: Iterable[tuple[timedelta, str | None]]) -> Iterator[Incidence]:
    """Return, for each age at which something happened, to whom it has happened by cause (Aalen and Johansen, 1978).

    Causes compete: who left for one can no more leave for another, so the shares add up to those who have left, and one
    minus Kaplan and Meier's curve of a single cause would say too much.

    Args:
        ages: of each at the end, and its cause; None: nothing has happened yet, and what will is not known.
    """
    ordered = sorted((age, cause or "") for age, cause in ages)
    shares, staying, at_risk = {cause: 0.0 for _, cause in ordered if cause}, 1.0, len(ordered)
    for age, group in groupby(ordered, key=itemgetter(0)):
        causes = [cause for _, cause in group]
        ended = [cause for cause in causes if cause]
        for cause in ended:
            shares[cause] += staying / at_risk
        staying *= 1 - len(ended) / at_risk
        at_risk -= len(causes)
        if ended:
            yield Incidence(age / _DAY, dict(shares))
