"""Contracts for people who bring their own gateway or store, and stripe-mock."""

from payflows.testing.billing_contract import check_billing_gateway
from payflows.testing.connect_contract import check_marketplace_gateway
from payflows.testing.gateway_contract import check_gateway
from payflows.testing.store_contract import check_store

__all__ = ["check_billing_gateway", "check_gateway", "check_marketplace_gateway", "check_store"]
