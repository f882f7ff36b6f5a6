"""Every `MarketplaceGateway` keeps its contract: the simulated Stripe, called and over HTTP, and stripe-mock."""

from __future__ import annotations

import pytest

from payflows.testing.connect_contract import (
    CHECKS_OF_EVERY_GATEWAY,
    CHECKS_OF_STATE,
    MarketplaceCheck,
    check_marketplace_gateway,
)
from payflows.testing.gateway_vendor import Vendor
from tests.contract.ignores_keys import IgnoresKeys
from tests.simulated_vendor import simulated_vendor


@pytest.mark.anyio
@pytest.mark.parametrize("check", CHECKS_OF_EVERY_GATEWAY, ids=lambda check: check.__name__)
async def test_what_every_marketplace_gateway_promises(vendor: Vendor, check: MarketplaceCheck) -> None:
    await check(vendor)


@pytest.mark.anyio
@pytest.mark.needs("remember", "pass time")
@pytest.mark.parametrize("check", CHECKS_OF_STATE, ids=lambda check: check.__name__)
async def test_what_a_marketplace_gateway_with_state_promises(vendor: Vendor, check: MarketplaceCheck) -> None:
    await check(vendor)


async def _new_vendor() -> Vendor:
    return simulated_vendor()


async def _new_vendor_without_keys() -> Vendor:
    return simulated_vendor(wrap=IgnoresKeys)


@pytest.mark.anyio
async def test_the_whole_contract_is_one_call() -> None:
    await check_marketplace_gateway(_new_vendor)


@pytest.mark.anyio
async def test_a_marketplace_gateway_that_ignores_keys_is_found_out() -> None:
    with pytest.raises(AssertionError):
        await check_marketplace_gateway(_new_vendor_without_keys)
