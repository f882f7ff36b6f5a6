"""Connect at the simulated Stripe: vendors' accounts, split charges, transfers, balances, payouts."""
