"""Subscriptions in simulations: searched for faults, and lived through for years."""
