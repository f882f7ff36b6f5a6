"""Contracts for people who bring their own gateway or store, and stripe-mock."""
