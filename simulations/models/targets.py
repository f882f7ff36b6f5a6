"""Published aggregates that the dunning model is to reproduce, and what a set of parameters makes of them.

They come from other companies, years and definitions: a set within all of them agrees with what is known of others, and
is not the truth about one's own shop.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from simulations.models.cohort import Endings, cases_of, follow_all
from simulations.models.dunning import Outcome
from simulations.models.parameters import DunningParameters
from simulations.models.schedule import Schedule
from simulations.models.tables import tables_of

SEED_AS_GAPS = Schedule.from_days((3, 10, 24), (0, 3, 10), close=24)
CAMPAIGN = Schedule.from_days((1, 2, 4, 6, 8, 11, 14, 17, 20, 24, 28), (4, 7, 11, 15, 20, 25), close=28)
NAIVE = Schedule.from_days((1, 3, 5), close=7)
NAIVE_WITH_MAIL = Schedule.from_days((1, 3, 5), (0, 3), close=7)
SIX_MAILS = Schedule.from_days((), (0, 3, 7, 15, 20, 30), close=31)
SIX_MAILS_AND_RETRIES = Schedule.from_days((3, 5, 7), (0, 3, 7, 15, 20, 30), close=31)

CALENDARS = ((3, 8, 14, 21), (5, 10, 15, 21), (1, 5, 12, 21), (2, 7, 14, 20), (4, 10, 16, 20))
"""Days of the four retries within 21 days behind the measured curve of past-due renewals, which are not published."""
LAST_DAY_OF_CURVE = 21


class Target(NamedTuple):
    """A published aggregate.

    Attributes:
        published: what it says.
        low: the least that agrees with it.
        high: the most.
        source: a key of `SOURCES`.
    """

    published: str
    low: float
    high: float
    source: str

    def holds(self, value: float) -> bool:
        """Return whether a value agrees with it."""
        return self.low <= value <= self.high


TARGETS: Mapping[str, Target] = {
    "v4_naive": Target("three retries in 5 days: recovered", 0.12, 0.24, "basic_rules"),
    "v4_naive_mail": Target("the same with two notices: recovered", 0.22, 0.33, "profitwell"),
    "v3_recovered": Target("campaign of 28 days: recovered", 0.45, 0.55, "churnbuster"),
    "v3_retry_share": Target("campaign: of the recovered, by retries", 0.55, 0.68, "churnbuster"),
    "v3_before_mail": Target("campaign: recovered before the first notice", 0.12, 0.21, "churnbuster"),
    "v5_card": Target("six notices in 30 days: cards updated", 0.18, 0.23, "baremetrics"),
    "v4_seed_gaps": Target("retries on days 3, 10, 24: recovered", 0.40, 0.50, "churnbuster"),
    "v5_bm30": Target("six notices and three retries: recovered", 0.36, 0.46, "baremetrics"),
    "v1_ratio": Target("past due on days 17 to 20, to days 1 to 4", 0.37, 0.57, "buffer"),
}
"""The nine by which sets of parameters were accepted; agreement with them shows calibration, not prediction."""


def statistics_of(
    parameters: DunningParameters, calendar: tuple[int, ...], *, seed: int, cases: int
) -> Iterator[tuple[str, float]]:
    """Yield what a set makes of each target, in their order; a reader that has seen enough stops.

    Args:
        parameters: the set.
        calendar: one of `CALENDARS`.
        seed: all chance.
        cases: failed renewals, the same under each schedule.
    """
    failed = cases_of(seed, cases)
    tables = tables_of(parameters)

    def share_recovered(schedule: Schedule) -> float:
        return float(follow_all(tables, failed, schedule).is_recovered.mean())

    yield "v4_naive", share_recovered(NAIVE)
    yield "v4_naive_mail", share_recovered(NAIVE_WITH_MAIL)
    campaign = follow_all(tables, failed, CAMPAIGN)
    by_retry = campaign.outcome == Outcome.RETRY_SUCCEEDED
    yield "v3_recovered", float(campaign.is_recovered.mean())
    yield "v3_retry_share", float(by_retry.sum() / campaign.is_recovered.sum())
    yield "v3_before_mail", float((by_retry & (campaign.hour <= CAMPAIGN.notices[0])).mean())
    staying = tables_of(without_chance_of_leaving(parameters))
    yield "v5_card", float(follow_all(staying, failed, SIX_MAILS).is_recovered.mean())
    yield "v4_seed_gaps", share_recovered(SEED_AS_GAPS)
    yield "v5_bm30", share_recovered(SIX_MAILS_AND_RETRIES)
    curve = follow_all(tables, failed, curve_schedule(calendar))
    yield "v1_ratio", _open_share(curve, 17, 20) / _open_share(curve, 1, 4)


def without_chance_of_leaving(parameters: DunningParameters) -> DunningParameters:
    """Return them as the target of six notices has them, which counts the updates after notices alone."""
    return replace(parameters, spontaneous_per_day=0.0, cancel_per_notice=0.0, flat_cancel_per_day=0.0)


def curve_schedule(calendar: tuple[int, ...]) -> Schedule:
    """Return the schedule behind the curve: a notice with the failure and with every retry but the last."""
    notices = (0, *calendar[:-1])
    return Schedule.from_days(calendar, notices, close=LAST_DAY_OF_CURVE, allow_uncalibrated=True)


def _open_share(endings: Endings, first_day: int, last_day: int) -> float:
    """Return the share that is open at noon, the mean over some days."""
    days = range(first_day, last_day + 1)
    return float(sum((endings.hour > 24 * day + 12).mean() for day in days) / len(days))


@cache
def accepted_statistics() -> tuple[Mapping[str, float], ...]:
    """Return what each accepted set makes of each target, with 100,000 cases."""
    with Path(__file__).with_name("ensemble_statistics.csv").open() as file:
        return tuple({name: float(value) for name, value in row.items()} for row in csv.DictReader(file))
