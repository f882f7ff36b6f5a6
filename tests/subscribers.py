"""Subscriptions that have got somewhere, and what Stripe holds for them."""

from __future__ import annotations

from typing import Any

from payflows.subscriptions.billing import CHANGE
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plans import Plan
from payflows.subscriptions.policy import PausePolicy, SubscriptionPolicy
from simulations.subscriptions.catalogue import ADA, CALLS
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


HALF_A_MONTH = 15.5
"""Of the days of January, in which every merchant begins."""


def on(merchant: ScriptedMerchant, plan: Plan, **terms: Any) -> Subscription:
    """A subscription in the middle of its first month."""
    subscription = merchant.subscribe(plan=plan, **terms)
    merchant.pass_time(days=HALF_A_MONTH)
    return merchant.now(subscription)


def changed(merchant: ScriptedMerchant, subscription: Subscription, plan: Plan, **terms: Any) -> Subscription:
    """The same once another plan was looked at, and confirmed."""
    return merchant.change_plan(subscription, merchant.preview(subscription, plan, **terms))


def of_changes(merchant: ScriptedMerchant, subscription: Subscription) -> list[Invoice]:
    return [each for each in merchant.invoices(subscription) if each.billing_reason == CHANGE]


def half(plan: Plan) -> int:
    """What half of a month costs, to the minor unit: all prices here are even, and little time has passed beside."""
    return plan.amount.minor // 2


def usage_at_stripe(merchant: ScriptedMerchant) -> list[int]:
    """The quantities that Stripe has counted, or is to count."""
    return [record.usage.quantity for record in merchant.stripe.usage_of(ADA.stripe_customer_id or "", CALLS.meter)]


def merchant_who(pauses: PausePolicy) -> ScriptedMerchant:
    """One who pauses so."""
    return ScriptedMerchant(policy=SubscriptionPolicy(pause=pauses))


def in_its_month(merchant: ScriptedMerchant, days: float = 10) -> Subscription:
    """A subscription, some days after its first payment."""
    subscription = merchant.subscribe()
    merchant.pass_time(days=days)
    return merchant.now(subscription)
