"""Soak: a shop in virtual time for years, in bad weather, with all that is finished checked and taken out every day."""
