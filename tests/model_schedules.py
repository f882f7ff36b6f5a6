"""The schedules on which the models were calibrated, in days since the first failure."""

from __future__ import annotations

from collections.abc import Mapping

from simulations.models import Schedule
from simulations.models.targets import CAMPAIGN, NAIVE, NAIVE_WITH_MAIL, SEED_AS_GAPS, SIX_MAILS, SIX_MAILS_AND_RETRIES

SEED_AS_DAYS = Schedule.from_days((3, 7, 14), (0, 3, 7), close=14)
FOUR_IN_21_DAYS = Schedule.from_days((3, 8, 14, 21), (0, 3, 8, 14), close=21)
EIGHT_IN_14_DAYS = Schedule.from_days((1, 2, 4, 6, 8, 10, 12, 14), (0, 3, 7), close=14)
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
