"""Bugs planted in subscriptions."""
