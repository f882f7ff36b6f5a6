"""Which requests Stripe's API understands: those that `StripeGateway` makes, and no others. What they do is in `api`.

Source: Stripe API reference; paths and parameters by the names of Stripe's OpenAPI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl

import httpx

from simulations.stripe.troubles import InvalidRequest

Params = Mapping[str, str]
"""By Stripe's names, such as `metadata[order_id]`."""


class Endpoint(NamedTuple):
    """A place of the API.

    Attributes:
        verb: `GET` or `POST`.
        path: as Stripe's OpenAPI writes it.
        needs: the parameters without which a request is refused.
        may: the others that are understood; any more are refused.
    """

    verb: str
    path: str
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    def check(self, params: Params) -> None:
        """Raises `InvalidRequest` where one is missing or not understood."""
        for name in self.needs:
            if not params.get(name):
                raise InvalidRequest(f"Missing required param: {name}.", "parameter_missing")
        for name in params:
            if name not in self.needs and name not in self.may:
                raise InvalidRequest(f"Received unknown parameter: {name}", "parameter_unknown")


_INTENTS = "/v1/payment_intents"
_EXPANDED = ("expand[0]",)
_CREATED_WITH = (
    "capture_method",
    "customer",
    "automatic_payment_methods[enabled]",
    "automatic_payment_methods[allow_redirects]",
)

ENDPOINTS: Mapping[str, Endpoint] = {
    "create_payment": Endpoint(
        "POST", _INTENTS, ("amount", "currency", "metadata[order_id]"), (*_CREATED_WITH, *_EXPANDED)
    ),
    "confirm_payment": Endpoint("POST", f"{_INTENTS}/{{intent}}/confirm", ("payment_method",), _EXPANDED),
    "capture_payment": Endpoint("POST", f"{_INTENTS}/{{intent}}/capture", may=_EXPANDED),
    "cancel_payment": Endpoint("POST", f"{_INTENTS}/{{intent}}/cancel", may=_EXPANDED),
    "search_payments": Endpoint("GET", f"{_INTENTS}/search", ("query",), ("limit", *_EXPANDED)),
    "retrieve_payment": Endpoint("GET", f"{_INTENTS}/{{intent}}", may=_EXPANDED),
    "refund_payment": Endpoint("POST", "/v1/refunds", ("payment_intent", "metadata[order_id]")),
    "list_refunds": Endpoint("GET", "/v1/refunds", ("payment_intent",), ("limit",)),
}
"""By the call of the gateway that makes the request. A path that is a word comes before one that may be any."""


class Asked(NamedTuple):
    """A request that has found its place.

    Attributes:
        call: of the gateway.
        object_id: the id in its path; empty where there is none.
        params: what it says: a POST in its body, a GET in its query.
        key: its idempotency key; None for a read.
    """

    call: str
    object_id: str
    params: Params
    key: str | None


def read(request: httpx.Request) -> Asked | None:
    """The request as Stripe reads it; None where there is no such place."""
    for call, endpoint in ENDPOINTS.items():
        match = _pattern(endpoint.path).fullmatch(request.url.path) if endpoint.verb == request.method else None
        if match is not None:
            form = request.content if request.method == "POST" else request.url.query
            params = dict(parse_qsl(form.decode(), keep_blank_values=True))
            return Asked(call, "".join(match.groups()), params, request.headers.get("Idempotency-Key"))
    return None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(path.replace("{intent}", "([^/]+)"))
