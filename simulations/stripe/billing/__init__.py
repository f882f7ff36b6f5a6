"""Billing at the simulated Stripe: subscriptions, invoices and what belongs to them."""
