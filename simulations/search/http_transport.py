"""Stripe over HTTP, through the real gateway and the official SDK: every request is a call that can be struck.

The link lies below the SDK: program, `StripeGateway`, SDK, httpx, link, the simulated Stripe's API. All other ports are
as they always are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from payflows.stripe.gateway import StripeGateway

from simulations.search.http_kinds import HTTP_KINDS, http_kinds_at
from simulations.search.kinds import KINDS, Kind
from simulations.search.ports import Site
from simulations.search.transports import Transport
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import gateway_over
from simulations.stripe.simulated import SimulatedStripe


class HttpTransport(Transport):
    """Requests are struck on their way."""

    kinds: Mapping[str, Kind] = {**KINDS, **HTTP_KINDS}

    def kinds_at(self, site: Site) -> Iterable[tuple[str, int]]:
        """List what a search tries at a site: only at Stripe, since the other ports are searched without HTTP."""
        return http_kinds_at(site)

    def server(self, stripe: SimulatedStripe) -> object:
        """Say where each call is served under its name."""
        return HttpApi(stripe).server

    def gateway(self, link: object) -> object:
        """Make the real gateway, whose requests go over the link."""
        return gateway_over(link)

    def billing(self, gateway: object) -> object:
        """The SDK's gateway offers it as a part."""
        return cast(StripeGateway, gateway).billing

    def connect(self, gateway: object) -> object:
        """The SDK's gateway offers that, too."""
        return cast(StripeGateway, gateway).connect
