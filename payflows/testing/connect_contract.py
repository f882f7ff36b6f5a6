"""The contract of a marketplace's gateway, for those who bring their own: each check is one promise of its port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from payflows.testing.gateway_checks_of_connect import CHECKS_OF_ACCOUNTS_AND_MONEY, CHECKS_OF_EVERY_MARKETPLACE_GATEWAY
from payflows.testing.gateway_checks_of_connect_disputes import CHECKS_OF_DISPUTES
from payflows.testing.gateway_vendor import Vendor

MarketplaceCheck = Callable[[Vendor], Awaitable[None]]
"""Checks one promise for a new vendor; an `AssertionError` says that it is broken."""

CHECKS_OF_EVERY_GATEWAY: tuple[MarketplaceCheck, ...] = CHECKS_OF_EVERY_MARKETPLACE_GATEWAY
CHECKS_OF_STATE: tuple[MarketplaceCheck, ...] = (*CHECKS_OF_ACCOUNTS_AND_MONEY, *CHECKS_OF_DISPUTES)
"""Of a gateway that remembers what it did, whose vendors can be onboarded, and where time can pass."""


async def check_marketplace_gateway(new_vendor: Callable[[], Awaitable[Vendor]], *, keeps_state: bool = True) -> None:
    """Check all promises, each with a new vendor.

    Args:
        new_vendor: makes a new vendor in test mode, and says how the gateway is reached.
        keeps_state: whether it remembers what it did; stripe-mock does not.

    Raises:
        AssertionError: a promise is broken; the traceback names it.
    """
    for check in (*CHECKS_OF_EVERY_GATEWAY, *(CHECKS_OF_STATE if keeps_state else ())):
        await check(await new_vendor())
