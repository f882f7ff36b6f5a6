"""What Stripe answers over HTTP: a status and a body, be it an object, a list or an error. When, is said in `api`.

Source: Stripe API reference, "Errors", "Pagination" and "Search"; docs.stripe.com/error-codes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from payflows.errors import CallRejected, OutcomeUnknown, PayflowsError, PaymentDeclined

from simulations.stripe.cards import message_of
from simulations.stripe.objects import PaymentIntent
from simulations.stripe.returns import Json
from simulations.stripe.troubles import KeyInUse, OtherParameters, TooManyRequests


class Answer(NamedTuple):
    """What is sent back, and kept under the key."""

    status: int
    body: bytes


def answer(told: Json, status: int = 200) -> Answer:
    """An object as it is at this moment."""
    return Answer(status, json.dumps(told).encode())


def page(url: str, found: Sequence[Json], limit: int) -> Json:
    """The first page of a list."""
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": list(found[:limit])}


def search_page(url: str, found: Sequence[Json], limit: int) -> Json:
    """The first page of a search."""
    return page(url, found, limit) | {"object": "search_result", "next_page": None}


def refusal(error: PayflowsError, intent: PaymentIntent | None = None) -> Answer:
    """The error in Stripe's own form.

    Args:
        error: what came of the call.
        intent: the payment that it was about, where Stripe shows it.
    """
    told: Json = {"message": str(error)}
    match error:
        case PaymentDeclined():
            told = {"code": error.code, "message": message_of(error.code), "charge": error.charge_id}
            return _error(402, "card_error", told | {"decline_code": error.decline_code}, intent)
        case OtherParameters():
            return _error(400, "idempotency_error", told)
        case KeyInUse():
            return _error(409, "idempotency_error", told | {"code": "idempotency_key_in_use"})
        case CallRejected():
            return _error(400, "invalid_request_error", {"message": error.message, "code": error.code}, intent)
        case TooManyRequests():
            return _error(429, "invalid_request_error", told | {"code": "rate_limit"})
        case OutcomeUnknown():
            return _error(500, "api_error", told)
    raise error


def missing(what: str, code: str | None = None) -> Answer:
    """There is no such object, or no such place."""
    return _error(404, "invalid_request_error", {"message": what, "code": code})


def _error(status: int, kind: str, told: Json, intent: PaymentIntent | None = None) -> Answer:
    """Stripe leaves out what it has nothing to say of."""
    shown = {"type": kind} | told | {"payment_intent": intent.to_stripe() if intent is not None else None}
    return answer({"error": {name: value for name, value in shown.items() if value is not None}}, status)
