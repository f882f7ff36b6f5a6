"""The gateway that the contract is put to, and one order of its own for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from payflows.stripe.gateway import StripeGateway
from payflows.stripe.keys import ApiKey
from payflows.testing.gateway_customer import Customer
from simulations.stripe import HandClock, SimulatedStripe
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import gateway_over


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def customer(gateway_name: str, request: pytest.FixtureRequest) -> AsyncIterator[Customer]:
    """Somebody with an order at this gateway."""
    match gateway_name:
        case "simulated":
            yield Customer(SimulatedStripe(HandClock()), "order-1")
        case "wire":
            yield Customer(gateway_over(HttpApi(SimulatedStripe(HandClock())).server), "order-1")
        case "stripe-mock":
            async with StripeGateway.on_mock(request.getfixturevalue("stripe_mock")().url) as gateway:
                yield Customer(gateway, "order-1")
        case _:
            async with StripeGateway(ApiKey.from_environment()) as gateway:
                yield Customer(gateway, f"contract-{uuid4().hex}")  # Stripe remembers earlier runs
