"""stripe-mock: found, built, started with fixtures, and stopped."""
