"""The commands of `python -m simulations`, a module each. What they call stands elsewhere."""
