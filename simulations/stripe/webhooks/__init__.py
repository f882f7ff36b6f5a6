"""How the simulated Stripe's events reach an endpoint, whatever object they are about."""
