"""Everything that speaks to Stripe: the gateway over the official SDK, and stripe-mock to try it on."""
