"""The simulated Stripe behind its HTTP API. What the network does to requests and answers is in `http_kinds`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import parse_qsl

import httpx
from payflows.errors import CallRejected, PayflowsError, PaymentDeclined

from simulations.stripe.billing import endpoints as billing
from simulations.stripe.billing import endpoints_of_changes as changes
from simulations.stripe.billing import endpoints_of_pauses as pauses
from simulations.stripe.connect import endpoints as connect
from simulations.stripe.connect import endpoints_of_balances as balances
from simulations.stripe.connect.gateway import scoped_key
from simulations.stripe.core.errors import AccountInvalid, ConnectionBroken, InvalidRequest, NoAnswer, NoConnection
from simulations.stripe.http.endpoints import ACCOUNT, Endpoint, Params
from simulations.stripe.http.responses import Response, error_response, not_found, response
from simulations.stripe.payments import endpoints as payments
from simulations.stripe.simulated import SimulatedStripe

ENDPOINTS: Mapping[str, Endpoint] = {
    **connect.OF_SPLIT_PAYMENTS,
    **payments.ENDPOINTS,
    **changes.ENDPOINTS,
    **pauses.ENDPOINTS,
    **billing.ENDPOINTS,
    **connect.ENDPOINTS,
    **balances.ENDPOINTS,
}
"""All resources' endpoints, by the call of the gateway that makes the request; the first that fits takes it."""


class ApiRequest(NamedTuple):
    """A request whose endpoint is known.

    Attributes:
        call: of the gateway.
        object_id: the id in its path; empty where there is none.
        params: a POST has them in its body, all others in their query.
        key: its idempotency key; None for all that is no POST.
    """

    call: str
    object_id: str
    params: Params
    key: str | None

    @property
    def scoped_key(self) -> str | None:
        """The key as it is kept: each account has its keys to itself."""
        account = self.params.get(ACCOUNT)
        return self.key if account is None or self.key is None else scoped_key(account, self.key)


def read_request(request: httpx.Request) -> ApiRequest | None:
    """Return the request as Stripe reads it; None where there is no such endpoint."""
    form = request.content if request.method == "POST" else request.url.query
    params = dict(parse_qsl(form.decode(), keep_blank_values=True))
    if ACCOUNT in request.headers:
        params[ACCOUNT] = request.headers[ACCOUNT]
    for call, endpoint in ENDPOINTS.items():
        match = _pattern(endpoint.path).fullmatch(request.url.path) if endpoint.verb == request.method else None
        if match is not None and (endpoint.when is None or endpoint.when in params):
            return ApiRequest(call, "".join(match.groups()), params, _key_of(request))
    return None


def _key_of(request: httpx.Request) -> str | None:
    """Return its idempotency key; with a GET or a DELETE it has no effect (Stripe API reference)."""
    return request.headers.get("Idempotency-Key") if request.method == "POST" else None


class HttpApi:
    """Serves HTTP requests to a `SimulatedStripe` in Stripe's own JSON.

    What is stored under an idempotency key is what Stripe stores: the first answer's status and body, byte for byte.

    Args:
        stripe: what is served.
    """

    def __init__(self, stripe: SimulatedStripe) -> None:
        self._stripe = stripe
        self._requests = 0

    @property
    def server(self) -> object:
        """Serves each call by a method of its name."""
        return SimpleNamespace(**dict.fromkeys(ENDPOINTS, self.serve))

    async def serve(self, request: ApiRequest) -> httpx.Response:
        """Answer a request. Where the simulated Stripe is disturbed, raise what httpx would raise."""
        self._requests += 1
        request_id = f"req_{self._requests:014d}"
        execute = partial(self._execute, request_id, request.call)
        calls, params = self._stripe.account.calls, (request.object_id, request.params)
        try:
            if ENDPOINTS[request.call].verb == "DELETE":
                answer = await calls.make_without_key(request.call, params, execute)
            else:
                answer = await calls.make(request.call, request.scoped_key, params, execute)
        except _ObjectMissing as error:
            answer = not_found(error.message, error.code, error.param)
        except NoConnection as error:
            raise httpx.ConnectError(str(error)) from error
        except NoAnswer as error:
            raise httpx.ReadTimeout(str(error)) from error
        except ConnectionBroken as error:
            raise httpx.ReadError(str(error)) from error
        except PayflowsError as error:
            answer = error_response(error)
        headers = {"Content-Type": "application/json", "Request-Id": request_id}
        if answer.request_id not in (None, request_id):
            headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
        return httpx.Response(answer.status, content=answer.body, headers=headers)

    def _execute(self, request_id: str, call: str, object_id: str, params: Params) -> Response:
        """Return the answer that is kept under the key, with the request that it is of."""
        return self._answer(call, object_id, params)._replace(request_id=request_id)

    def _answer(self, call: str, object_id: str, params: Params) -> Response:
        endpoint = ENDPOINTS[call]
        if ACCOUNT in params and ACCOUNT not in endpoint.may:  # it is the platform's
            return not_found(f"No such object: '{object_id}'", "resource_missing", endpoint.path_param)
        endpoint.check(params)
        if endpoint.find is not None:
            self._check_exists(endpoint, object_id)
        try:
            return response(endpoint.work(self._stripe, object_id, params))
        except InvalidRequest:
            raise
        except (CallRejected, PaymentDeclined) as error:
            find = endpoint.shows or endpoint.find
            return error_response(error, find(self._stripe, object_id).to_stripe() if find is not None else None)

    def _check_exists(self, endpoint: Endpoint, object_id: str) -> None:
        assert endpoint.find is not None, "its path names an object"
        try:
            endpoint.find(self._stripe, object_id)
        except AccountInvalid:
            raise
        except InvalidRequest as error:
            raise _ObjectMissing(error.message, error.code, endpoint.path_param) from error


class _ObjectMissing(InvalidRequest):
    """There is no object with the id in the path."""


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[a-z_]+\}", "([^/]+)", path))
