"""The types of Stripe's events about Connect that the simulated Stripe sends.

Sources: Stripe API reference, "Types of events"; docs.stripe.com/connect/webhooks.
"""

from __future__ import annotations

PLATFORM_EVENT_TYPES = (
    "transfer.created",
    "transfer.reversed",
    "application_fee.created",
    "application_fee.refunded",
)
"""To the platform's own endpoint, beside those of payments."""

CONNECTED_EVENT_TYPES = (
    "account.updated",
    "account.application.deauthorized",
    "capability.updated",
    "payout.created",
    "payout.paid",
    "payout.failed",
)
"""To the Connect endpoint; each names its account."""
