"""Which of Stripe's event types a checkout listens to, and where each names its payment. Names only, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from payflows.kernel.messages import EventType


class StripeEventType(NamedTuple):
    """What one of Stripe's event types is to the business.

    Attributes:
        means: the business event that the flow tells of, where the payment as read from Stripe bears it out.
        about: the kind of Stripe object that the webhook carries.
    """

    means: EventType
    about: str


PAYMENT_ID_PLACES: Mapping[str, str] = {
    "payment_intent": "id",
    "charge": "payment_intent",
    "refund": "payment_intent",
    "dispute": "payment_intent",
}
"""Kind of Stripe object, and the field of it that names the payment."""

STRIPE_EVENT_TYPES: Mapping[str, StripeEventType] = {
    "payment_intent.processing": StripeEventType(EventType.PAYMENT_PROCESSING, "payment_intent"),
    "payment_intent.requires_action": StripeEventType(EventType.PAYMENT_ACTION_REQUIRED, "payment_intent"),
    "payment_intent.amount_capturable_updated": StripeEventType(EventType.PAYMENT_AUTHORISED, "payment_intent"),
    "payment_intent.succeeded": StripeEventType(EventType.PAYMENT_SUCCEEDED, "payment_intent"),
    "payment_intent.payment_failed": StripeEventType(EventType.PAYMENT_DECLINED, "payment_intent"),
    "payment_intent.canceled": StripeEventType(EventType.PAYMENT_FAILED, "payment_intent"),
    "charge.refunded": StripeEventType(EventType.PAYMENT_REFUNDED, "charge"),
    "refund.created": StripeEventType(EventType.PAYMENT_REFUNDED, "refund"),
    "refund.updated": StripeEventType(EventType.PAYMENT_REFUNDED, "refund"),
    "refund.failed": StripeEventType(EventType.PAYMENT_REFUND_FAILED, "refund"),
    "charge.dispute.created": StripeEventType(EventType.PAYMENT_DISPUTED, "dispute"),
    "charge.dispute.updated": StripeEventType(EventType.PAYMENT_DISPUTED, "dispute"),
    "charge.dispute.funds_withdrawn": StripeEventType(EventType.PAYMENT_DISPUTED, "dispute"),
    "charge.dispute.funds_reinstated": StripeEventType(EventType.PAYMENT_DISPUTED, "dispute"),
    "charge.dispute.closed": StripeEventType(EventType.PAYMENT_DISPUTED, "dispute"),
}
"""Stripe's names, spelt as Stripe spells them. A webhook of any other type is ignored."""
