"""Many failed invoices under one schedule at a time, on arrays: the endings that `follow` gives, case by case.

No draw and no answer depends on what a policy did before, so the case ends with the earliest of all that could end it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulations.models.chance import (
    APPROVED,
    CAUSE,
    CHRONIC,
    CODE,
    CURE_TIME,
    CURES,
    DELAY,
    FAST,
    FLAT,
    FUNDED,
    HORIZON_HOURS,
    LASTS,
    NEVER,
    NOTICE,
    OFFSET,
    PAY,
    SPONTANEOUS,
)
from simulations.models.customer import update_chance
from simulations.models.dunning import Outcome
from simulations.models.issuer import Cause
from simulations.models.schedule import Schedule
from simulations.models.tables import DunningTables
from simulations.time.draws import mix

Cases = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

_PLACES = 8
"""A moment is its hour times this, plus its place within the hour, which is the number of the outcome."""


class Endings(NamedTuple):
    """What became of many failed invoices; `Ending` says what the columns are."""

    outcome: Integers
    hour: Integers
    attempts: Integers
    notices: Integers
    updates: Integers

    @property
    def is_recovered(self) -> Truths:
        """Which invoices were paid."""
        return self.outcome <= Outcome.RETRY_SUCCEEDED


def cases_of(seed: int, subscribers: int, invoice: int = 0, *, first: int = 0) -> Cases:
    """Return the cases of the same invoice of many subscribers."""
    numbers = np.arange(first, first + subscribers, dtype=np.uint64)
    return mix_all(mix_all(np.uint64(mix(seed)) ^ numbers) ^ np.uint64(invoice))


def follow_all(tables: DunningTables, cases: Cases, schedule: Schedule) -> Endings:
    """Return the endings of all these cases under a schedule."""
    causes = np.searchsorted(tables.causes, _uniform(cases, CAUSE), side="right")
    is_soft = _is_soft(tables, cases, causes)
    retried = np.where(is_soft, _first_approval(tables, cases, causes, schedule.attempts), NEVER)
    spontaneous = _moment(_hours(tables.spontaneous_curve, _uniform(cases, SPONTANEOUS)), Outcome.UPDATED_SPONTANEOUSLY)
    leaves = _hours(tables.flat_curve, _uniform(cases, FLAT))

    end = np.minimum(_moment(retried, Outcome.RETRY_SUCCEEDED), _moment(leaves, Outcome.CANCELLED_OTHERWISE))
    end = np.minimum(end, _moment(np.int64(schedule.close), Outcome.RAN_OUT))
    end = np.minimum(end, np.where(_new_card_pays(tables, cases, 0), spontaneous, NEVER * _PLACES))
    updates = [spontaneous]
    for number, hour in enumerate(schedule.notices, 1):
        cancels, updated = _reactions(tables, cases, causes, number, hour)
        updates.append(updated)
        end = np.minimum(end, np.where(_new_card_pays(tables, cases, number), updated, NEVER * _PLACES))
        end = np.where(cancels, np.minimum(end, hour * _PLACES + Outcome.CANCELLED_ON_NOTICE), end)

    return Endings(
        outcome=end % _PLACES,
        hour=end // _PLACES,
        attempts=is_soft * _how_many_until(end, schedule.attempts, Outcome.RETRY_SUCCEEDED),
        notices=_how_many_until(end, schedule.notices, Outcome.CANCELLED_ON_NOTICE),
        updates=np.sum([moment <= end for moment in updates], axis=0),
    )


def mix_all(state: Cases) -> Cases:
    """Return one step of splitmix64 of each."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _uniform(cases: Cases, purpose: int, number: int | Cases = 0) -> Floats:
    bits = mix_all(mix_all(cases ^ np.uint64(purpose)) ^ np.asarray(number, np.uint64))
    return (bits >> np.uint64(11)) / (1 << 53)


def _moment(hours: Integers | np.int64, outcome: Outcome) -> Integers:
    return np.asarray(hours * _PLACES + outcome)


def _hours(curve: Sequence[float], drawn: Floats) -> Integers:
    """Return the first hours at which waits are over; `NEVER` for those beyond the horizon."""
    hours = np.searchsorted(curve, drawn, side="right")
    return np.where(hours <= HORIZON_HOURS, hours, NEVER)


def _how_many_until(end: Integers, hours: Sequence[int], outcome: Outcome) -> Integers:
    return np.searchsorted(_moment(np.array(hours, np.int64), outcome), end, side="right")


def _is_soft(tables: DunningTables, cases: Cases, causes: Integers) -> Truths:
    is_generic = _uniform(cases, CODE) < np.array(tables.opaque)[causes]
    return is_generic | (causes < Cause.DEAD_CARD)


def _new_card_pays(tables: DunningTables, cases: Cases, number: int) -> Truths:
    return _uniform(cases, APPROVED, number) < tables.new_card_approved


def _reactions(
    tables: DunningTables, cases: Cases, causes: Integers, number: int, hour: int
) -> tuple[Truths, Integers]:
    """Return who cancels on a notice, and the moments of the updates that it brings."""
    by_cause = np.array([update_chance(tables, cause, number, hour) for cause in Cause])
    drawn, chances = _uniform(cases, NOTICE, number), by_cause[causes]
    delays = (tables.delay_span_hours * _uniform(cases, DELAY, number)).astype(np.int64)
    updated = np.where(drawn < chances, hour + tables.delay_least_hours + delays, NEVER)
    cancels = (drawn >= chances) & (drawn < chances + tables.cancel_per_notice)
    return cancels, _moment(updated, Outcome.UPDATED_AFTER_NOTICE)


def _first_approval(tables: DunningTables, cases: Cases, causes: Integers, attempts: Sequence[int]) -> Integers:
    """Return the hours of the first retries that the cards would pay, by any code; else `NEVER`."""
    cured = np.full(len(cases), NEVER)
    for cause, share, curve in (
        (Cause.TRANSIENT, tables.transient_cure, tables.transient_curve),
        (Cause.STALE_CARD, tables.updater_cure, tables.updater_curve),
    ):
        cured[causes == cause] = _cured(cases[causes == cause], share, curve)
    refused = cases[causes == Cause.ISSUER_RISK]
    fast = _uniform(refused, FAST) < tables.risk_fast_share
    slow = _cured(refused, tables.risk_cure, tables.risk_slow_curve)
    cured[causes == Cause.ISSUER_RISK] = np.where(fast, _cured(refused, tables.risk_cure, tables.risk_fast_curve), slow)

    hours = np.array([*attempts, NEVER])[np.searchsorted(np.array(attempts), cured)]
    hours[causes == Cause.NSF] = _first_funded(tables, cases[causes == Cause.NSF], attempts)
    return hours


def _cured(cases: Cases, share: float, curve: Sequence[float]) -> Integers:
    cures = _uniform(cases, CURES) < share
    return np.where(cures, _hours(curve, _uniform(cases, CURE_TIME)), NEVER)


def _first_funded(tables: DunningTables, cases: Cases, attempts: Sequence[int]) -> Integers:
    """Return the hours of the first retries at which accounts hold enough."""
    kinds = np.searchsorted(tables.pay_periods, _uniform(cases, PAY), side="right")
    periods, funds = np.array(tables.pay_period_hours)[kinds], np.array(tables.funds_curve)
    first_paydays = 1 + (periods * _uniform(cases, OFFSET)).astype(np.int64)
    is_chronic = _uniform(cases, CHRONIC) < tables.nsf_chronic
    hours = np.full(len(cases), NEVER)
    for attempt in reversed(attempts):
        paydays, since = np.divmod(attempt - first_paydays, periods)
        number = np.maximum(paydays, 0).astype(np.uint64)
        has_funds = _uniform(cases, FUNDED, number) < tables.nsf_cycle_ok
        has_funds &= _uniform(cases, LASTS, number) >= funds[np.minimum(since, HORIZON_HOURS)]
        hours[has_funds & (paydays >= 0) & ~is_chronic] = attempt
    return hours
