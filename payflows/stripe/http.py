"""The SDK's HTTP over any `httpx.AsyncClient`, and what becomes of a call that got no answer.

What an answer means is decided in `errors`. Here it is only decided whether the request can have left.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

import httpx
import stripe

_CONNECTIONS = httpx.Limits(max_connections=50, max_keepalive_connections=50)
_NOT_CONNECTED = (
    httpx.ConnectError,  # refused, unreachable, unknown host, TLS
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_log = logging.getLogger(__name__)


class _NoAnswer(stripe.APIConnectionError):
    def __init__(self, what: str) -> None:
        super().__init__(what)  # type: ignore[no-untyped-call]  # the SDK's errors are not annotated


class NeverSent(_NoAnswer):
    """There was no connection to send the request on."""


class AnswerLost(_NoAnswer):
    """The request may have arrived; its answer did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One HTTP call as it went, for a notebook or a demo to show. It holds no API key.

    Attributes:
        method: `GET` or `POST`.
        path: without host and query, such as `/v1/payment_intents`.
        sent: the parameters, encoded; `params` reads them.
        idempotency_key: under which it was sent; None for a read.
        status: of the answer; None where none came.
        latency_seconds: until the whole answer was there.
        body: the answer, not in the repr because Stripe's objects name people; `answer` reads it.
        trouble: why no answer came, by the exception's name.
    """

    method: str
    path: str
    sent: str
    idempotency_key: str | None
    status: int | None
    latency_seconds: float
    body: bytes = field(default=b"", repr=False)
    trouble: str | None = None

    @property
    def params(self) -> dict[str, str]:
        """The parameters by Stripe's names, such as `metadata[order_id]`."""
        return dict(parse_qsl(self.sent))

    @property
    def answer(self) -> Mapping[str, object]:
        """The answer's JSON object; empty where there is none."""
        try:
            body: object = json.loads(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def __str__(self) -> str:
        outcome = self.trouble if self.status is None else self.status
        return f"{self.method} {self.path} -> {outcome} in {self.latency_seconds * 1000:.1f} ms"


OnCall = Callable[[HttpCall], None]
"""Called after every HTTP call. What it raises is logged and disturbs nothing."""

Deadline = Callable[[float], AbstractAsyncContextManager[object]]
"""Ends what is done within it after the given seconds, with a `TimeoutError`."""


class HttpxClient(stripe.HTTPClient):
    """Sends the SDK's requests over httpx, each within one deadline.

    An httpx client lives in one event loop. Where none is given, each loop gets one of ours at its first
    call, so that one gateway serves a notebook as well as one `asyncio.run` after another; `close_async` ends
    the running loop's.

    A given client must tell a connection never made from an answer lost, as httpx's own transports do: the
    first means that a call had no effect. (httpx-aiohttp 0.2.0 calls a reset after sending a ConnectTimeout.)

    Args:
        http: the caller's client, for one event loop, left open; None for our own.
        timeout_seconds: the deadline of a whole call; waiting for a free connection and making a new one may
            take a quarter of it each.
        trust_env: whether our own clients use the environment's proxies.
        on_call: called after every call.
        deadline: what ends a call; asyncio's, unless other time than asyncio's passes.
    """

    name = "httpx"

    def __init__(
        self,
        http: httpx.AsyncClient | None = None,
        *,
        timeout_seconds: float,
        trust_env: bool = True,
        on_call: OnCall | None = None,
        deadline: Deadline = asyncio.timeout,
    ) -> None:
        super().__init__()
        self._given = http
        self._ours: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
        self._deadline_seconds = timeout_seconds
        quarter = timeout_seconds / 4
        self._timeouts = {"timeout": httpx.Timeout(timeout_seconds, connect=quarter, pool=quarter).as_dict()}
        self._trust_env = trust_env
        self._on_call = on_call
        self._deadline = deadline

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One request, as the SDK made it and without the client's own headers or cookies, and its answer.

        Raises:
            NeverSent: no connection was made.
            AnswerLost: anything else went wrong; httpx's own exception is the cause of both.
        """
        client = self._given or self._of_this_loop()
        request = httpx.Request(method, url, headers=headers, content=post_data, extensions=self._timeouts)
        if self._on_call is None:
            answer = await self._send(client, request)
        else:
            answer = await self._observed(client, request, self._on_call)
        return answer.content, answer.status_code, answer.headers

    async def close_async(self) -> None:
        """End the running loop's connections; a later call makes new ones. A given client is left open."""
        client = self._ours.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _of_this_loop(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._ours.get(loop)
        if client is None:
            client = self._ours[loop] = httpx.AsyncClient(limits=_CONNECTIONS, trust_env=self._trust_env)
        return client

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """Within the deadline: httpx's time-outs alone would wait for ever for a byte every ten seconds."""
        try:
            async with self._deadline(self._deadline_seconds):
                return await client.send(request, auth=None, follow_redirects=False)
        except _NOT_CONNECTED as error:
            raise NeverSent("no connection") from error
        except (httpx.RequestError, TimeoutError) as error:
            raise AnswerLost("no answer") from error

    async def _observed(self, client: httpx.AsyncClient, request: httpx.Request, on_call: OnCall) -> httpx.Response:
        """Send the request and report the call to `on_call`, whatever comes of it."""
        answer, trouble = None, None
        started = time.perf_counter()
        try:
            answer = await self._send(client, request)
            return answer
        except BaseException as error:
            trouble = type(error.__cause__ or error).__name__
            raise
        finally:
            latency_seconds = time.perf_counter() - started
            _tell(on_call, _call(request, answer, latency_seconds, trouble))


def _call(
    request: httpx.Request, answer: httpx.Response | None, latency_seconds: float, trouble: str | None
) -> HttpCall:
    return HttpCall(
        method=request.method,
        path=request.url.path,
        sent=(request.content if request.method == "POST" else request.url.query).decode(),
        idempotency_key=request.headers.get("Idempotency-Key"),
        status=answer.status_code if answer else None,
        latency_seconds=latency_seconds,
        body=answer.content if answer else b"",
        trouble=trouble,
    )


def _tell(on_call: OnCall, call: HttpCall) -> None:
    try:
        on_call(call)
    except Exception:
        _log.exception("on_call failed at %s", call)
