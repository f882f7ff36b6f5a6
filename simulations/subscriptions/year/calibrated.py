"""The calibrated models as the customers and banks of a scenario, with churn counted once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from payflows.checks import instance_of
from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import DunningPolicy
from payflows.subscriptions.policy import SubscriptionPolicy

from simulations.models.parameters import DunningParameters, central_parameters
from simulations.models.renewals import (
    LossesToDunning,
    RenewalParameters,
    flat_by_curve,
    flat_by_rate,
    losses_under_reference,
    per_day_of,
)
from simulations.models.tables import DunningTables, constant_hazard, tables_of
from simulations.subscriptions.year.calibrated_bank import CalibratedBank
from simulations.subscriptions.year.calibrated_customer import CalibratedCustomer
from simulations.subscriptions.year.models import Bank, Behaviour
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.time.draws import Draws


class ChurnProfile(StrEnum):
    """How voluntary churn goes with the age of a subscription (`simulations.models.renewals`)."""

    RATE = "rate"
    """The same share leaves each month."""
    CURVE = "curve"
    """Total churn falls with age, along a shifted beta-geometric curve."""
    WHILE_UNPAID = "while_unpaid"
    """Only those leave of whom a payment is open: one failed invoice, as `models.follow` sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedSubscribers:
    """Customers and their banks by the calibrated models: give it as both `customers` and `issuers` of a scenario.

    The first charge of a subscription is approved: the customer is there, and takes another card if one fails.

    Attributes:
        parameters: why renewals fail, and what is done about it.
        renewals: how often they fail, and how many leave.
        churn: how voluntary churn goes with age.
    """

    parameters: DunningParameters = field(default_factory=central_parameters)
    renewals: RenewalParameters = field(default_factory=RenewalParameters)
    churn: ChurnProfile = ChurnProfile.RATE

    def __post_init__(self) -> None:
        instance_of("parameters", self.parameters, DunningParameters)
        instance_of("renewals", self.renewals, RenewalParameters)
        instance_of("churn", self.churn, ChurnProfile)

    def issuer(self, number: int, draws: Draws) -> CalibratedBank:
        """Return the bank of one customer."""
        return CalibratedBank(self.tables, self.renewals, number, draws.seed)

    def behaviour(self, number: int, draws: Draws, bank: Bank) -> Behaviour:
        """Return what one of them does. Raises `InvalidPolicy` where their bank is of another model."""
        if not isinstance(bank, CalibratedBank):
            raise InvalidPolicy("calibrated customers need calibrated banks: give it as issuers, too")
        leaves_only_unpaid = self.churn is ChurnProfile.WHILE_UNPAID
        return CalibratedCustomer(self.tables, self.renewals, bank, leaves_only_unpaid=leaves_only_unpaid)

    def tables(self, renewal: int) -> DunningTables:
        """Return what the models read in the month after a renewal."""
        return _tables(self.parameters, self._leaving_per_day(max(1, renewal)))

    def leaving_curve(self, renewal: int) -> tuple[float, ...]:
        """Return for each hour after a renewal the share that has left by then, for other reasons than dunning."""
        return _leaving_curve(self._leaving_per_day(max(1, renewal)))

    def _leaving_per_day(self, renewal: int) -> float:
        match self.churn:
            case ChurnProfile.RATE:
                return per_day_of(flat_by_rate(self.renewals, _losses(self.parameters), renewal))
            case ChurnProfile.CURVE:
                return per_day_of(flat_by_curve(self.renewals, _losses(self.parameters), renewal))
        return self.parameters.flat_cancel_per_day


def two_years(
    policy: DunningPolicy, *, subscribers: int = 1_000, people: CalibratedSubscribers | None = None
) -> SubscriberYear:
    """Return two years of calibrated subscribers, who sign up in the first of them and are dunned by a policy.

    Args:
        policy: how failed renewals are collected.
        subscribers: how many sign up.
        people: how they and their banks behave; None: as is usual, by the central parameters.
    """
    people = people or CalibratedSubscribers()
    return SubscriberYear(
        subscribers=subscribers,
        days=730,
        sign_up_days=365,
        trial_share=0,
        customers=people,
        issuers=people,
        policy=SubscriptionPolicy(dunning=policy),
    )


@lru_cache(maxsize=16)
def _losses(parameters: DunningParameters) -> LossesToDunning:
    return losses_under_reference(parameters)


_leaving_curve = lru_cache(maxsize=256)(constant_hazard)


@lru_cache(maxsize=256)
def _tables(parameters: DunningParameters, leaving_per_day: float) -> DunningTables:
    return tables_of(replace(parameters, flat_cancel_per_day=leaving_per_day))
