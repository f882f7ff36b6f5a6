"""What an answer depends on: each assumption moved through its range, and those that turn a difference's sign."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.subscriptions.dunning import DunningPolicy

from simulations.models.assumptions import ASSUMPTIONS, COST_ASSUMPTIONS
from simulations.models.costs import DunningCosts
from simulations.models.parameters import LEAST_ISSUER_RISK, MOST_ISSUER_RISK, DunningParameters, accepted_parameters
from simulations.subscriptions.lab.comparison import ComparisonOverSets, compare
from simulations.subscriptions.lab.experiment import LAB
from simulations.subscriptions.lab.fields import with_fields
from simulations.subscriptions.lab.jobs import Laboratory
from simulations.subscriptions.year.calibrated import CalibratedSubscribers
from simulations.subscriptions.year.scenario import SubscriberYear

AMOUNTS_MINOR = (500, 20_000)
"""What is owed, from a small plan to a large one: a scenario, and no finding."""


class Swing(NamedTuple):
    """What a difference is at both ends of an assumption's range, all others as they are.

    Attributes:
        name: of the assumption.
        values: both ends.
        differences: there.
    """

    name: str
    values: tuple[float, float]
    differences: tuple[float, float]

    @property
    def size(self) -> float:
        """How far it moves the difference."""
        return abs(self.differences[1] - self.differences[0])

    @property
    def turns_the_sign(self) -> bool:
        """Whether another policy is better at one end than at the other."""
        return min(self.differences) < 0 < max(self.differences)


class Turning(NamedTuple):
    """An assumption, and how a difference goes with it over all plausible worlds.

    Attributes:
        name: of the assumption.
        values: world by world.
        differences: there.
        correlation: of both; below 0: the more of it, the less the second policy has.
    """

    name: str
    values: tuple[float, ...]
    differences: tuple[float, ...]
    correlation: float


def tornado(
    scenario: SubscriberYear,
    first: DunningPolicy,
    second: DunningPolicy,
    *,
    seed: int,
    measure: str = "net_minor",
    lab: Laboratory = LAB,
) -> list[Swing]:
    """Return how far each assumption moves a difference, from the one that moves it most.

    A fitted parameter goes from its 5 to its 95 % over the accepted sets, a cost through its range.
    """

    def difference(world: SubscriberYear, costs: DunningCosts) -> float:
        found = compare(world, first, second, seed=seed, lab=replace(lab, costs=costs))
        return found.difference(measure).difference

    swings = []
    for name, each in ASSUMPTIONS.items():
        if each.basis == "fitted":
            ends = _accepted_range(name, scenario)
            worlds = (with_fields(scenario, {f"people.parameters.{name}": end}) for end in ends)
            swings.append((name, ends, [difference(world, lab.costs) for world in worlds]))
    for name, each in COST_ASSUMPTIONS.items():
        if each.range is not None:
            costs = (replace(lab.costs, **{name: end}) for end in each.range)
            swings.append((name, each.range, [difference(scenario, each_cost) for each_cost in costs]))
    (plan,) = scenario.plans.plans
    owed = (replace(plan, amount=Money(end, plan.amount.currency)) for end in AMOUNTS_MINOR)
    worlds = (with_fields(scenario, {"plans.plans": (each_plan,)}) for each_plan in owed)
    swings.append(("amount_minor", AMOUNTS_MINOR, [difference(world, lab.costs) for world in worlds]))
    found = [Swing(name, ends, (low, high)) for name, ends, (low, high) in swings]
    return sorted(found, key=lambda swing: -swing.size)


def what_turns_it(compared: ComparisonOverSets, measure: str = "recovered") -> list[Turning]:
    """Return the assumptions that go with a difference over all plausible worlds, from the closest on.

    Raises:
        InvalidPolicy: it is the same in all of them, so that nothing goes with it.
    """
    differences = [each.difference(measure).difference for each in compared.comparisons]
    if len({*differences}) == 1:
        raise InvalidPolicy(f"the difference in {measure} is the same in all worlds: nothing turns it")
    turning = []
    for field in fields(DunningParameters):
        if ASSUMPTIONS[field.name].basis == "fitted":
            values = [getattr(each, field.name) for each in compared.sets]
            correlation = float(np.corrcoef(values, differences)[0, 1])
            turning.append(Turning(field.name, tuple(values), tuple(differences), correlation))
    return sorted(turning, key=lambda each: -abs(each.correlation))


def _accepted_range(name: str, scenario: SubscriberYear) -> tuple[float, float]:
    """Return a parameter's 5 and 95 % over the accepted sets, as far as the other causes leave room for it."""
    people = scenario.customers
    assert isinstance(people, CalibratedSubscribers), "the lab refuses others"
    values = sorted(getattr(each, name) for each in accepted_parameters())
    low, high = values[round(0.05 * (len(values) - 1))], values[round(0.95 * (len(values) - 1))]
    if not name.startswith("mix_"):
        return low, high
    room = getattr(people.parameters, name) + people.parameters.mix_issuer_risk
    return max(low, room - MOST_ISSUER_RISK + 1e-9), min(high, room - LEAST_ISSUER_RISK - 1e-9)
