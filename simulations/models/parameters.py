"""Parameters of the dunning models, and the sets of them that agree with what is published."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from payflows.checks import instance_of, not_negative, positive, share, whole_number
from payflows.errors import InvalidPolicy

from simulations.models.assumptions import ASSUMPTIONS

CLICK_DAYS = (0, 3, 7, 15, 20, 30)
"""The days on which the notices were sent whose clicks were counted."""

_CHECKS: Mapping[str, Callable[[str, float], None]] = {
    "share": share,
    "days": positive,
    "ratio": positive,
    "shape": positive,
    "hours": lambda name, value: whole_number(name, int(value), least=1, most=24 * 7),
    "per day": not_negative,
    "exponent": not_negative,
}
_LENGTHS = {"pay_mix": 4, "click_rates": len(CLICK_DAYS), "relative_response": 7, "reaction_delay_hours": 2}
LEAST_ISSUER_RISK, MOST_ISSUER_RISK = 0.10, 0.50


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningParameters:
    """Why first attempts fail, when the cards would pay again, and what customers do about it.

    `ASSUMPTIONS` says of each what it means, its unit, its range and its source. The fitted ones, which come first,
    have no default: start from `central_parameters()` and change what you like by `dataclasses.replace`.

    Raises:
        InvalidPolicy: a value that cannot be, or shares of causes that leave too little or too much to issuer_risk.
    """

    mix_nsf: float
    mix_stale_card: float
    mix_transient: float
    mix_dead_card: float
    mix_auth_required: float
    nsf_chronic: float
    nsf_cycle_ok: float
    nsf_funds_days: float
    risk_cure: float
    risk_fast_share: float
    risk_fast_days: float
    risk_slow_days: float
    transient_cure: float
    updater_cure: float
    updater_days: float
    valid_card_given_click: float
    click_day_weight: float
    response_spread: float
    spontaneous_per_day: float
    cancel_per_notice: float
    flat_cancel_per_day: float
    mix_processor_refusal: float = 0.0
    opaque: float = 0.5
    pay_mix: tuple[float, ...] = (0.338, 0.422, 0.186, 0.054)
    transient_median_days: float = 0.6
    transient_shape: float = 0.72
    click_rates: tuple[float, ...] = (0.1121, 0.0764, 0.0672, 0.0411, 0.0343, 0.0393)
    relative_response: tuple[float, ...] = (0.75, 1.0, 0.6, 1.6, 1.4, 1.6, 1.4)
    new_card_approved: float = 0.92
    reaction_delay_hours: tuple[int, int] = (1, 24)

    def __post_init__(self) -> None:
        for name, assumption in ASSUMPTIONS.items():
            values = getattr(self, name)
            if name in _LENGTHS:
                instance_of(name, values, tuple)
                whole_number(f"the length of {name}", len(values), least=_LENGTHS[name], most=_LENGTHS[name])
            for value in values if name in _LENGTHS else (values,):
                _CHECKS[assumption.unit](name, value)
        self._check_sums()

    def _check_sums(self) -> None:
        if abs(sum(self.pay_mix) - 1) > 1e-9:
            raise InvalidPolicy(f"the shares of pay_mix must sum to 1, got {sum(self.pay_mix):g}")
        if self.reaction_delay_hours[0] > self.reaction_delay_hours[1]:
            raise InvalidPolicy(f"reaction_delay_hours are the least and the most, got {self.reaction_delay_hours}")
        if not LEAST_ISSUER_RISK - 1e-9 <= self.mix_issuer_risk <= MOST_ISSUER_RISK + 1e-9:
            raise InvalidPolicy(
                f"the shares of causes must leave {LEAST_ISSUER_RISK} to {MOST_ISSUER_RISK} to issuer_risk, "
                f"got {self.mix_issuer_risk:g}"
            )

    @property
    def mix_issuer_risk(self) -> float:
        """The share of failures in which the issuer's own rules refuse the charge: what the other causes leave."""
        hard = self.mix_dead_card + self.mix_auth_required + self.mix_processor_refusal
        return 1 - (self.mix_nsf + self.mix_stale_card + self.mix_transient + hard)

    @property
    def mix(self) -> tuple[float, ...]:
        """The shares of all causes, in the order of `Cause`."""
        soft = (self.mix_nsf, self.mix_issuer_risk, self.mix_transient, self.mix_stale_card)
        return (*soft, self.mix_dead_card, self.mix_auth_required, self.mix_processor_refusal)

    def with_mix_of_2024(self) -> DunningParameters:
        """Return these with the causes that Churnkey's figures of 2024 suggest: another mix, uncalibrated."""
        return replace(
            self,
            mix_nsf=0.44,
            mix_transient=0.05,
            mix_stale_card=0.09,
            mix_dead_card=0.03,
            mix_auth_required=0.03,
            mix_processor_refusal=0.15,
        )


CENTRAL_ROW = 127
"""The accepted set that serves as default: an ordinary one, not the best fit."""
_ENSEMBLE = Path(__file__).with_name("ensemble.csv")


@cache
def accepted_parameters() -> tuple[DunningParameters, ...]:
    """Return the 300 sets that agree with all published aggregates; every one counts the same.

    Report a comparison over all of them: a difference that changes its sign from set to set is not known.
    """
    return tuple(map(_parameters_of, _rows()))


def accepted_calendars() -> tuple[int, ...]:
    """Return of each accepted set the number of the retry calendar with which it agrees with the measured curve."""
    return tuple(int(row["v1_schedule"]) for row in _rows())


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    with _ENSEMBLE.open() as file:
        return tuple(csv.DictReader(file))


def _parameters_of(row: Mapping[str, str]) -> DunningParameters:
    fitted: dict[str, Any] = {name: float(row[name]) for name, each in ASSUMPTIONS.items() if each.basis == "fitted"}
    return DunningParameters(**fitted)


def central_parameters() -> DunningParameters:
    """Return the default set."""
    return accepted_parameters()[CENTRAL_ROW]
