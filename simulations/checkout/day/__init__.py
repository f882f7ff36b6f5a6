"""A simulated day of a shop: its customers, its tables and its figures."""
