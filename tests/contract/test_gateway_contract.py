"""Every `PaymentGateway` keeps its contract: the simulated Stripe, called and over HTTP, stripe-mock and test mode.

`pytest --gateway simulated`, `--gateway wire`, `--gateway stripe-mock`, `--gateway stripe-test` (with your own
`sk_test_` key in `STRIPE_API_KEY`; it makes payments in your test account).
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from payflows.testing.gateway_checks_of_payments import CHECKS_OF_EVERY_GATEWAY
from payflows.testing.gateway_contract import CHECKS_OF_STATE, GatewayCheck, check_gateway
from payflows.testing.gateway_customer import Customer
from simulations.stripe import HandClock, SimulatedStripe
from tests.contract.ignores_keys import IgnoresKeys


@pytest.mark.anyio
@pytest.mark.parametrize("check", CHECKS_OF_EVERY_GATEWAY, ids=lambda check: check.__name__)
async def test_what_every_gateway_promises(customer: Customer, check: GatewayCheck) -> None:
    await check(customer)


@pytest.mark.anyio
@pytest.mark.needs("remember")
@pytest.mark.parametrize("check", CHECKS_OF_STATE, ids=lambda check: check.__name__)
async def test_what_a_gateway_with_state_promises(customer: Customer, check: GatewayCheck) -> None:
    await check(customer)


def test_a_gateway_that_ignores_keys_is_found_out() -> None:
    clock, order_ids = HandClock(), map("order-{}".format, count())
    gateway: Any = IgnoresKeys(SimulatedStripe(clock))

    with pytest.raises(AssertionError):
        clock.run(check_gateway(gateway, lambda: next(order_ids)))
