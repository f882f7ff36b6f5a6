"""The marketplace: vendors sell through a platform, which keeps a fee and owes them the rest."""
