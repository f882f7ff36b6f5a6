"""The issuer of the calibration: why a renewal failed, which code says so, and when the card would pay.

Pure functions of integers and floats, one case and one hour at a time. The issuer knows its own card and account; it
sees neither attempts nor notices, nor what comes later. A policy sees the code alone.
"""

from __future__ import annotations

from enum import IntEnum

from simulations.models.chance import (
    CAUSE,
    CHRONIC,
    CODE,
    CURE_TIME,
    CURES,
    FAST,
    FUNDED,
    LASTS,
    OFFSET,
    PAY,
    is_over,
    uniform,
)
from simulations.models.tables import DunningTables


class Cause(IntEnum):
    """Why the first attempt failed, in the order in which the shares add up; hidden from every policy."""

    NSF = 0
    ISSUER_RISK = 1
    TRANSIENT = 2
    STALE_CARD = 3
    DEAD_CARD = 4
    AUTH_REQUIRED = 5
    PROCESSOR_REFUSAL = 6


class Code(IntEnum):
    """What the decline says: Stripe's decline codes."""

    GENERIC_DECLINE = 0
    INSUFFICIENT_FUNDS = 1
    TRY_AGAIN_LATER = 2
    PROCESSING_ERROR = 3
    EXPIRED_CARD = 4
    LOST_CARD = 5
    STOLEN_CARD = 6
    AUTHENTICATION_REQUIRED = 7
    HIGHEST_RISK_LEVEL = 8

    @property
    def decline_code(self) -> str:
        """How Stripe writes it."""
        return self.name.lower()


def cause_of(tables: DunningTables, case: int) -> int:
    """Return the cause of a failure, a `Cause`."""
    drawn = uniform(case, CAUSE, 0)
    cause = 0
    while drawn >= tables.causes[cause]:
        cause += 1
    return cause


def code_of(tables: DunningTables, case: int, cause: int) -> int:
    """Return the code of every decline of this case, a `Code`; lost and stolen cards are equally many."""
    drawn = uniform(case, CODE, 0)
    opaque = tables.opaque[cause]
    if drawn < opaque:
        return Code.GENERIC_DECLINE
    if cause < Cause.DEAD_CARD:
        return cause + 1
    if cause == Cause.DEAD_CARD:
        return Code.LOST_CARD if drawn < (1 + opaque) / 2 else Code.STOLEN_CARD
    return cause + 2


def is_hard(code: int) -> bool:
    """Return whether the code says that no retry with this card will be approved."""
    return code >= Code.LOST_CARD


def approves(tables: DunningTables, case: int, cause: int, hour: int) -> bool:
    """Return whether the card would pay at that hour since the first failure."""
    if cause == Cause.NSF:
        return _has_funds(tables, case, hour)
    if cause == Cause.ISSUER_RISK:
        if uniform(case, CURES, 0) >= tables.risk_cure:
            return False
        if uniform(case, FAST, 0) < tables.risk_fast_share:
            return is_over(tables.risk_fast_curve, uniform(case, CURE_TIME, 0), hour)
        return is_over(tables.risk_slow_curve, uniform(case, CURE_TIME, 0), hour)
    if cause == Cause.TRANSIENT:
        cures = uniform(case, CURES, 0) < tables.transient_cure
        return cures and is_over(tables.transient_curve, uniform(case, CURE_TIME, 0), hour)
    if cause == Cause.STALE_CARD:
        cures = uniform(case, CURES, 0) < tables.updater_cure
        return cures and is_over(tables.updater_curve, uniform(case, CURE_TIME, 0), hour)
    return False


def _has_funds(tables: DunningTables, case: int, hour: int) -> bool:
    """Return whether the account holds enough: from a funded payday on, for a while, never beyond the next."""
    if uniform(case, CHRONIC, 0) < tables.nsf_chronic:
        return False
    drawn, kind = uniform(case, PAY, 0), 0
    while drawn >= tables.pay_periods[kind]:
        kind += 1
    period_hours = tables.pay_period_hours[kind]
    since_first_payday = hour - 1 - int(period_hours * uniform(case, OFFSET, 0))
    if since_first_payday < 0:
        return False
    payday = since_first_payday // period_hours
    if uniform(case, FUNDED, payday) >= tables.nsf_cycle_ok:
        return False
    return not is_over(tables.funds_curve, uniform(case, LASTS, payday), since_first_payday - payday * period_hours)
