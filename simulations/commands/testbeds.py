"""The businesses that the commands search: a row each. A new one is its testbed and one row, here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulations.checkout.testbed import CheckoutTestbed
from simulations.marketplace.testbed import MarketplaceTestbed
from simulations.one_account.testbed import OneAccountTestbed
from simulations.search.testbed import Testbed
from simulations.subscriptions.testbed import SubscriptionTestbed

TESTBEDS: Mapping[str, Callable[..., Testbed]] = {
    "checkout": CheckoutTestbed,
    "subscriptions": SubscriptionTestbed,
    "marketplace": MarketplaceTestbed,
    "account": OneAccountTestbed,
}
"""Makes each business's testbed: of ours, or of what a factory builds. `--checkout mine:MyCheckout` names one."""
