"""Stripe's own events: what an account tells of a change. Which change sends which is said in `account` and `people`.

Sources: Stripe API reference, "The Event object" and "Types of events"; docs.stripe.com/changelog/acacia/2024-10-28
(`refund.created`, `refund.updated` and `refund.failed` for all refunds). How they reach us is in `webhooks`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, cast

from simulations.stripe.returns import Json

API_VERSION = "2026-10-28.endive"
"""The version in which an object is told: the one that Stripe's SDK 16.1 pins."""

EVENT_TYPES = (
    "payment_intent.created",
    "payment_intent.requires_action",
    "payment_intent.processing",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.pending",
    "charge.succeeded",
    "charge.failed",
    "charge.captured",
    "charge.expired",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "refund.created",
    "refund.updated",
    "refund.failed",
)
"""All that the simulated Stripe sends.

Stripe sends more, with nothing new in them for us: `charge.updated`, `charge.refund.updated`, `charge.dispute.updated`.
An updated object's `previous_attributes`, and the `request` that caused a change, are left out too."""


class StripeObject(Protocol):
    """Whatever the API could answer."""

    def to_stripe(self) -> Json:
        """As it is at this moment."""
        ...


News = Mapping[str, StripeObject]
"""Type of event -> the object that it tells of, in the order in which Stripe tells."""


class StripeEvent(NamedTuple):
    """One change of one object, in words that never change again.

    Attributes:
        id: derived, never drawn: the payment's first event has the same id in every run.
        type: one of `EVENT_TYPES`.
        created: when, in Unix seconds.
        payment_id: of which payment.
        body: the event as it is posted, compact JSON.
    """

    id: str
    type: str
    created: int
    payment_id: str
    body: bytes

    @classmethod
    def telling(cls, type: str, told_of: StripeObject, *, id: str, created: int, payment_id: str) -> StripeEvent:
        """An event with the object as it is now."""
        words = {
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": created,
            "data": {"object": told_of.to_stripe()},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": type,
        }
        return cls(id, type, created, payment_id, _compact(words).encode())

    def to_stripe(self) -> dict[str, Any]:
        """As the API would answer it."""
        return cast(dict[str, Any], json.loads(self.body))

    def with_words(self, id_ending: str, words: Json) -> StripeEvent:
        """Another event, which says the same but for these words."""
        changed = self.id + id_ending
        return self._replace(id=changed, body=_compact(self.to_stripe() | {"id": changed} | words).encode())


_compact = json.JSONEncoder(separators=(",", ":")).encode
