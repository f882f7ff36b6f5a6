"""Which of Stripe's event types are of use, and what each is about. Names only, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class SubjectPlace(NamedTuple):
    """Where a Stripe object names what is to be read.

    Attributes:
        kind: of what is to be read.
        field: of the object that holds its id.
    """

    kind: str
    field: str


PAYMENT = "payment"

SUBJECT_PLACES: Mapping[str, SubjectPlace] = {
    "payment_intent": SubjectPlace(PAYMENT, "id"),
    "charge": SubjectPlace(PAYMENT, "payment_intent"),
    "refund": SubjectPlace(PAYMENT, "payment_intent"),
    "dispute": SubjectPlace(PAYMENT, "payment_intent"),
}
"""By the kind of Stripe object that a webhook carries."""

OBJECT_OF: Mapping[str, str] = {
    "payment_intent.processing": "payment_intent",
    "payment_intent.requires_action": "payment_intent",
    "payment_intent.amount_capturable_updated": "payment_intent",
    "payment_intent.succeeded": "payment_intent",
    "payment_intent.payment_failed": "payment_intent",
    "payment_intent.canceled": "payment_intent",
    "charge.refunded": "charge",
    "refund.created": "refund",
    "refund.updated": "refund",
    "refund.failed": "refund",
    "charge.dispute.created": "dispute",
    "charge.dispute.updated": "dispute",
    "charge.dispute.funds_withdrawn": "dispute",
    "charge.dispute.funds_reinstated": "dispute",
    "charge.dispute.closed": "dispute",
}
"""The kind of Stripe object that each event type carries, spelt as Stripe spells them. Any other type is ignored."""
