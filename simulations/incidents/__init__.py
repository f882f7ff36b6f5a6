"""The incident museum: what its exhibits have in common, whatever business they are about."""
