"""How a program reaches Stripe, and so what can strike there: calls of its port, or the HTTP requests they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pkgutil import resolve_name
from typing import cast

from simulations.search.kinds import KINDS, Kind, kinds_at
from simulations.search.ports import Site
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock

HTTP = "wire:"
"""Before a story's name: Stripe is reached over HTTP, and faults strike requests."""

_OVER_HTTP = "simulations.search.http_transport:HttpTransport"
"""By name, since the SDK takes half a second to import and is an extra."""


class Transport:
    """Calls of the port are struck as they are.

    Attributes:
        kinds: the faults that a plan may name.
    """

    kinds: Mapping[str, Kind] = KINDS

    def kinds_at(self, site: Site) -> Iterable[tuple[str, int]]:
        """List what a search tries at a site: kind and length."""
        return kinds_at(site)

    def stripe(
        self, clock: HandClock, times: StripeTimes = USUAL_TIMES, connect: ConnectSettings | None = None
    ) -> SimulatedStripe:
        """Make the simulated Stripe that is reached this way."""
        return SimulatedStripe(clock, times=times, connect=connect)

    def server(self, stripe: SimulatedStripe) -> object:
        """Say which object's methods serve the calls, and so are intercepted."""
        return stripe

    def gateway(self, link: object) -> object:
        """Make the gateway that the program is given, on the intercepted server."""
        return link

    def billing(self, gateway: object) -> object:
        """Say which part of that gateway is Stripe Billing."""
        return gateway

    def connect(self, gateway: object) -> object:
        """Say which part of that gateway is Stripe Connect."""
        return gateway


PORT_CALLS = Transport()


def transport_of(name: str) -> tuple[Transport, str]:
    """The transport of a name such as `paid` or `wire:paid`, and the story's own name."""
    plain = name.removeprefix(HTTP)
    return (PORT_CALLS if plain == name else _over_http()), plain


@cache
def _over_http() -> Transport:
    return cast(Transport, resolve_name(_OVER_HTTP)())
