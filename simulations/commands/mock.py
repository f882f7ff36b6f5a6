"""`payflows mock`: stripe-mock, installed, found or run."""

from __future__ import annotations

from payflows.testing.stripe_mock.mock import declare, do

from simulations.commands.command import Command

COMMAND = Command(declare, do)
