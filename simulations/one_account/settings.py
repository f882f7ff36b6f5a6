"""How the universe of an account differs from the usual one."""

from __future__ import annotations

from typing import NamedTuple

from payflows.checkout.policy import CheckoutPolicy

from simulations.checkout import subject
from simulations.marketplace import system as of_marketplace
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import USUAL_CONDITIONS
from simulations.subscriptions import system as of_subscriptions


class Settings(NamedTuple):
    """The settings of each business, which agree about webhooks, and those of all three.

    Attributes:
        checkout: the shop's.
        subscriptions: the merchant's.
        marketplace: the platform's.
        times: how long Stripe and the banks take.
        listens: webhooks come.
        conditions: how they travel.
        away_seconds: in a trouble of days the worker stays away for so long at most.
    """

    checkout: subject.Settings = subject.Settings(listens=True)
    subscriptions: of_subscriptions.Settings = of_subscriptions.Settings()
    marketplace: of_marketplace.Settings = of_marketplace.Settings()
    times: StripeTimes = USUAL_TIMES
    listens: bool = True
    conditions: DeliveryConditions = USUAL_CONDITIONS
    away_seconds: int = 30 * 86_400

    @property
    def policy(self) -> CheckoutPolicy:
        """The one whose back-off decides when the worker looks again; all three have the same."""
        return self.checkout.policy
