"""What the kernel reads of a scenario and of a policy: numbers and arrays, made once for all subscribers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import MAX_ENTRIES, DunningPolicy, LastStep

from simulations.models.costs import DunningCosts
from simulations.models.issuer import Code
from simulations.models.renewals import FIRST_LATE_RENEWAL
from simulations.stripe.billing.calendar import add_months
from simulations.subscriptions.year.calibrated import CalibratedSubscribers, ChurnProfile
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.time.world import START

LONGEST_DUNNING_DAYS = 55
"""A third invoice falls due after 59 days: what a bank says of that while the first is open, the arrays do not hold."""

MOST_MONTHS = 12 * 12
"""More than the longest scenario has, and a year more, which no period outlasts."""
MOST_LIMITS = 4
NO_DAY = 1 << 30
"""A day that does not come, and more tries than are ever made."""

T = TypeVar("T")
Integers = list[int]
Curves = Sequence[Sequence[float]]
Matrix = list[list[int]]


class LabYear(NamedTuple):
    """What is the same for all subscribers of a scenario; a month's number counts from the start.

    Attributes:
        seed: of all chance.
        until: the second at which it is over.
        month_starts: the day on which each month begins.
        fails: by its number, the share of renewals that fail by day.
        night_ratio: how much more often they fail at night.
        regrets: the share of customers who cancel after a renewal.
        leaves_only_unpaid: customers leave only while something is open.
    """

    seed: int
    until: int
    month_starts: Sequence[int]
    fails: Sequence[float]
    night_ratio: float
    regrets: float
    leaves_only_unpaid: bool


class PolicyTables(NamedTuple):
    """A dunning policy; each sequence is filled up to the same length, with days that do not come.

    Attributes:
        attempts: on which days the card is tried again.
        notices: on which days the customer is reminded.
        last_day: on which day the subscription ends.
        hour: of the day at which all that comes; -1: that of the failure.
        is_retried: by the number of a `Code`, whether the same card is tried again after it.
        limits: how many tries of a card are allowed.
        limit_days: within how many days.
        least_limit: the least of the limits.
    """

    attempts: Sequence[int]
    notices: Sequence[int]
    last_day: int
    hour: int
    is_retried: Sequence[int]
    limits: Sequence[int]
    limit_days: Sequence[int]
    least_limit: int


class CostTable(NamedTuple):
    """`DunningCosts` as the sums read them."""

    processing_share: float
    processing_fixed_minor: float
    attempt_minor: float
    notice_minor: float
    contact_share: float
    contact_minor: float


def cost_table(costs: DunningCosts) -> CostTable:
    """Return the table of costs."""
    return CostTable(*(float(getattr(costs, name)) for name in CostTable._fields))


def year_tables(scenario: SubscriberYear, seed: int) -> LabYear:
    """Return the tables of a scenario.

    Raises:
        InvalidPolicy: it has trials, or customers or banks of another model.
    """
    people = scenario.customers
    if not isinstance(people, CalibratedSubscribers) or scenario.issuers != people:
        raise InvalidPolicy("the lab knows calibrated subscribers alone: give them as both customers and issuers")
    if scenario.trial_share:
        raise InvalidPolicy(f"the lab knows no trials: trial_share must be 0, got {scenario.trial_share}")
    leaves_only_unpaid = people.churn is ChurnProfile.WHILE_UNPAID
    early = [people.renewals.failure_of(max(1, number)) for number in range(FIRST_LATE_RENEWAL + 1)]
    return LabYear(
        seed=seed,
        until=86_400 * scenario.days,
        month_starts=_month_starts(),
        fails=_filled(early, MOST_MONTHS, early[-1]),
        night_ratio=people.renewals.night_ratio,
        regrets=0.0 if leaves_only_unpaid else people.renewals.cancel_after_renewal,
        leaves_only_unpaid=leaves_only_unpaid,
    )


def leaving_curves(people: CalibratedSubscribers, renewals: int) -> Curves:
    """Return by the number of a renewal, for each hour after it, the share that has left by then for other reasons."""
    return [people.leaving_curve(number) for number in range(renewals)]


def renewals_of(scenario: SubscriberYear) -> int:
    """Return how many renewals a subscriber has at most, and one more."""
    return scenario.days // 28 + 2


def policy_tables(policy: DunningPolicy | None) -> PolicyTables:
    """Return the tables of a policy.

    Raises:
        InvalidPolicy: there is none, or it does what the lab does not know.
    """
    if policy is None:
        raise InvalidPolicy("the lab needs a dunning policy: give the scenario's policy one")
    if policy.last_step is not LastStep.CANCEL:
        raise InvalidPolicy(f"the lab knows last_step cancel alone, got {policy.last_step}; `year.run` knows all")
    if policy.time_zone != "UTC":
        raise InvalidPolicy(f"the lab counts days in UTC alone, got {policy.time_zone!r}; `year.run` knows time zones")
    if policy.ends_on > LONGEST_DUNNING_DAYS:
        raise InvalidPolicy(f"the lab knows policies of at most {LONGEST_DUNNING_DAYS} days, got {policy.ends_on}")
    if len(policy.limits) > MOST_LIMITS:
        raise InvalidPolicy(f"the lab knows at most {MOST_LIMITS} limits, got {len(policy.limits)}")
    limits = [limit.attempts for limit in policy.limits]
    return PolicyTables(
        attempts=_filled(policy.attempts, MAX_ENTRIES + 1, NO_DAY),
        notices=_filled(policy.notices, MAX_ENTRIES + 1, NO_DAY),
        last_day=policy.ends_on,
        hour=-1 if policy.hour is None else policy.hour,
        is_retried=[int(policy.is_retried(code.decline_code)) for code in Code],
        limits=_filled(limits, MOST_LIMITS, NO_DAY),
        limit_days=_filled([limit.days for limit in policy.limits], MOST_LIMITS, 0),
        least_limit=min(limits, default=NO_DAY),
    )


@cache
def _month_starts() -> tuple[int, ...]:
    return tuple((add_months(START, number) - START).days for number in range(MOST_MONTHS))


def _filled(values: Sequence[T], length: int, filling: T) -> tuple[T, ...]:
    return (*values, *(length - len(values)) * (filling,))
