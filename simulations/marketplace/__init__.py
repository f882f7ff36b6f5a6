"""The marketplace, simulated."""
