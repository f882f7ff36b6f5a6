"""Every `BillingGateway` keeps its contract: the simulated Stripe, called and over HTTP, stripe-mock and test mode."""

from __future__ import annotations

import pytest

from payflows.testing.billing_contract import (
    CHECKS_OF_EVERY_GATEWAY,
    CHECKS_OF_STATE,
    CHECKS_OF_TIME,
    BillingCheck,
    check_billing_gateway,
)
from payflows.testing.gateway_subscriber import Subscriber
from tests.contract.ignores_keys import IgnoresKeys
from tests.simulated_subscriber import simulated_subscriber


@pytest.mark.anyio
@pytest.mark.parametrize("check", CHECKS_OF_EVERY_GATEWAY, ids=lambda check: check.__name__)
async def test_what_every_billing_gateway_promises(subscriber: Subscriber, check: BillingCheck) -> None:
    await check(subscriber)


@pytest.mark.anyio
@pytest.mark.needs("remember")
@pytest.mark.parametrize("check", CHECKS_OF_STATE, ids=lambda check: check.__name__)
async def test_what_a_billing_gateway_with_state_promises(subscriber: Subscriber, check: BillingCheck) -> None:
    await check(subscriber)


@pytest.mark.anyio
@pytest.mark.needs("remember", "pass time")
@pytest.mark.parametrize("check", CHECKS_OF_TIME, ids=lambda check: check.__name__)
async def test_what_a_billing_gateway_promises_of_renewals(subscriber: Subscriber, check: BillingCheck) -> None:
    await check(subscriber)


async def _new_subscriber() -> Subscriber:
    return simulated_subscriber()


async def _new_subscriber_without_keys() -> Subscriber:
    return simulated_subscriber(wrap=IgnoresKeys)


@pytest.mark.anyio
async def test_the_whole_contract_is_one_call() -> None:
    await check_billing_gateway(_new_subscriber)


@pytest.mark.anyio
async def test_a_billing_gateway_that_ignores_keys_is_found_out() -> None:
    with pytest.raises(AssertionError):
        await check_billing_gateway(_new_subscriber_without_keys)
