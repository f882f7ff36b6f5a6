"""A sign-up: what was agreed at the beginning; and terms, which a plan change replaces."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from payflows.money import Money
from payflows.parties import Customer
from payflows.subscriptions.billing import Items


class Terms(NamedTuple):
    """A plan, and how much of it.

    Attributes:
        plan_id: our own name of the plan.
        price_id: Stripe's price.
        seats: how many.
        total: what they cost for one period.
        metered_price_id: Stripe's price of what is used besides; None: nothing is metered.
    """

    plan_id: str
    price_id: str
    seats: int
    total: Money
    metered_price_id: str | None = None

    @property
    def items(self) -> Items:
        """Return what Stripe bills for them."""
        return Items(self.price_id, self.seats, self.metered_price_id)


class SignUp(NamedTuple):
    """What was agreed at the beginning; it never changes.

    Attributes:
        merchant_id: who sells.
        signup_id: the caller's own id of this sign-up.
        customer: who subscribes.
        plan_id: to which plan.
        product: of which product.
        price_id: Stripe's price.
        seats: how many.
        total: what they cost for one period.
        trial_days: 0 for none.
        payment_method: the first card; None: a trial without one.
        return_url: where the customer comes back to from the bank's page; None: Stripe.js shows it in ours.
        signed_up_at: when.
        metered_price_id: Stripe's price of what is used besides; None: nothing is metered.
    """

    merchant_id: str
    signup_id: str
    customer: Customer
    plan_id: str
    product: str
    price_id: str
    seats: int
    total: Money
    trial_days: int
    payment_method: str | None
    return_url: str | None
    signed_up_at: datetime
    metered_price_id: str | None = None

    @property
    def terms(self) -> Terms:
        """Return what was agreed to be billed."""
        return Terms(self.plan_id, self.price_id, self.seats, self.total, self.metered_price_id)

    def requests_the_same_as(self, other: SignUp) -> bool:
        """Whether both are for the same seats of the same plan, with the same trial."""
        return (self.plan_id, self.seats, self.trial_days) == (other.plan_id, other.seats, other.trial_days)
