"""The incident museum: what the exhibits of all businesses have in common."""
