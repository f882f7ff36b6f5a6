"""The way from the official SDK to the simulated Stripe's API: an httpx transport, and a gateway on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext

import httpx
from payflows.stripe.gateway import MOCK_KEY, StripeGateway
from payflows.stripe.http import OnCall
from payflows.stripe.keys import ApiKey

from simulations.stripe.http.answers import missing
from simulations.stripe.http.endpoints import Asked, read

Serve = Callable[[Asked], Awaitable[httpx.Response]]
"""Answers one request."""


class Wire(httpx.AsyncBaseTransport):
    """Brings requests to where they are served, without a socket, an event loop or any time of its own.

    Args:
        server: serves each call by a method of its name.
    """

    def __init__(self, server: object) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; there is none where the server raises what httpx would."""
        asked = read(request)
        if asked is None:
            told = missing(f"Unrecognized request URL ({request.method}: {request.url.path}).")
            return httpx.Response(told.status, content=told.body)
        serve: Serve = getattr(self._server, asked.call)
        return await serve(asked)


def gateway_over(server: object, *, on_call: OnCall | None = None) -> StripeGateway:
    """The real gateway and the official SDK, in virtual time: nobody but the server ends a call.

    Args:
        server: serves each call by a method of its name.
        on_call: told of every HTTP call.
    """
    http = httpx.AsyncClient(transport=Wire(server), trust_env=False)
    return StripeGateway(ApiKey(MOCK_KEY), http=http, deadline=nullcontext, on_call=on_call)
