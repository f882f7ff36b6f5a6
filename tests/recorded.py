"""Answers of Stripe's API as recorded from its documentation and its SDKs' own fixtures, with people made up.

Every body carries canaries, a name, an e-mail and a card number, where Stripe's carries such things: none of them may
ever come out of the gateway.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import httpx
import pytest

from payflows.errors import PayflowsError
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.keys import ApiKey

Json = dict[str, object]
Answer = Callable[[httpx.Request], httpx.Response]

KEY = "sk_test_canaryOfTheKey"
NAME, EMAIL, CARD = "Jenny Canary", "jenny.canary@example.com", "4242424242424242"
CANARIES = (KEY, "canaryOfTheKey", NAME, EMAIL, CARD)


def charge(**fields: object) -> Json:
    people = {"billing_details": {"name": NAME, "email": EMAIL}, "receipt_email": EMAIL}
    base: Json = {"id": "ch_1", "object": "charge", "amount": 4999, "amount_refunded": 0, "disputed": False}
    return base | people | fields


def intent(**fields: object) -> Json:
    base: Json = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 4999,
        "amount_received": 0,
        "currency": "usd",
        "client_secret": "pi_1_secret_canaryOfTheKey",
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {"order_id": "ord_1"},
        "receipt_email": EMAIL,
        "status": "requires_payment_method",
    }
    return base | fields


def paid_intent(**fields: object) -> Json:
    return intent(**({"status": "succeeded", "amount_received": 4999, "latest_charge": charge()} | fields))


def refund(**fields: object) -> Json:
    base: Json = {
        "id": "re_1",
        "object": "refund",
        "amount": 4999,
        "created": 1_700_000_000,
        "currency": "usd",
        "metadata": {"order_id": "ord_1"},
        "payment_intent": "pi_1",
        "status": "succeeded",
    }
    return base | fields


def error(kind: str, message: str, **fields: object) -> Json:
    return {"error": {"type": kind, "message": message, **fields}}


def page(*found: Json, more: bool = False, **fields: object) -> Json:
    return {"object": "list", "url": "/v1/refunds", "data": list(found), "has_more": more, **fields}


def search_page(*found: Json, more: bool = False, next_page: str | None = None) -> Json:
    url = "/v1/payment_intents/search"
    return page(*found, more=more) | {"object": "search_result", "url": url, "next_page": next_page}


DECLINE = error(
    "card_error",
    "Your card has insufficient funds.",
    code="card_declined",
    decline_code="insufficient_funds",
    charge="ch_declined",
    doc_url="https://stripe.com/docs/error-codes/card-declined",
    payment_intent=intent(
        latest_charge="ch_declined",
        last_payment_error={"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"},
    ),
)
AUTHENTICATION_REQUIRED = error(
    "card_error",
    "Your card was declined. This transaction requires authentication.",
    code="authentication_required",
    decline_code="authentication_required",
    payment_intent=intent(latest_charge=charge(id="ch_unauthenticated")),
)
BAD_PARAMETER = error(
    "invalid_request_error", f"Invalid email address: {EMAIL}", code="email_invalid", param="receipt_email"
)
CARD_SENT = error("invalid_request_error", f"No such PaymentMethod: '{CARD}'", code="resource_missing")
UNEXPECTED_STATE = error(
    "invalid_request_error",
    "You cannot cancel this PaymentIntent because it has a status of succeeded.",
    code="payment_intent_unexpected_state",
    payment_intent=paid_intent(),
)
OTHER_PARAMETERS = error(
    "idempotency_error",
    "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using "
    "a key other than 'ord_1:create:1' if you meant to execute a different request.",
)
KEY_IN_USE = error(
    "idempotency_error",
    "There is currently another in-progress request using this Idempotency Key.",
    code="idempotency_key_in_use",
)
WRONG_KEY = error("invalid_request_error", f"Invalid API Key provided: {KEY}")
FORBIDDEN = error("invalid_request_error", f"The provided key '{KEY}' does not have the required permissions.")
MISSING = error("invalid_request_error", "No such payment_intent: 'pi_1'", code="resource_missing", param="intent")
LOCKED = error(
    "invalid_request_error",
    "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.",
    code="lock_timeout",
)
RATE_LIMIT = error("invalid_request_error", "Request rate limit exceeded.", code="rate_limit")
BROKEN = error("api_error", f"Something went wrong on Stripe's end while charging {EMAIL}.")
PROXY_PAGE = f"<html><body><h1>502 Bad Gateway</h1>{NAME} {CARD}</body></html>"


def gateway_over(answer: Answer, *, timeout_seconds: float = 20) -> StripeGateway:
    """A gateway whose network is one function."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return StripeGateway(ApiKey(KEY), http=http, timeout_seconds=timeout_seconds)


def gateway_answering(status: int, body: Json | list[object] | str, **headers: str) -> StripeGateway:
    """A gateway to which Stripe always says the same."""
    content = body if isinstance(body, str) else json.dumps(body)
    sent = {"Request-Id": "req_1"} | headers
    return gateway_over(lambda _: httpx.Response(status, content=content, headers=sent))


async def confirm(gateway: StripeGateway) -> object:
    return await gateway.confirm_payment("pi_1", payment_method="pm_card_visa", key="ord_1:confirm-1:1")


async def capture(gateway: StripeGateway) -> object:
    return await gateway.capture_payment("pi_1", key="ord_1:capture:1")


async def cancel(gateway: StripeGateway) -> object:
    return await gateway.cancel_payment("pi_1", key="ord_1:cancel:1")


async def give_back(gateway: StripeGateway) -> object:
    return await gateway.refund_payment("pi_1", order_id="ord_1", key="ord_1:refund:1")


async def refunds(gateway: StripeGateway) -> object:
    return await gateway.list_refunds("pi_1", order_id="ord_1")


async def search(gateway: StripeGateway) -> object:
    return await gateway.search_payments("ord_1")


async def retrieve(gateway: StripeGateway) -> object:
    return await gateway.retrieve_payment("pi_1")


Call = Callable[[StripeGateway], Awaitable[object]]
CALLS: tuple[Call, ...] = (confirm, capture, cancel, give_back, refunds, search, retrieve)


async def error_of(call: Call, gateway: StripeGateway) -> PayflowsError:
    """What the call raises; there must be something."""
    with pytest.raises(PayflowsError) as caught:
        await call(gateway)
    return caught.value
