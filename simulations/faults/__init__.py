"""Faults as data, universes in which they strike, and the search for one that breaks a promise."""
