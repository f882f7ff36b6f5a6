"""The types of Stripe's events about payments, refunds and disputes that the simulated Stripe sends.

Sources: Stripe API reference, "Types of events"; docs.stripe.com/changelog/acacia/2024-10-28 (`refund.created`,
`refund.updated` and `refund.failed` for all refunds).
"""

from __future__ import annotations

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
    "charge.dispute.updated",
    "charge.dispute.closed",
    "refund.created",
    "refund.updated",
    "refund.failed",
)
"""All of them.

Stripe sends more, with nothing new in them for us: `charge.updated`, `charge.refund.updated`.
An updated object's `previous_attributes`, and the `request` that caused a change, are left out too."""
