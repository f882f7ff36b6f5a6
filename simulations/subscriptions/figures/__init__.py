"""Figures of subscriptions: the state diagram."""
