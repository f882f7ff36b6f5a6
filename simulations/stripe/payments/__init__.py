"""Payment intents, their charges, refunds and disputes at the simulated Stripe."""
