"""The contract of a billing gateway, for those who bring their own: each check is one promise of its port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from payflows.testing.gateway_checks_of_billing import CHECKS_OF_EVERY_BILLING_GATEWAY, CHECKS_OF_SUBSCRIPTIONS
from payflows.testing.gateway_checks_of_changes import CHECKS_OF_CHANGES, CHECKS_OF_CHANGES_OF_EVERY_GATEWAY
from payflows.testing.gateway_checks_of_invoices import (
    CHECKS_OF_INVOICES,
    CHECKS_OF_INVOICES_IN_TIME,
    every_answer_is_about_the_invoice_that_was_asked_for,
)
from payflows.testing.gateway_checks_of_pauses import (
    CHECKS_OF_PAUSES,
    CHECKS_OF_PAUSES_IN_TIME,
    CHECKS_OF_PAUSES_OF_EVERY_GATEWAY,
)
from payflows.testing.gateway_checks_of_usage import (
    CHECKS_OF_USAGE,
    CHECKS_OF_USAGE_IN_TIME,
    CHECKS_OF_USAGE_OF_EVERY_GATEWAY,
)
from payflows.testing.gateway_subscriber import Subscriber

BillingCheck = Callable[[Subscriber], Awaitable[None]]
"""Checks one promise for a new subscriber; an `AssertionError` says that it is broken."""

CHECKS_OF_EVERY_GATEWAY: tuple[BillingCheck, ...] = (
    *CHECKS_OF_EVERY_BILLING_GATEWAY,
    *CHECKS_OF_CHANGES_OF_EVERY_GATEWAY,
    *CHECKS_OF_PAUSES_OF_EVERY_GATEWAY,
    *CHECKS_OF_USAGE_OF_EVERY_GATEWAY,
    every_answer_is_about_the_invoice_that_was_asked_for,
)
CHECKS_OF_STATE: tuple[BillingCheck, ...] = (
    *CHECKS_OF_SUBSCRIPTIONS,
    *CHECKS_OF_CHANGES,
    *CHECKS_OF_PAUSES,
    *CHECKS_OF_USAGE,
    *CHECKS_OF_INVOICES,
)
"""Of a gateway that remembers what it did."""

CHECKS_OF_TIME: tuple[BillingCheck, ...] = (
    *CHECKS_OF_INVOICES_IN_TIME,
    *CHECKS_OF_PAUSES_IN_TIME,
    *CHECKS_OF_USAGE_IN_TIME,
)
"""Of such a one, where time can pass."""


async def check_billing_gateway(
    new_subscriber: Callable[[], Awaitable[Subscriber]], *, keeps_state: bool = True
) -> None:
    """Check all promises, each with a new subscriber; those about renewals where time can pass.

    Args:
        new_subscriber: makes a new customer in test mode, and says how the gateway is reached.
        keeps_state: whether it remembers what it did; stripe-mock does not.

    Raises:
        AssertionError: a promise is broken; the traceback names it.
    """
    for check in (*CHECKS_OF_EVERY_GATEWAY, *(CHECKS_OF_STATE if keeps_state else ())):
        await check(await new_subscriber())
    for check in CHECKS_OF_TIME if keeps_state else ():
        subscriber = await new_subscriber()
        if subscriber.pass_time is not None:
            await check(subscriber)
