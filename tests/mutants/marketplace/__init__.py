"""Bugs planted in the marketplace."""
