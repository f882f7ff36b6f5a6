"""The way from the official SDK to the simulated Stripe's API: an httpx transport, and a gateway on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext

import httpx
from payflows.stripe.gateway import MOCK_KEY, StripeGateway
from payflows.stripe.http import OnCall
from payflows.stripe.keys import ApiKey

from simulations.stripe.http.api import ApiRequest, read_request
from simulations.stripe.http.responses import not_found

Serve = Callable[[ApiRequest], Awaitable[httpx.Response]]
"""Answers one request."""

_REPEATED = ("Stripe-Version", "Idempotency-Key")
"""Headers of a request that its answer has, too."""


class Transport(httpx.AsyncBaseTransport):
    """Brings requests to where they are served, without a socket, an event loop, or virtual time passing.

    Args:
        server: serves each call by a method of its name.
    """

    def __init__(self, server: object) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, or raise what the server raises."""
        found = read_request(request)
        if found is None:
            missing = not_found(f"Unrecognized request URL ({request.method}: {request.url.path}).")
            return httpx.Response(missing.status, content=missing.body)
        serve: Serve = getattr(self._server, found.call)
        answer = await serve(found)
        answer.headers.update({name: request.headers[name] for name in _REPEATED if name in request.headers})
        return answer


def gateway_over(server: object, *, on_call: OnCall | None = None) -> StripeGateway:
    """Join the real gateway and the official SDK to a server, in virtual time: only the server ends a call.

    Args:
        server: serves each call by a method of its name.
        on_call: called with every HTTP call.
    """
    http = httpx.AsyncClient(transport=Transport(server), trust_env=False)
    return StripeGateway(ApiKey(MOCK_KEY), http=http, deadline=nullcontext, on_call=on_call)
