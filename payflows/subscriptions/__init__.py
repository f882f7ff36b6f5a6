"""Subscriptions: Stripe bills and announces, the flow reads and converges, durable timers wake it."""
