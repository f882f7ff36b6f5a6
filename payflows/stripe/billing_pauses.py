"""Pauses of subscriptions and of their collection, and reports of usage, at Stripe, on the official SDK."""

from __future__ import annotations

from datetime import datetime

import stripe

from payflows.checks import aware
from payflows.errors import CallRejected
from payflows.stripe.billing_changes import SUBSCRIPTION
from payflows.stripe.billing_mapping import subscription_of, usage_id_of
from payflows.stripe.calls import ask
from payflows.stripe.errors import Asked
from payflows.subscriptions.billing import PausedCollection, StripeSubscription


class StripeBillingPauses:
    """The part of a `BillingGateway` that pauses, resumes, and reports usage.

    Args:
        client: the gateway's, with its connections and its key.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._pausable = client.v1.subscriptions
        self._meter_events = client.v1.billing.meter_events

    async def pause_collection(
        self, stripe_subscription_id: str, *, paused: PausedCollection, key: str
    ) -> StripeSubscription:
        """Have the invoices that it makes from now on not collected."""
        how: stripe.params.SubscriptionUpdateParamsPauseCollection = {"behavior": paused.behavior.value}
        if paused.resumes_at is not None:
            how["resumes_at"] = int(paused.resumes_at.timestamp())
        call = self._pausable.update_async(
            stripe_subscription_id, {"pause_collection": how, "expand": SUBSCRIPTION}, {"idempotency_key": key}
        )
        return await ask(Asked("pause_collection", stripe_subscription_id), call, subscription_of)

    async def resume_collection(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """Have its invoices collected again."""
        call = self._pausable.update_async(
            stripe_subscription_id, {"pause_collection": "", "expand": SUBSCRIPTION}, {"idempotency_key": key}
        )
        return await ask(Asked("resume_collection", stripe_subscription_id), call, subscription_of)

    async def pause_subscription(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """Pause it, by Stripe's defaults. stripe-mock has no such call: `MerchantMisconfigured`."""
        call = self._pausable.pause_async(stripe_subscription_id, {"expand": SUBSCRIPTION}, {"idempotency_key": key})
        return await ask(Asked("pause_subscription", stripe_subscription_id), call, subscription_of)

    async def resume_subscription(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """Make the invoice with which it begins again, by Stripe's defaults: a new period, and nothing is charged."""
        call = self._pausable.resume_async(stripe_subscription_id, {"expand": SUBSCRIPTION}, {"idempotency_key": key})
        return await ask(Asked("resume_subscription", stripe_subscription_id), call, subscription_of)

    async def report_usage(
        self, usage_id: str, *, stripe_customer_id: str, meter: str, quantity: int, used_at: datetime, key: str
    ) -> str:
        """Report usage under our id. What is no quantity is not sent."""
        if type(quantity) is not int or quantity < 0:
            raise CallRejected(f"a quantity of usage is a whole number from 0 on, got {quantity!r}")
        aware("used_at", used_at)
        call = self._meter_events.create_async(
            {
                "event_name": meter,
                "identifier": usage_id,
                "payload": {"stripe_customer_id": stripe_customer_id, "value": str(quantity)},
                "timestamp": int(used_at.timestamp()),
            },
            {"idempotency_key": key},
        )
        return await ask(Asked("report_usage", usage_id), call, usage_id_of)
