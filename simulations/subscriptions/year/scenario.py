"""A year of subscribers, as a frozen value: who signs up for what, and how they and their banks behave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payflows.checks import implements, instance_of, share, whole_number
from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.subscriptions.plans import Interval, Plan, PlanCatalogue
from payflows.subscriptions.policy import SubscriptionPolicy

from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.subscriptions.year.models import CustomerModel, IssuerModel, SimpleCustomers, SimpleIssuers
from simulations.time.world import START

PRO = Plan(id="pro-monthly", product="pro", price_id="price_pro_monthly", amount=Money(2_900, "usd"))
PRO_YEARLY = Plan(
    id="pro-yearly", product="pro", price_id="price_pro_yearly", amount=Money(29_000, "usd"), interval=Interval.YEAR
)
TEAM = Plan(id="team-monthly", product="team", price_id="price_team", amount=Money(1_200, "usd"), max_seats=50)

PLAN_MIX: Mapping[str, int] = {PRO.id: 6, PRO_YEARLY.id: 1, TEAM.id: 2}
"""Weights of the plans that are signed up for. An assumption."""

SEATS_MIX: Mapping[int, int] = {2: 5, 5: 3, 12: 1}
"""Weights of the numbers of seats, where a plan is sold by seats. An assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberYear:
    """Subscribers over a year, or however long; each is independent of all others.

    Attributes:
        subscribers: how many sign up.
        days: how long they are observed, from the first day on which anyone may sign up.
        sign_up_days: they sign up within that many of the first days, all moments equally likely.
        plans: what is sold, all in one currency.
        plan_mix: weights of the plans that are signed up for, by their ids.
        seats_mix: weights of the numbers of seats, where a plan is sold by seats.
        trial_share: how many begin with a trial.
        trial_days: how long a trial is.
        without_card_share: of the trials, how many begin without a card.
        customers: how customers behave.
        issuers: how their banks behave.
        unpaid_days: the merchant cancels what is still unpaid that many days after its customer was asked to pay.
        policy: how the merchant treats subscribers otherwise.
        webhooks: how Stripe's webhooks travel.

    Raises:
        InvalidPolicy: a value outside its bounds, or of another type.
    """

    subscribers: int = 1_000
    days: int = 365
    sign_up_days: int = 365
    plans: PlanCatalogue = PlanCatalogue((PRO, PRO_YEARLY, TEAM))
    plan_mix: Mapping[str, int] = field(default_factory=lambda: dict(PLAN_MIX))
    seats_mix: Mapping[int, int] = field(default_factory=lambda: dict(SEATS_MIX))
    trial_share: float = 0.6
    trial_days: int = 14
    without_card_share: float = 0.4
    customers: CustomerModel = field(default_factory=SimpleCustomers)
    issuers: IssuerModel = field(default_factory=SimpleIssuers)
    unpaid_days: int = 21
    policy: SubscriptionPolicy = field(default_factory=SubscriptionPolicy)
    webhooks: DeliveryConditions = field(default_factory=DeliveryConditions)

    def __post_init__(self) -> None:
        self._check_types()
        whole_number("subscribers", self.subscribers, least=1, most=100_000_000)
        whole_number("days", self.days, least=1, most=3_660)
        whole_number("sign_up_days", self.sign_up_days, least=1, most=self.days)
        share("trial_share", self.trial_share)
        whole_number("trial_days", self.trial_days, least=1, most=730)
        share("without_card_share", self.without_card_share)
        whole_number("unpaid_days", self.unpaid_days, least=1, most=365)
        if len({plan.amount.currency for plan in self.plans.plans}) > 1:
            raise InvalidPolicy("plans are all in one currency, so that what they bring can be summed")
        _check_weights("plan_mix", {plan_id: weight for plan_id, weight in self.plan_mix.items()})
        if unknown := set(self.plan_mix) - {plan.id for plan in self.plans.plans}:
            raise InvalidPolicy(f"plan_mix names {', '.join(sorted(unknown))}, which plans does not have")
        for seats in self.seats_mix:
            whole_number("a number of seats", seats, least=1)
        _check_weights("seats_mix", {str(seats): weight for seats, weight in self.seats_mix.items()})
        self._check_seats()

    @property
    def currency(self) -> str:
        """The currency of everything."""
        return self.plans.plans[0].amount.currency

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return START + timedelta(days=self.days)

    def _check_types(self) -> None:
        instance_of("plans", self.plans, PlanCatalogue)
        instance_of("plan_mix", self.plan_mix, Mapping)
        for plan_id in self.plan_mix:
            instance_of("a plan's id in plan_mix", plan_id, str)
        instance_of("seats_mix", self.seats_mix, Mapping)
        implements("customers", self.customers, CustomerModel)
        implements("issuers", self.issuers, IssuerModel)
        instance_of("policy", self.policy, SubscriptionPolicy)
        instance_of("webhooks", self.webhooks, DeliveryConditions)

    def _check_seats(self) -> None:
        most = max(seats for seats, weight in self.seats_mix.items() if weight)
        for plan in self.plans.plans:
            if plan.max_seats > 1 and self.plan_mix.get(plan.id) and most > plan.max_seats:
                raise InvalidPolicy(f"seats_mix goes to {most} seats, and {plan.id} has at most {plan.max_seats}")


def _check_weights(name: str, weights: Mapping[str, int]) -> None:
    for thing, weight in weights.items():
        whole_number(f"the weight of {thing} in {name}", weight, most=1_000_000)
    if not any(weights.values()):
        raise InvalidPolicy(f"{name} needs at least one weight above 0")
