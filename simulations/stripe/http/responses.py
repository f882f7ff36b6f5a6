"""What Stripe answers over HTTP: a status and a body, be it an object, a list or an error. When, is said in `api`.

Source: Stripe API reference, "Errors", "Pagination" and "Search"; docs.stripe.com/error-codes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from payflows.errors import CallRejected, OutcomeUnknown, PayflowsError, PaymentDeclined

from simulations.stripe.core.errors import (
    AccountInvalid,
    InvalidRequest,
    KeyInUse,
    OtherParameters,
    TooManyRequests,
    Unauthorised,
    message_of,
)
from simulations.stripe.core.events import Json

_IN_AN_ERROR = ("payment_intent", "setup_intent")


class Response(NamedTuple):
    """What is sent back, and kept under the key.

    Attributes:
        status: of HTTP.
        body: the object in JSON.
        request_id: of the request that was executed; None where none was.
    """

    status: int
    body: bytes
    request_id: str | None = None


def response(content: Json, status: int = 200) -> Response:
    """Answer with an object as it is at this moment."""
    return Response(status, json.dumps(content).encode())


def page(url: str, found: Sequence[Json], limit: int) -> Json:
    """Return the first page of a list."""
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": list(found[:limit])}


def search_page(url: str, found: Sequence[Json], limit: int) -> Json:
    """Return the first page of a search."""
    return page(url, found, limit) | {"object": "search_result", "next_page": None}


def error_response(error: PayflowsError, subject: Json | None = None) -> Response:
    """Answer with the error in Stripe's own form.

    Args:
        error: what came of the call.
        subject: the object that the call was about, where Stripe shows it.
    """
    content: Json = {"message": str(error)}
    match error:
        case PaymentDeclined():
            content = {"code": error.code, "message": message_of(error.code), "charge": error.charge_id}
            return _error(402, "card_error", content | {"decline_code": error.decline_code}, subject)
        case OtherParameters():
            return _error(400, "idempotency_error", content)
        case KeyInUse():
            return _error(409, "idempotency_error", content | {"code": "idempotency_key_in_use"})
        case AccountInvalid():
            return _error(403, "invalid_request_error", {"message": error.message, "code": error.code})
        case CallRejected():
            param = error.param if isinstance(error, InvalidRequest) else None
            named: Json = {"message": error.message, "code": error.code, "param": param}
            return _error(400, "invalid_request_error", named, subject)
        case Unauthorised():
            return _error(401, "invalid_request_error", {"message": "Invalid API Key provided"})
        case TooManyRequests():
            return _error(429, "invalid_request_error", content | {"code": "rate_limit"})
        case OutcomeUnknown():
            return _error(500, "api_error", content)
    raise error


def not_found(message: str, code: str | None = None, param: str | None = None) -> Response:
    """Answer that there is no such object, or no such URL."""
    return _error(404, "invalid_request_error", {"message": message, "code": code, "param": param})


def _error(status: int, kind: str, content: Json, subject: Json | None = None) -> Response:
    """Leave out what is None, as Stripe does; of objects those are shown that have a name in an error."""
    shown = {"type": kind} | content
    if subject is not None and subject["object"] in _IN_AN_ERROR:
        shown[str(subject["object"])] = subject
    return response({"error": {name: value for name, value in shown.items() if value is not None}}, status)
