"""How the universe of an account differs from the usual one."""

from __future__ import annotations

from dataclasses import dataclass

from payflows.checkout.policy import CheckoutPolicy

from simulations.checkout import subject
from simulations.marketplace import system as of_marketplace
from simulations.search.app_system import AppSettings
from simulations.subscriptions import system as of_subscriptions


@dataclass(frozen=True, slots=True)
class Settings(AppSettings):
    """The settings of each business, which agree about webhooks, and those of all three.

    Attributes:
        policy: the one whose back-off decides when the worker looks again; all three have the same.
        checkout: the shop's.
        subscriptions: the merchant's.
        marketplace: the platform's.
    """

    policy: CheckoutPolicy = subject.IMPATIENT
    checkout: subject.Settings = subject.Settings(listens=True)
    subscriptions: of_subscriptions.Settings = of_subscriptions.Settings()
    marketplace: of_marketplace.Settings = of_marketplace.Settings()
