"""One's own business, as the desk asks for it: what is sold to how many, how often renewals fail, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from payflows.checks import instance_of, sequence, share, whole_number
from payflows.errors import InvalidPolicy
from payflows.subscriptions.plans import Interval

from simulations.models.costs import DunningCosts
from simulations.models.parameters import DunningParameters
from simulations.models.renewals import RenewalParameters


class Mix(StrEnum):
    """Why renewals fail."""

    CALIBRATED = "as calibrated"
    OF_2024 = "of 2024, uncalibrated"
    OWN = "own shares, uncalibrated"


CAUSES: Mapping[str, str] = {
    "mix_nsf": "too little money in the account",
    "mix_issuer_risk": "the bank's own rules",
    "mix_transient": "a technical error",
    "mix_stale_card": "the card was replaced",
    "mix_dead_card": "the card was lost or stolen",
    "mix_auth_required": "the bank asks for authentication",
}
"""The six shares of a mix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A business with subscriptions.

    Attributes:
        amount_minor: what a renewal costs its customer, in cents.
        subscribers: how many pay now.
        interval: how often each of them does.
        failure_share: of renewals: the first try fails.
        mix: why.
        shares: of the six `CAUSES`, where the mix is one's own.
        costs: of collecting.

    Raises:
        InvalidPolicy: numbers that cannot be, or shares that do not sum to 1.
    """

    amount_minor: int = 2_900
    subscribers: int = 20_000
    interval: Interval = Interval.MONTH
    failure_share: float = RenewalParameters().failure_share
    mix: Mix = Mix.CALIBRATED
    shares: tuple[float, ...] = (0.38, 0.28, 0.07, 0.15, 0.06, 0.06)
    costs: DunningCosts = field(default_factory=DunningCosts)

    def __post_init__(self) -> None:
        whole_number("the price in cents", self.amount_minor, least=1, most=100_000_000)
        whole_number("subscribers", self.subscribers, least=1, most=100_000_000)
        instance_of("interval", self.interval, Interval)
        share("the share of renewals that fail at first", self.failure_share)
        instance_of("mix", self.mix, Mix)
        instance_of("costs", self.costs, DunningCosts)
        sequence("the shares", self.shares)
        if len(self.shares) != len(CAUSES):
            raise InvalidPolicy(f"there must be {len(CAUSES)} shares, one for each cause, got {len(self.shares)}")
        for name, value in zip(CAUSES.values(), self.shares, strict=True):
            share(f"the share of failures because of {name}", value)
        if self.mix is Mix.OWN and abs(sum(self.shares) - 1) > 0.005:
            raise InvalidPolicy(f"the six shares must sum to 100 %, got {100 * sum(self.shares):.1f} %")

    @property
    def failures_per_month(self) -> float:
        """How many renewals fail in a month, on average."""
        return self.subscribers * self.failure_share / self.interval.months

    def world(self, parameters: DunningParameters) -> DunningParameters:
        """Return a set of parameters with this mix; with another than its own it is uncalibrated."""
        if self.mix is Mix.CALIBRATED:
            return parameters
        if self.mix is Mix.OF_2024:
            return parameters.with_mix_of_2024()
        own = {name: value for name, value in zip(CAUSES, self.shares, strict=True) if name != "mix_issuer_risk"}
        return replace(parameters, **own, mix_processor_refusal=0.0)  # type: ignore[arg-type]  # all are floats
