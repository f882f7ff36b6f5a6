"""Renewals in the life of a subscription: how often they fail, and voluntary churn of which nothing is counted twice.

Cancels after a renewal and on notices are parts of voluntary churn. What they leave of it is one flat rate, so that
under the reference schedule total churn is that of the profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p
from typing import NamedTuple

from payflows.checks import not_negative, positive, share

from simulations.models.assumptions import RENEWAL_ASSUMPTIONS
from simulations.models.chance import CANCELS_AFTER_RENEWAL, RENEWAL_FAILS, uniform
from simulations.models.cohort import cases_of, follow_all
from simulations.models.dunning import Outcome
from simulations.models.parameters import DunningParameters
from simulations.models.schedule import Schedule
from simulations.models.tables import tables_of

MONTH_HOURS = 730
FIRST_LATE_RENEWAL = 13
"""From this renewal on a subscription counts as an old one."""
REFERENCE_SCHEDULE = Schedule.from_days((3, 8, 14, 21), (0, 3, 8, 14), close=21)
"""The schedule under which churn is that of the profile."""

_CHECKS = {"share": share, "per month": share, "ratio": not_negative, "shape": positive}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalParameters:
    """How often renewals fail and subscribers leave; `RENEWAL_ASSUMPTIONS` says what is known of each.

    Raises:
        InvalidPolicy: a value that is no share, no ratio or no shape.
    """

    failure_share: float = 0.072
    first_renewal_ratio: float = 2.0
    late_renewal_ratio: float = 0.6
    night_ratio: float = 1.5
    cancel_after_renewal: float = 0.0083
    voluntary_per_month: float = 0.026
    churn_alpha: float = 0.98
    churn_beta: float = 4.78

    def __post_init__(self) -> None:
        for name, assumption in RENEWAL_ASSUMPTIONS.items():
            _CHECKS[assumption.unit](name, getattr(self, name))

    def failure_of(self, renewal: int) -> float:
        """Return the share of the renewals of that number, from 1, whose first attempt fails by day."""
        if renewal == 1:
            return min(1.0, self.failure_share * self.first_renewal_ratio)
        return self.failure_share * (self.late_renewal_ratio if renewal >= FIRST_LATE_RENEWAL else 1)


class LossesToDunning(NamedTuple):
    """What the reference schedule loses of the failed renewals: closed unpaid, and cancelled on a notice."""

    ran_out: float
    cancelled_on_notice: float


def losses_under_reference(parameters: DunningParameters, *, cases: int = 100_000, seed: int = 0) -> LossesToDunning:
    """Return what the reference schedule loses with these parameters; compute it once for each set."""
    outcomes = follow_all(tables_of(parameters), cases_of(seed, cases), REFERENCE_SCHEDULE).outcome
    lost = ((outcomes == outcome).mean() for outcome in (Outcome.RAN_OUT, Outcome.CANCELLED_ON_NOTICE))
    return LossesToDunning(*map(float, lost))


def flat_by_rate(parameters: RenewalParameters, losses: LossesToDunning, renewal: int) -> float:
    """Return the share that cancels in the month after a renewal for other reasons, if voluntary churn is constant."""
    failed = parameters.failure_of(renewal)
    modelled = (1 - failed) * parameters.cancel_after_renewal + failed * losses.cancelled_on_notice
    return max(0.0, parameters.voluntary_per_month - modelled)


def flat_by_curve(parameters: RenewalParameters, losses: LossesToDunning, renewal: int) -> float:
    """Return the same if total churn falls with age along a shifted beta-geometric curve."""
    failed, alpha, beta = parameters.failure_of(renewal), parameters.churn_alpha, parameters.churn_beta
    total = alpha / (beta + alpha + renewal - 1)
    modelled = (1 - failed) * parameters.cancel_after_renewal + failed * sum(losses)
    return max(0.0, total - modelled)


def per_day_of(share_per_month: float) -> float:
    """Return the constant rate per day that loses this share in a month: a `flat_cancel_per_day`."""
    return -24 * log1p(-share_per_month) / MONTH_HOURS


def renewal_fails(case: int, failure_share: float, night_ratio: float, local_hour: int) -> bool:
    """Return whether the first attempt of a renewal fails: a share by day, which `failure_of` says, more at night."""
    at_night = 1 <= local_hour < 4
    return uniform(case, RENEWAL_FAILS, 0) < (failure_share * night_ratio if at_night else failure_share)


def cancels_after_renewal(case: int, cancel_share: float) -> bool:
    """Return whether the customer cancels right after a renewal that was paid at its first attempt."""
    return uniform(case, CANCELS_AFTER_RENEWAL, 0) < cancel_share
