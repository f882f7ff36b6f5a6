"""The contract of a gateway, for those who bring their own: each check is one promise of the `PaymentGateway` port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from payflows.payments.gateway import PaymentGateway
from payflows.testing.gateway_checks_of_keys import CHECKS_OF_KEYS
from payflows.testing.gateway_checks_of_payments import CHECKS_OF_A_LIFE, CHECKS_OF_EVERY_GATEWAY
from payflows.testing.gateway_customer import Customer

GatewayCheck = Callable[[Customer], Awaitable[None]]
"""Checks one promise for a customer with a new order; an `AssertionError` says that it is broken."""

CHECKS_OF_STATE: tuple[GatewayCheck, ...] = (*CHECKS_OF_A_LIFE, *CHECKS_OF_KEYS)
"""Of a gateway that remembers what it did."""


async def check_gateway(gateway: PaymentGateway, new_order_id: Callable[[], str], *, keeps_state: bool = True) -> None:
    """Check all promises, each with a new order.

    Args:
        gateway: in test mode: it makes payments.
        new_order_id: returns an id that this gateway has never seen.
        keeps_state: whether it remembers what it did; stripe-mock does not.

    Raises:
        AssertionError: a promise is broken; the traceback names it.
    """
    for check in (*CHECKS_OF_EVERY_GATEWAY, *(CHECKS_OF_STATE if keeps_state else ())):
        await check(Customer(gateway, new_order_id()))
