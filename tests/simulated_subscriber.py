"""A new subscriber of a simulated Stripe, called or over HTTP, on a clock moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from payflows.money import Money
from payflows.stripe.http import OnCall
from payflows.testing.billing_contract import BillingCheck
from payflows.testing.gateway_subscriber import Subscriber
from simulations.stripe import HandClock, SimulatedStripe
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import gateway_over

PRICE, METERED_PRICE = Money(2000, "usd"), Money(25, "usd")


def simulated_subscriber(
    *,
    over_http: bool = False,
    clock: HandClock | None = None,
    wrap: Callable[[Any], Any] = lambda gateway: gateway,
    on_call: OnCall | None = None,
) -> Subscriber:
    """A customer of a Stripe of their own, where they and we are the only ones.

    Args:
        over_http: whether the official SDK stands between.
        clock: whose time passes; None: one that only the checks move.
        wrap: puts something around the gateways.
        on_call: called with every HTTP call.
    """
    time = clock or HandClock()
    stripe = SimulatedStripe(time)
    stripe.add_price("price_1", product="prod_1", amount=PRICE, interval="month")
    stripe.add_meter("calls")
    stripe.add_price("price_usage", product="prod_1", amount=METERED_PRICE, interval="month", meter="calls")
    gateway = gateway_over(HttpApi(stripe).server, on_call=on_call)

    async def pass_time(span: timedelta) -> None:
        time.pass_time(span.total_seconds())

    return Subscriber(
        payments=wrap(gateway if over_http else stripe),
        billing=wrap(gateway.billing if over_http else stripe),
        subscription_id="subs-1",
        stripe_customer_id="cus_1",
        price_id="price_1",
        price=PRICE,
        metered_price_id="price_usage",
        metered_price=METERED_PRICE,
        meter="calls",
        pass_time=pass_time,
    )


async def awaited(check: BillingCheck, subscriber: Subscriber) -> None:
    """Check one promise, as a coroutine that a clock can run."""
    await check(subscriber)
