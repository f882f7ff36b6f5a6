"""Subscriptions that have got somewhere, and what Stripe holds for them."""

from __future__ import annotations

from payflows.subscriptions.model import Subscription
from simulations.subscriptions.scripted_merchant import ScriptedMerchant


def paid_renewal(merchant: ScriptedMerchant) -> Subscription:
    """A subscription that has been renewed once."""
    subscription = merchant.subscribe()
    merchant.pass_time(days=32)
    return merchant.now(subscription)


def unpaid_renewal(merchant: ScriptedMerchant) -> Subscription:
    """A subscription whose card was empty when it was renewed."""
    subscription = merchant.subscribe()
    merchant.card_runs_empty(subscription)
    merchant.pass_time(days=33)
    return merchant.now(subscription)


def held(merchant: ScriptedMerchant) -> int:
    """What Stripe holds, in minor units."""
    return sum(movement.signed_minor for movement in merchant.stripe.movements)
