"""One Stripe account that three businesses share: one app, store, worker, inbox and webhook secret."""
