"""Scenarios of the lab: any field of one changed by its path, and the cohort of failed renewals alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from payflows.checks import whole_number
from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.subscriptions.dunning import DunningPolicy
from payflows.subscriptions.plans import Interval, Plan, PlanCatalogue
from payflows.subscriptions.policy import SubscriptionPolicy

from simulations.models.parameters import DunningParameters, central_parameters
from simulations.models.renewals import RenewalParameters
from simulations.subscriptions.year.calibrated import CalibratedSubscribers, ChurnProfile
from simulations.subscriptions.year.scenario import SubscriberYear

T = TypeVar("T")

PEOPLE = "people"
"""The path of the calibrated subscribers, who are both customers and banks of a scenario."""

_EVERY_RENEWAL_FAILS = RenewalParameters(failure_share=1.0, first_renewal_ratio=1.0, night_ratio=1.0)


def failed_renewals(
    policy: DunningPolicy,
    *,
    count: int = 10_000,
    parameters: DunningParameters | None = None,
    amount_minor: int = 2_900,
) -> SubscriberYear:
    """Return a scenario in which each subscriber has one failed renewal, and is observed for 60 days: a cohort.

    Args:
        policy: how it is collected.
        count: how many fail.
        parameters: why, and what is done about it; None: the default set.
        amount_minor: what is owed.
    """
    whole_number("amount_minor", amount_minor, least=1)
    people = CalibratedSubscribers(
        parameters=parameters or central_parameters(),
        renewals=_EVERY_RENEWAL_FAILS,
        churn=ChurnProfile.WHILE_UNPAID,
    )
    plan = Plan(
        id="plan", product="plan", price_id="price_plan", amount=Money(amount_minor, "usd"), interval=Interval.YEAR
    )
    return SubscriberYear(
        subscribers=count,
        days=365 + 2 + 61,
        sign_up_days=1,
        plans=PlanCatalogue((plan,)),
        plan_mix={plan.id: 1},
        trial_share=0,
        customers=people,
        issuers=people,
        policy=SubscriptionPolicy(dunning=policy),
    )


def with_policy(scenario: SubscriberYear, policy: DunningPolicy) -> SubscriberYear:
    """Return a scenario with another dunning policy."""
    return replace(scenario, policy=replace(scenario.policy, dunning=policy))


def with_fields(scenario: SubscriberYear, values: Mapping[str, object]) -> SubscriberYear:
    """Return a scenario with other values of some fields.

    Args:
        scenario: it stays as it is.
        values: by path, such as "policy.dunning.last_day" or "people.parameters.risk_cure".

    Raises:
        InvalidPolicy: no field has that path, or a value that it does not take.
    """
    for path, value in values.items():
        head, _, rest = path.partition(".")
        if head == PEOPLE:
            people = value if not rest else _with(scenario.customers, rest, value, path)
            both = cast(CalibratedSubscribers, people)
            scenario = replace(scenario, customers=both, issuers=both)
        else:
            scenario = _with(scenario, path, value, path)
    return scenario


def _with(whole: T, path: str, value: object, full: str) -> T:
    head, _, rest = path.partition(".")
    if not is_dataclass(whole) or head not in {each.name for each in fields(whole)}:
        known = [each.name for each in fields(whole)] if is_dataclass(whole) else []
        raise InvalidPolicy(f"there is no field {full!r}: {head!r} is none of {', '.join(known) or 'a plain value'}")
    changed = _with(getattr(whole, head), rest, value, full) if rest else value
    return cast(T, replace(whole, **{head: changed}))  # type: ignore[type-var]  # it is a dataclass, as was seen
