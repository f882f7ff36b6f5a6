"""Intervals of what simulations estimate."""
