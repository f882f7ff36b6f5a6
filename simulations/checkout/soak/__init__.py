"""Shops that stay open for years under faults, checked every day."""
