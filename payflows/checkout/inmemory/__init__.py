"""An inventory and a carrier in memory, for notebooks, tests and simulations."""
