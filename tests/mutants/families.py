"""The families of mutants: a row a business."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.marketplace.testbed import MARKETPLACE, MarketplaceTestbed
from simulations.subscriptions.testbed import SUBSCRIPTIONS, SubscriptionTestbed
from tests.mutants.marketplace.table import OF_MARKETPLACE
from tests.mutants.mutant import Family
from tests.mutants.subscriptions.table import OF_SUBSCRIPTIONS
from tests.mutants.table import MUTANTS

_HOME = Path(__file__).parent

FAMILIES: Mapping[str, Family] = {
    "checkout": Family(
        MUTANTS,
        CHECKOUT,
        CheckoutTestbed,
        _HOME / "killers.txt",
        frozenset({"answer_lost", "paid_while_no_mail_goes_out", "store_away"}),
    ),
    "subscriptions": Family(
        OF_SUBSCRIPTIONS, SUBSCRIPTIONS, SubscriptionTestbed, _HOME / "subscriptions" / "killers.txt"
    ),
    "marketplace": Family(OF_MARKETPLACE, MARKETPLACE, MarketplaceTestbed, _HOME / "marketplace" / "killers.txt"),
}
"""Each by the name of its business."""


def family_of(name: str) -> Family:
    """The family of a mutant."""
    return next(family for family in FAMILIES.values() if name in family.mutants)
