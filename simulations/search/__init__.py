"""The fault search: plans, universes, storms, interleavings, shrinking and replay."""
