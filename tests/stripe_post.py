"""Webhooks as Stripe posts them: signed, and full of what an inbox has no business to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from payflows.kernel.inbox import Inbox, OnSubject
from payflows.kernel.queue_item import ItemStatus
from payflows.kernel.store import Store
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint, WebhookSettings
from payflows.stripe.webhooks.response import WebhookResponse
from payflows.stripe.webhooks.signature import WebhookSecret
from simulations.time.world import World

Json = dict[str, Any]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CREATED = int(NOW.timestamp()) - 2
API_VERSION = "2026-10-28.endive"

SECRET_TEXT = "whsec_" + "onlyForTests" * 3
OTHER_SECRET_TEXT = "whsec_" + "anotherOneForTests" * 2
SECRET, OTHER_SECRET = WebhookSecret(SECRET_TEXT), WebhookSecret(OTHER_SECRET_TEXT)
SETTINGS = WebhookSettings(secrets=(SECRET,), api_version=API_VERSION)

EMAIL, CARD, STREET, PERSON, PHONE = "canary@example.com", "424242", "1 Canary Row", "Connie Canary", "+15550100"
AMOUNT = 1_234_567
CANARIES = (EMAIL, "canary@", CARD, STREET, PERSON, PHONE, str(AMOUNT))
"""What no entry, answer, log line or error text may hold."""

_PERSON: Json = {
    "address": {
        "city": "Aviary",
        "country": "US",
        "line1": STREET,
        "line2": None,
        "postal_code": "94110",
        "state": "CA",
    },
    "email": EMAIL,
    "name": PERSON,
    "phone": PHONE,
    "tax_id": None,
}


def payment_intent(**other: object) -> Json:
    return {
        "id": "pi_3QaB1c2eZvKYlo2C0aBcDeFg",
        "object": "payment_intent",
        "amount": AMOUNT,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": AMOUNT,
        "application": None,
        "automatic_payment_methods": {"allow_redirects": "never", "enabled": True},
        "canceled_at": None,
        "capture_method": "manual",
        "client_secret": "pi_3QaB1c2eZvKYlo2C0aBcDeFg_secret_canary",
        "confirmation_method": "automatic",
        "created": CREATED - 60,
        "currency": "usd",
        "customer": "cus_RabcDEFghi1234",
        "description": f"order of {PERSON}",
        "last_payment_error": {"payment_method": {"billing_details": _PERSON, "card": {"iin": CARD, "last4": "4242"}}},
        "latest_charge": "ch_3QaB1c2eZvKYlo2C0hIjKlMn",
        "livemode": False,
        "metadata": {"order_id": "ord_1"},
        "next_action": None,
        "payment_method": "pm_1QaB1c2eZvKYlo2CxYzAbCdE",
        "payment_method_configuration_details": {"id": "pmc_1QaB1c2eZvKYlo2C", "parent": None},
        "payment_method_options": {"card": {"installments": None, "mandate_options": None, "network": None}},
        "receipt_email": EMAIL,
        "shipping": {"address": _PERSON["address"], "name": PERSON, "phone": PHONE},
        "statement_descriptor": None,
        "status": "succeeded",
        **other,
    }


def charge(**other: object) -> Json:
    return {
        "id": "ch_3QaB1c2eZvKYlo2C0hIjKlMn",
        "object": "charge",
        "amount": AMOUNT,
        "billing_details": _PERSON,
        "payment_intent": "pi_3QaB1c2eZvKYlo2C0aBcDeFg",
        "refunded": True,
        **other,
    }


def refund(**other: object) -> Json:
    payment = {"payment_intent": "pi_3QaB1c2eZvKYlo2C0aBcDeFg"}
    return {"id": "re_3QaB1c2eZvKYlo2C0oPqRsTu", "object": "refund", "amount": AMOUNT, **payment, **other}


def dispute(**other: object) -> Json:
    payment = {"payment_intent": "pi_3QaB1c2eZvKYlo2C0aBcDeFg", "evidence": {"customer_name": PERSON}}
    return {"id": "du_1QaB1c2eZvKYlo2CvWxYzAbC", "object": "dispute", "amount": AMOUNT, **payment, **other}


ABOUT = {"payment_intent": payment_intent(), "charge": charge(), "refund": refund(), "dispute": dispute()}
"""Each kind of object that we are told of."""


def event(type: object = "payment_intent.succeeded", about: object = None, **other: object) -> Json:
    """An event of Stripe's; what is given by name replaces what it says, also where it makes it wrong."""
    return {
        "id": "evt_3QaB1c2eZvKYlo2C0vWxYzAb",
        "object": "event",
        "api_version": API_VERSION,
        "created": CREATED,
        "data": {"object": payment_intent() if about is None else about},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": "req_AbCdEfGhIjKlMn", "idempotency_key": "ord_1:capture:1"},
        "type": type,
        **other,
    }


def without(*names: str) -> Json:
    """An event in which these are missing."""
    return {name: said for name, said in event().items() if name not in names}


def body_of(told: object) -> bytes:
    """JSON laid out as Stripe lays it out."""
    return json.dumps(told, indent=2).encode()


def signed(raw_body: bytes, *, by: WebhookSecret = SECRET, at: datetime = NOW) -> dict[str, str]:
    """The request's headers."""
    seconds = int(at.timestamp())
    return headers_with(f"t={seconds},v1={by.signature(seconds, raw_body)}")


def headers_with(signature: str) -> dict[str, str]:
    return {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}


def seconds_from_now(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def nothing_to_do(payment_id: str) -> None:
    """Looks at no payment."""


def receive(
    raw_body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    store: Store | None = None,
    settings: WebhookSettings = SETTINGS,
    now: datetime = NOW,
) -> WebhookResponse:
    """What the endpoint answers to a body, signed where no headers are given."""
    endpoint = endpoint_of(store or InMemoryStore(), nothing_to_do, settings)
    return World().run(endpoint.receive(raw_body, signed(raw_body) if headers is None else headers, now))


def endpoint_of(store: Store, look: OnSubject, settings: WebhookSettings = SETTINGS) -> WebhookEndpoint:
    """An endpoint whose inbox has payments looked at."""
    return WebhookEndpoint(Inbox(store=store, clock=World(NOW), handlers={"payment": [look]}), settings)


def stored(table: WebhookTable) -> list[WebhookEntry]:
    """All that is in a table."""
    return [entry for status in ItemStatus for entry in World().run(table.webhooks(status))]
