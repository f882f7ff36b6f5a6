"""The checkout under simulation: its stories, races, checkers, days and incidents."""
