"""Figures of the marketplace."""
