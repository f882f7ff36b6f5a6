"""What every resource of the simulated Stripe shares: account, keys, events, faults, time and ledger."""
