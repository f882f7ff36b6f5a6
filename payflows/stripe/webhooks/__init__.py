"""Stripe's webhooks: signature, parsing, and the event types that are of use."""
