"""Every kind of fault that strikes an HTTP request. A new kind is one function and one row, here.

Two kinds are different if their effect, or what httpx and the SDK hear of it, differ: what the gateway makes of that is
on trial. Troubles inside Stripe are those of `simulations.search.kinds`, answered over HTTP.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import cache
from typing import NoReturn, cast

import httpx

from simulations.network.effects import CLIENT_TIMEOUT_SECONDS
from simulations.search.kinds import (
    BEYOND_THE_DEADLINE,
    BEYOND_THE_HOLD,
    BEYOND_THE_KEYS,
    KINDS,
    Kind,
    among,
    duplicated,
)
from simulations.search.plan import Fault
from simulations.search.ports import Site
from simulations.search.sites import stripe_calls, stripe_writes
from simulations.search.strikes import Call, Surroundings
from simulations.stripe.core.errors import TooManyRequests
from simulations.stripe.core.faults import Disturbance
from simulations.stripe.core.faults import Fault as AtStripe
from simulations.stripe.http.responses import error_response

CONNECT_TIMEOUT_SECONDS = CLIENT_TIMEOUT_SECONDS / 4
"""How long our side waits for a connection: what `StripeGateway` is set to."""

_PAGE = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"


# No connection, or no answer.


async def connect_refused(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """No server listens on the port."""
    raise httpx.ConnectError("[Errno 111] Connection refused")


async def connect_timeout(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """No connection comes about, and no refusal either."""
    await universe.clock.sleep(CONNECT_TIMEOUT_SECONDS)
    raise httpx.ConnectTimeout("")


async def read_timeout(universe: Surroundings, fault: Fault, call: Call) -> NoReturn:
    """The request is lost, and no answer comes."""
    await universe.clock.sleep(CLIENT_TIMEOUT_SECONDS)
    raise httpx.ReadTimeout("")


async def read_timeout_done(universe: Surroundings, fault: Fault, call: Call) -> NoReturn:
    """It is done, and no answer comes."""
    await _answer(call)
    await read_timeout(universe, fault, call)


async def trickle(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """It is done, and the answer comes so slowly that the deadline of the whole call ends it."""
    await _answer(call)
    await universe.clock.sleep(CLIENT_TIMEOUT_SECONDS)
    raise TimeoutError


async def reset_mid_body(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """It is done, and the connection breaks in the middle of the body."""
    answer = await _answer(call)
    return httpx.Response(answer.status_code, headers=answer.headers, stream=_Broken(answer.content))


class _Broken(httpx.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise httpx.ReadError("[Errno 104] Connection reset by peer")


# Answers that Stripe did not give.


async def cut_off(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """It is done; of the answer there is half, and the length in its head says that this is all."""
    answer = await _answer(call)
    return httpx.Response(answer.status_code, content=answer.content[: len(answer.content) // 2])


async def empty(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """Something on the way answers 200 with an empty body."""
    return httpx.Response(200, content=b"")


async def empty_done(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """It is done; what arrives is a 200 with nothing in it."""
    await _answer(call)
    return await empty(universe, fault, call)


async def html_502(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """A proxy cannot reach Stripe, and answers with its own page."""
    return httpx.Response(502, content=_PAGE, headers={"Content-Type": "text/html"})


async def html_502_done(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """It is done, and a proxy that lost the answer says that it cannot reach Stripe."""
    await _answer(call)
    return await html_502(universe, fault, call)


async def proxy_down(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """From here on the proxy cannot reach Stripe, for a while."""
    universe.begin_ongoing(call.site.port, html_502, fault)
    return await html_502(universe, fault, call)


async def proxy_deaf(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """From here on everything is done, and the proxy loses every answer, for a while."""
    universe.begin_ongoing(call.site.port, html_502_done, fault)
    return await html_502_done(universe, fault, call)


# Answers of Stripe's.


async def too_many_429(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """Stripe has had too many requests, and looks at none."""
    answer = error_response(TooManyRequests("Request rate limit exceeded."))
    return httpx.Response(answer.status, content=answer.body)


async def in_use_409(universe: Surroundings, fault: Fault, call: Call) -> httpx.Response:
    """A proxy got no answer and sent it again; the first request is still running, and the second answer arrives."""
    universe.postpone_calm(fault.seconds)
    universe.system.disturb_stripe(Disturbance(fault=AtStripe.SLOW, call=call.method, slow_seconds=fault.seconds))
    with suppress(httpx.ReadTimeout):
        await call.make()
    return await _answer(call)


async def _answer(call: Call) -> httpx.Response:
    """What Stripe answers, over HTTP."""
    return cast(httpx.Response, await call.make())


_AS_THEY_ARE = (
    "error_500",
    "error_500_stored",
    "error_500_done",
    "error_500_done_stored",
    "slow_response",
    "key_in_use",
    "unauthorised",
    "key_revoked",
)
"""Troubles inside Stripe: what is answered is made into HTTP there."""

JUST_BEYOND_THE_TIME_OUT = int(CLIENT_TIMEOUT_SECONDS) + 2

HTTP_KINDS: Mapping[str, Kind] = {
    "connect_refused": Kind(connect_refused, stripe_calls),
    "connect_timeout": Kind(connect_timeout, stripe_calls),
    "read_timeout": Kind(read_timeout, stripe_calls),
    "read_timeout_done": Kind(read_timeout_done, stripe_writes),
    "trickle": Kind(trickle, stripe_calls),
    "reset_mid_body": Kind(reset_mid_body, stripe_calls),
    "cut_off": Kind(cut_off, stripe_calls),
    "empty": Kind(empty, stripe_calls),
    "empty_done": Kind(empty_done, stripe_writes),
    "html_502": Kind(html_502, stripe_calls),
    "html_502_done": Kind(html_502_done, stripe_writes),
    "proxy_down": Kind(proxy_down, stripe_calls, (BEYOND_THE_HOLD, BEYOND_THE_DEADLINE), once="html_502"),
    "proxy_deaf": Kind(proxy_deaf, stripe_writes, (BEYOND_THE_DEADLINE, BEYOND_THE_KEYS), once="html_502_done"),
    "too_many_429": Kind(too_many_429, stripe_calls),
    "in_use_409": Kind(in_use_409, stripe_writes, (JUST_BEYOND_THE_TIME_OUT, BEYOND_THE_HOLD)),
    "duplicated": Kind(duplicated, stripe_writes),
    **{name: KINDS[name] for name in _AS_THEY_ARE},
}
"""Every kind of HTTP, by its name in a plan."""


@cache
def http_kinds_at(site: Site) -> tuple[tuple[str, int], ...]:
    """What can strike there: kind and length, in the table's order."""
    return among(HTTP_KINDS, site)
