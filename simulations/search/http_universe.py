"""A universe whose checkout asks Stripe over HTTP, through the real gateway and the official SDK."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.stripe.gateway import StripeGateway

from simulations.search.http_kinds import WIRE_KINDS, wire_kinds_at
from simulations.search.interceptor import Process
from simulations.search.kinds import KINDS, Kind
from simulations.search.universe import Universe
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import gateway_over
from simulations.stripe.simulated import SimulatedStripe


class WireUniverse(Universe):
    """A `Universe` in which each HTTP request to Stripe is a call with a number, and is struck as such.

    The road lies below the SDK: checkout, `StripeGateway`, SDK, httpx, road, the simulated Stripe's API. All other
    ports are as they always are.
    """

    kinds: Mapping[str, Kind] = {**KINDS, **WIRE_KINDS}
    kinds_at = staticmethod(wire_kinds_at)

    def _account(self) -> SimulatedStripe:
        stripe = super()._account()
        self._api = HttpApi(stripe)
        return stripe

    def _behind(self) -> dict[str, object]:
        return super()._behind() | {"gateway": self._api.server}

    def _roads(self, life: Process) -> dict[str, object]:
        roads = super()._roads(life)
        return roads | {"gateway": self._gateway(roads["gateway"])}

    def _gateway(self, road: object) -> StripeGateway:
        return gateway_over(road)
