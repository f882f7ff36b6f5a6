"""A simulated year of subscribers: who signs up, what they do, its tables, measures and figures."""
