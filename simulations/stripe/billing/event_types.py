"""The types of Stripe's events about billing that the simulated Stripe sends.

Source: Stripe API reference, "Types of events".
"""

from __future__ import annotations

BILLING_EVENT_TYPES = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.trial_will_end",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.updated",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.updated",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "invoice_payment.paid",
    "setup_intent.created",
    "setup_intent.requires_action",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
    "payment_method.attached",
    "payment_method.detached",
    "credit_note.created",
    "test_helpers.test_clock.created",
    "test_helpers.test_clock.advancing",
    "test_helpers.test_clock.ready",
    "test_helpers.test_clock.deleted",
)
"""All of them.

Stripe sends more: `invoice.upcoming` some days before a renewal, `invoice.overdue`, `invoice.will_be_due`, and
`billing.meter.created` with its like."""
