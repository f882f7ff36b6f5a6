"""Plans: what a merchant sells by subscription, as values in a catalogue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from payflows.checks import instance_of, sequence, whole_number
from payflows.errors import InvalidPolicy, InvalidSubscription
from payflows.money import LARGEST_MINOR, Money
from payflows.parties import check_id
from payflows.subscriptions.billing import Items
from payflows.subscriptions.signup import Terms

MAX_SEATS = 10_000
"""The most that a plan may allow."""

MAX_USAGE = 2**53
"""The most that a period may have of anything that is counted."""

_PRICE = re.compile(r"price_[A-Za-z0-9_]{1,240}")


class Interval(StrEnum):
    """How often a plan is billed, by Stripe's `recurring.interval`."""

    MONTH = "month"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many calendar months a period has."""
        return 1 if self is Interval.MONTH else 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What is billed by use, beside the seats of a plan, after each period.

    Attributes:
        metric: our own name of what is counted, such as "api_calls".
        meter: Stripe's meter, by its `event_name`.
        price_id: Stripe's metered price, `price_...`.
        cap: how much may be used in a period; None: any amount.

    Raises:
        InvalidPolicy: anything else.
    """

    metric: str
    meter: str
    price_id: str
    cap: int | None = None

    def __post_init__(self) -> None:
        check_id("a metric", self.metric, error=InvalidPolicy)
        check_id("a meter's event name", self.meter, error=InvalidPolicy)
        _check_price(self.price_id)
        if self.cap is not None:
            whole_number("a cap", self.cap, least=1, most=MAX_USAGE, error=InvalidPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One price of one product, and what is used of it besides.

    Attributes:
        id: our own name, such as "pro-monthly".
        product: what is sold; a customer has one live subscription of it at most, whichever plan.
        price_id: Stripe's, `price_...`.
        amount: what one seat costs for one period.
        interval: how long a period is.
        max_seats: how many seats may be bought; 1: the plan is not sold by seats.
        metered: what is billed by use; None: nothing.

    Raises:
        InvalidPolicy: anything else.
    """

    id: str
    product: str
    price_id: str
    amount: Money
    interval: Interval = Interval.MONTH
    max_seats: int = 1
    metered: Metered | None = None

    def __post_init__(self) -> None:
        check_id("a plan's id", self.id, error=InvalidPolicy)
        check_id("a plan's product", self.product, error=InvalidPolicy)
        _check_price(self.price_id)
        instance_of("metered", self.metered, Metered, None)
        instance_of("amount", self.amount, Money)
        instance_of("interval", self.interval, Interval)
        whole_number("max_seats", self.max_seats, least=1, most=MAX_SEATS)
        if not 0 < self.amount.minor * self.max_seats <= LARGEST_MINOR:
            raise InvalidPolicy(f"a plan costs between 1 and {LARGEST_MINOR:,} minor units for all its seats")

    def total(self, seats: int) -> Money:
        """Return what these seats cost for one period."""
        return Money(self.amount.minor * seats, self.amount.currency)

    def terms(self, seats: int) -> Terms:
        """Return the plan with this number of seats."""
        metered_price_id = None if self.metered is None else self.metered.price_id
        return Terms(self.id, self.price_id, seats, self.total(seats), metered_price_id)


def _check_price(price_id: object) -> None:
    if not isinstance(price_id, str) or not _PRICE.fullmatch(price_id):
        raise InvalidPolicy("a plan's price_id is Stripe's id, such as price_pro_monthly")


@dataclass(frozen=True, slots=True)
class PlanCatalogue:
    """All plans of a merchant.

    Attributes:
        plans: no two with the same id or price.

    Raises:
        InvalidPolicy: none, an id or a price that comes twice, or no plan at all.
    """

    plans: Sequence[Plan]

    def __post_init__(self) -> None:
        sequence("plans", self.plans)
        for plan in self.plans:
            instance_of("a plan", plan, Plan)
        for name, values in (("id", [p.id for p in self.plans]), ("price_id", [p.price_id for p in self.plans])):
            if not values or len(set(values)) != len(values):
                raise InvalidPolicy(f"a catalogue has at least one plan, and each has a different {name}")
        object.__setattr__(self, "plans", tuple(self.plans))

    def plan(self, plan_id: str) -> Plan:
        """Return a plan. Raises `InvalidSubscription` where there is none."""
        instance_of("plan_id", plan_id, str, error=InvalidSubscription)
        for plan in self.plans:
            if plan.id == plan_id:
                return plan
        raise InvalidSubscription(f"a plan is one of {', '.join(plan.id for plan in self.plans)}; what came is not")

    def terms_of(self, items: Items) -> Terms | None:
        """Return the plan that Stripe bills; None where no plan has these prices, or not that number of seats."""
        for plan in self.plans:
            if (
                plan.price_id == items.price_id
                and items.quantity > 0
                and plan.amount.minor * items.quantity <= LARGEST_MINOR
            ):
                terms = plan.terms(items.quantity)
                return terms if terms.items == items else None
        return None
