"""Webhooks as Stripe posts them: signed, and full of what an inbox must not keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from payflows.kernel.inbox import WEBHOOKS, Inbox, OnSubject, Webhook
from payflows.kernel.queue_item import WebhookSubject
from payflows.kernel.store import Store
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint, WebhookSettings
from payflows.stripe.webhooks.event_types import SUBJECT_PLACES
from payflows.stripe.webhooks.response import WebhookResponse
from payflows.stripe.webhooks.signature import WebhookSecret
from simulations.time.world import World
from tests import stripe_billing_json, stripe_json
from tests.stripe_json import CARD, Json, charge, dispute, refund

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CREATED = int(NOW.timestamp()) - 2
API_VERSION = "2026-10-28.endive"

SECRET_TEXT = "whsec_" + "onlyForTests" * 3
OTHER_SECRET_TEXT = "whsec_" + "anotherOneForTests" * 2
SECRET, OTHER_SECRET = WebhookSecret(SECRET_TEXT), WebhookSecret(OTHER_SECRET_TEXT)
SETTINGS = WebhookSettings(secrets=(SECRET,))

AMOUNT = 1_234_567
CANARIES = (*stripe_json.CANARIES, CARD[:6], "canary@", str(AMOUNT))
"""What no entry, answer, log line or error text may hold."""


def payment_intent(**other: object) -> Json:
    """A payment intent that tells as much as one can."""
    card = {"billing_details": stripe_json.PERSON, "card": {"iin": CARD[:6], "last4": CARD[-4:]}}
    shown = {"amount": AMOUNT, "amount_received": AMOUNT, "last_payment_error": {"payment_method": card}}
    return stripe_json.paid_intent(**(shown | {"latest_charge": "ch_1"} | other))


ABOUT = {
    "payment_intent": payment_intent(),
    "charge": charge(amount=AMOUNT, refunded=True),
    "refund": refund(amount=AMOUNT),
    "dispute": dispute(amount=AMOUNT),
    "subscription": stripe_billing_json.subscription(),
    "invoice": stripe_billing_json.invoice(amount_due=AMOUNT),
    "account": {"id": "acct_1", "object": "account", "email": stripe_json.PERSON["email"]},
    "capability": {"id": "transfers", "object": "capability", "account": "acct_1", "owner": stripe_json.PERSON},
    "application": {"id": "ca_1", "object": "application", "owner": stripe_json.PERSON},
    "payout": {"id": "po_1", "object": "payout", "amount": AMOUNT},
    "transfer": {"id": "tr_1", "object": "transfer", "amount": AMOUNT, "transfer_group": "sale_1"},
    "application_fee": {
        "id": "fee_1",
        "object": "application_fee",
        "amount": AMOUNT,
        "originating_transaction": "ch_1",
    },
}
"""Each kind of object that webhooks are about."""

SUBJECTS = {
    "subscription": WebhookSubject("", "subscription", "sub_1"),
    "invoice": WebhookSubject("", "invoice", "in_1"),
    "account": WebhookSubject("", "account", "acct_1"),
    "capability": WebhookSubject("", "account", "acct_1"),
    "payout": WebhookSubject("", "payout", "po_1"),
    "transfer": WebhookSubject("", "transfer_group", "sale_1"),
    "application_fee": WebhookSubject("", "charge", "ch_1"),
}
"""What is to be read about an object that is not a payment, or a part of one."""


def event(type: object = "payment_intent.succeeded", about: object = None, **other: object) -> Json:
    """An event of Stripe's; what is given by name replaces what it says, also where it makes it wrong."""
    return {
        "id": "evt_1",
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


def body_of(content: object) -> bytes:
    """JSON laid out as Stripe lays it out."""
    return json.dumps(content, indent=2).encode()


def signed(raw_body: bytes, *, by: WebhookSecret = SECRET, at: datetime = NOW) -> dict[str, str]:
    """The request's headers."""
    seconds = int(at.timestamp())
    return headers_with(f"t={seconds},v1={by.signature(seconds, raw_body)}")


def headers_with(signature: str) -> dict[str, str]:
    return {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}


def seconds_from_now(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def nothing_to_do(subject_id: str) -> None:
    """Looks at nothing."""


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
    """An endpoint whose inbox has the subjects of all kinds looked at."""
    handlers = {place.kind: [look] for place in SUBJECT_PLACES.values()}
    return WebhookEndpoint(Inbox(store=store, clock=World(NOW), handlers=handlers), settings)


def stored(store: InMemoryStore) -> list[Webhook]:
    """Return all webhooks that a store keeps."""
    return list(store.all_entries(WEBHOOKS))
