"""Stripe's HTTP API over the simulated Stripe, the faults of the wire, and universes whose checkout speaks the SDK.

Unlike the rest of the simulations this needs the extra `stripe`.
"""
