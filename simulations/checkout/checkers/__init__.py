"""The invariants of a checkout: safety at every call, liveness on the way, and the final state."""
