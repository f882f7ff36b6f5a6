"""Objects and errors as Stripe's API and webhooks lay them out, full of people made up.

Every body carries canaries, a name, an e-mail, an address, a card number, where Stripe's carries such things: none of
them may ever come out of the gateway or the inbox.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

KEY = "sk_test_canaryOfTheKey"
NAME, EMAIL, CARD = "Jenny Canary", "jenny.canary@example.com", "4242424242424242"
STREET, PHONE = "1 Canary Row", "+15550100"
CANARIES = (KEY, "canaryOfTheKey", NAME, EMAIL, CARD, STREET, PHONE)

ADDRESS: Json = {
    "city": "Aviary",
    "country": "US",
    "line1": STREET,
    "line2": None,
    "postal_code": "94110",
    "state": "CA",
}
PERSON: Json = {"address": ADDRESS, "email": EMAIL, "name": NAME, "phone": PHONE, "tax_id": None}


def payment_intent(**fields: object) -> Json:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 4999,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "automatic_payment_methods": {"allow_redirects": "never", "enabled": True},
        "canceled_at": None,
        "capture_method": "manual",
        "client_secret": "pi_1_secret_canaryOfTheKey",
        "confirmation_method": "automatic",
        "created": 1_700_000_000,
        "currency": "usd",
        "customer": "cus_1",
        "description": f"order of {NAME}",
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {"order_id": "ord_1"},
        "next_action": None,
        "payment_method": "pm_1",
        "payment_method_configuration_details": {"id": "pmc_1", "parent": None},
        "payment_method_options": {"card": {"installments": None, "mandate_options": None, "network": None}},
        "receipt_email": EMAIL,
        "shipping": {"address": ADDRESS, "name": NAME, "phone": PHONE},
        "statement_descriptor": None,
        "status": "requires_payment_method",
        **fields,
    }


def paid_intent(**fields: object) -> Json:
    return payment_intent(**({"status": "succeeded", "amount_received": 4999, "latest_charge": charge()} | fields))


def charge(**fields: object) -> Json:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 4999,
        "amount_refunded": 0,
        "billing_details": PERSON,
        "disputed": False,
        "payment_intent": "pi_1",
        "receipt_email": EMAIL,
        "refunded": False,
        **fields,
    }


def refund(**fields: object) -> Json:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 4999,
        "created": 1_700_000_000,
        "currency": "usd",
        "metadata": {"order_id": "ord_1"},
        "payment_intent": "pi_1",
        "status": "succeeded",
        **fields,
    }


def dispute(**fields: object) -> Json:
    return {
        "id": "dp_1",
        "object": "dispute",
        "amount": 4999,
        "balance_transactions": [],
        "created": 1_700_000_000,
        "currency": "usd",
        "evidence": {"customer_name": NAME},
        "payment_intent": "pi_1",
        "status": "needs_response",
        **fields,
    }


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
    payment_intent=payment_intent(
        latest_charge="ch_declined",
        last_payment_error={"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"},
    ),
)
AUTHENTICATION_REQUIRED = error(
    "card_error",
    "Your card was declined. This transaction requires authentication.",
    code="authentication_required",
    decline_code="authentication_required",
    payment_intent=payment_intent(latest_charge=charge(id="ch_unauthenticated")),
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
