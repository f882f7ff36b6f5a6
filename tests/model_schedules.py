"""The schedules on which the models were calibrated, in days since the first failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simulations.models import DunningParameters, Schedule

SEED_AS_GAPS = Schedule.from_days((3, 10, 24), (0, 3, 10), close=24)
SEED_AS_DAYS = Schedule.from_days((3, 7, 14), (0, 3, 7), close=14)
FOUR_IN_21_DAYS = Schedule.from_days((3, 8, 14, 21), (0, 3, 8, 14), close=21)
EIGHT_IN_14_DAYS = Schedule.from_days((1, 2, 4, 6, 8, 10, 12, 14), (0, 3, 7), close=14)
CAMPAIGN = Schedule.from_days((1, 2, 4, 6, 8, 11, 14, 17, 20, 24, 28), (4, 7, 11, 15, 20, 25), close=28)
NAIVE = Schedule.from_days((1, 3, 5), close=7)
NAIVE_WITH_MAIL = Schedule.from_days((1, 3, 5), (0, 3), close=7)
SIX_MAILS = Schedule.from_days((), (0, 3, 7, 15, 20, 30), close=31)
SIX_MAILS_AND_RETRIES = Schedule.from_days((3, 5, 7), (0, 3, 7, 15, 20, 30), close=31)
MAILS_ONLY = Schedule.from_days((), (0, 3, 10), close=28)
NONE = Schedule.from_days(close=28)

SCHEDULES: Mapping[str, Schedule] = {
    "4 in 21 days": FOUR_IN_21_DAYS,
    "28-day campaign": CAMPAIGN,
    "naive": NAIVE,
    "naive with mail": NAIVE_WITH_MAIL,
    "seed as gaps": SEED_AS_GAPS,
    "six mails and retries": SIX_MAILS_AND_RETRIES,
    "six mails": SIX_MAILS,
    "seed as days": SEED_AS_DAYS,
    "8 in 14 days": EIGHT_IN_14_DAYS,
    "none": NONE,
    "mails only": MAILS_ONLY,
}


def without_chance_of_leaving(parameters: DunningParameters) -> DunningParameters:
    """Return them for the row of six mails, which counts the updates after notices alone."""
    return replace(parameters, spontaneous_per_day=0.0, cancel_per_notice=0.0, flat_cancel_per_day=0.0)
