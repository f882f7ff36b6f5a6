"""The life of one subscriber on arrays: the same renewals, failures and ends as in the virtual world, second by second.

Scalar functions, for a compiler and for Python. Renewals are paid, month by month, until one fails; what follows is in
`dunned`. Every draw and every answer is that of `simulations.models`.
"""

from __future__ import annotations

from simulations.models.chance import FLAT, case_of, hours_until_over, is_over, uniform
from simulations.models.renewals import cancels_after_renewal, renewal_fails
from simulations.models.tables import DunningTables
from simulations.subscriptions.lab.calendar import month_of, period_end
from simulations.subscriptions.lab.columns import (
    CHARGED_AT,
    DAY_OF_MONTH,
    ENDED_AT,
    ENDED_BY,
    IS_DRAFT,
    LEAVES_AT,
    LEAVES_WITH_PERIOD,
    MONTH,
    MONTHS,
    NEVER_AT,
    PAID,
    PERIOD,
    PERIOD_ENDS_AT,
    RENEWAL,
    SIGNED_UP_AT,
    EndedBy,
)
from simulations.subscriptions.lab.dunned import HOUR, Scratch, collect
from simulations.subscriptions.lab.tables import Curves, Integers, LabYear, PolicyTables

ACT_OF_LEAVING = 600
"""Where in their hour customers leave."""


def live_all(
    year: LabYear,
    curves: Curves,
    policy: PolicyTables,
    tables: DunningTables,
    first: int,
    count: int,
    scratch: Scratch,
) -> int:
    """Let subscribers live, from the number `first` on; return how many episodes they had.

    Args:
        year: what is the same for all.
        curves: how customers leave for other reasons.
        policy: how they are dunned.
        tables: what the models read.
        first: the number of the subscriber in the first row.
        count: how many there are.
        scratch: a row of each, with what they signed up for; room for the episodes, and for what is under way.
    """
    episodes = 0
    for place in range(count):
        life, number = scratch.lives[place], first + place
        subscribe(year, curves, number, life)
        while renew(year, curves, number, life):
            episode = scratch.episodes[episodes]
            episodes += 1
            if not collect(year, curves, policy, tables, number, life, episode, scratch):
                break
    return episodes


def subscribe(year: LabYear, curves: Curves, number: int, life: Integers) -> None:
    """Sign up and pay: the first charge is approved."""
    signed_up_at = life[SIGNED_UP_AT]
    life[CHARGED_AT] = signed_up_at
    life[PAID] = 1
    life[LEAVES_AT] = leaving_at(year, curves, case_of(year.seed, number, 0), 0, life[MONTHS], signed_up_at)
    life[MONTH], life[DAY_OF_MONTH] = month_of(year, signed_up_at)
    life[PERIOD_ENDS_AT] = period_end(year, life, 1)


def leaving_at(year: LabYear, curves: Curves, case: int, renewal: int, months: int, charged_at: int) -> int:
    """Return when the customer leaves for other reasons than dunning; a curve ends with its period or the horizon."""
    if year.leaves_only_unpaid:
        return NEVER_AT
    curve, drawn = curves[renewal], uniform(case, FLAT, 0)
    if not is_over(curve, drawn, 24 * 32 * months):
        return NEVER_AT
    return charged_at + HOUR * hours_until_over(curve, drawn) + ACT_OF_LEAVING


def renew(year: LabYear, curves: Curves, number: int, life: Integers) -> bool:
    """Let renewals be paid until one fails; False: none does before the subscription, or the time, is over."""
    months = life[MONTHS]
    renewal, period, ends_at, charged_at = life[RENEWAL], life[PERIOD], life[PERIOD_ENDS_AT], life[CHARGED_AT]
    leaves_at, with_period, is_draft, paid = life[LEAVES_AT], life[LEAVES_WITH_PERIOD], life[IS_DRAFT], life[PAID]
    fails = False
    while not fails:
        if not is_draft:
            if leaves_at < ends_at:
                with_period = 1
            if ends_at > year.until:
                break
            if with_period:
                life[ENDED_AT], life[ENDED_BY] = ends_at, EndedBy.PERIOD
                break
        if leaves_at < ends_at + HOUR:
            with_period = 1
        if ends_at + HOUR > year.until:
            break
        charged_at, is_draft = ends_at + HOUR, 0
        renewal, period = renewal + 1, period + 1
        ends_at = period_end(year, life, period + 1)
        case = case_of(year.seed, number, renewal)
        fails = renewal_fails(case, year.fails[renewal], year.night_ratio, charged_at // HOUR % 24)
        if not fails:
            paid += 1
            if cancels_after_renewal(case, year.regrets):
                leaves_at = charged_at + HOUR + ACT_OF_LEAVING
            else:
                leaves_at = leaving_at(year, curves, case, renewal, months, charged_at)
    life[RENEWAL], life[PERIOD], life[PERIOD_ENDS_AT], life[CHARGED_AT] = renewal, period, ends_at, charged_at
    life[LEAVES_AT], life[LEAVES_WITH_PERIOD], life[IS_DRAFT], life[PAID] = leaves_at, with_period, is_draft, paid
    return fails
