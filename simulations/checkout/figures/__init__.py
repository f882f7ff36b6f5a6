"""Figures of the checkout: fault map, lost answers, state and sequence diagrams, timelines."""
