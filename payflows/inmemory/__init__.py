"""Inventory, carrier and mailer in memory, for notebooks, tests and simulations. They keep what their ports promise."""
