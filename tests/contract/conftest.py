"""The gateway that the contract is put to, and a separate order, or a separate subscriber, for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import stripe

from payflows.stripe.gateway import StripeGateway
from payflows.stripe.keys import ApiKey
from payflows.testing.gateway_customer import Customer
from payflows.testing.gateway_subscriber import Subscriber
from payflows.testing.gateway_vendor import Vendor
from simulations.stripe import HandClock, SimulatedStripe
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import gateway_over
from tests.simulated_subscriber import METERED_PRICE, PRICE, simulated_subscriber
from tests.simulated_vendor import simulated_vendor

METER = "payflows_contract"


@pytest.fixture
async def customer(gateway_name: str, request: pytest.FixtureRequest) -> AsyncIterator[Customer]:
    """Yield a customer with an order at this gateway."""
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


@pytest.fixture
async def subscriber(gateway_name: str, request: pytest.FixtureRequest) -> AsyncIterator[Subscriber]:
    """Yield a customer with a subscription to make at this gateway."""
    match gateway_name:
        case "simulated" | "wire":
            yield simulated_subscriber(over_http=gateway_name == "wire")
        case "stripe-mock":
            mock = request.getfixturevalue("stripe_mock")("subscription_incomplete")
            async with StripeGateway.on_mock(mock.url) as gateway:
                yield _subscriber_of(gateway, "subs-1", "cus_1", "price_1", "price_usage")
        case _:
            key = ApiKey.from_environment()
            async with StripeGateway(key) as gateway:
                yield await _new_in_test_mode(gateway, stripe.StripeClient(key.reveal()))


@pytest.fixture
async def vendor(gateway_name: str, request: pytest.FixtureRequest) -> AsyncIterator[Vendor]:
    """Yield a vendor who has no account at this gateway yet."""
    match gateway_name:
        case "simulated" | "wire":
            yield simulated_vendor(over_http=gateway_name == "wire")
        case "stripe-mock":
            async with StripeGateway.on_mock(request.getfixturevalue("stripe_mock")().url) as gateway:
                yield Vendor(payments=gateway, connect=gateway.connect, vendor_id="vendor-1")
        case _:
            async with StripeGateway(ApiKey.from_environment()) as gateway:
                yield Vendor(payments=gateway, connect=gateway.connect, vendor_id=f"contract-{uuid4().hex}")


def _subscriber_of(
    gateway: StripeGateway, subscription_id: str, customer_id: str, price_id: str, metered_price_id: str
) -> Subscriber:
    return Subscriber(
        payments=gateway,
        billing=gateway.billing,
        subscription_id=subscription_id,
        stripe_customer_id=customer_id,
        price_id=price_id,
        price=PRICE,
        metered_price_id=metered_price_id,
        metered_price=METERED_PRICE,
        meter=METER,
    )


async def _new_in_test_mode(gateway: StripeGateway, client: stripe.StripeClient) -> Subscriber:
    customer = await client.v1.customers.create_async()
    price = await client.v1.prices.create_async(
        {
            "currency": PRICE.currency,
            "unit_amount": PRICE.minor,
            "recurring": {"interval": "month"},
            "product_data": {"name": "payflows contract"},
        }
    )
    usage = await client.v1.prices.create_async(
        {
            "currency": METERED_PRICE.currency,
            "unit_amount": METERED_PRICE.minor,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": await _meter_in_test_mode(client)},
            "product_data": {"name": "payflows contract: usage"},
        }
    )
    return _subscriber_of(gateway, f"contract-{uuid4().hex}", customer.id, price.id, usage.id)


async def _meter_in_test_mode(client: stripe.StripeClient) -> str:
    """Return the id of our meter, which is made once: the name of its events is no other one's."""
    active = await client.v1.billing.meters.list_async({"status": "active", "limit": 100})
    async for meter in active.auto_paging_iter():
        if meter.event_name == METER:
            return str(meter.id)
    made = await client.v1.billing.meters.create_async(
        {"display_name": "payflows contract", "event_name": METER, "default_aggregation": {"formula": "sum"}}
    )
    return str(made.id)
