"""A new vendor of a simulated platform, called or over HTTP, on a clock moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from payflows.stripe.http import OnCall
from payflows.testing.connect_contract import MarketplaceCheck
from payflows.testing.gateway_vendor import Vendor
from simulations.stripe import ConnectSettings, HandClock, SimulatedStripe
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import gateway_over


def simulated_vendor(
    *,
    over_http: bool = False,
    clock: HandClock | None = None,
    wrap: Callable[[Any], Any] = lambda gateway: gateway,
    on_call: OnCall | None = None,
) -> Vendor:
    """A vendor of a platform of their own.

    Args:
        over_http: whether the official SDK stands between.
        clock: whose time passes; None: one that only the checks move.
        wrap: puts something around the gateways.
        on_call: called with every HTTP call.
    """
    time = clock or HandClock()
    stripe = SimulatedStripe(time, connect=ConnectSettings())
    gateway = gateway_over(HttpApi(stripe).server, on_call=on_call)

    async def pass_time(span: timedelta) -> None:
        time.pass_time(span.total_seconds())

    return Vendor(
        payments=wrap(gateway if over_http else stripe),
        connect=wrap(gateway.connect if over_http else stripe),
        vendor_id="vendor-1",
        onboard=stripe.submit_requirements,
        pass_time=pass_time,
    )


async def awaited(check: MarketplaceCheck, vendor: Vendor) -> None:
    """Check one promise, as a coroutine that a clock can run."""
    await check(vendor)
