"""Stripe's HTTP API over the simulated Stripe, for the official SDK.

Unlike the rest of the simulations this needs the extra `stripe`.
"""
