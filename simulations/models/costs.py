"""What it costs to collect a failed renewal, beside what it brings."""

from __future__ import annotations

from dataclasses import dataclass

from payflows.checks import not_negative, share

from simulations.models.assumptions import COST_ASSUMPTIONS

_CHECKS = {"share": share, "minor units": not_negative}


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningCosts:
    """Costs of collecting; `COST_ASSUMPTIONS` says what is known of each. Most of them no source states: sweep them.

    Raises:
        InvalidPolicy: a value that is no share, or below 0.
    """

    processing_share: float = 0.036
    processing_fixed_minor: float = 30
    attempt_minor: float = 5
    notice_minor: float = 0.1
    contact_share: float = 0.01
    contact_minor: float = 500

    def __post_init__(self) -> None:
        for name, assumption in COST_ASSUMPTIONS.items():
            _CHECKS[assumption.unit](name, getattr(self, name))
