"""What each API call about pauses and usage does once it is executed. Rules: `pausing`, `collecting`, `meters`."""

from __future__ import annotations

from datetime import datetime

from payflows.subscriptions.billing import PausedCollection, StripeSubscription

from simulations.stripe.billing.meters import Usage
from simulations.stripe.billing.rules import BillingRules


class PausesApi:
    """The API's work. An `InvalidRequest` comes before execution, other errors are its result.

    Args:
        rules: what may happen, and to what.
    """

    def __init__(self, rules: BillingRules) -> None:
        self._rules = rules
        self._book = rules.book

    def pause_collection(self, stripe_subscription_id: str, paused: PausedCollection) -> StripeSubscription:
        """Have the invoices that it makes from now on not collected."""
        subscription = self._book.changeable(stripe_subscription_id)
        self._rules.pausing.pause_collection(subscription, paused)
        return subscription.as_subscription()

    def resume_collection(self, stripe_subscription_id: str) -> StripeSubscription:
        """Have its invoices collected again."""
        subscription = self._book.changeable(stripe_subscription_id)
        self._rules.pausing.resume_collection(subscription)
        return subscription.as_subscription()

    def pause_subscription(self, stripe_subscription_id: str) -> StripeSubscription:
        """Pause it now."""
        subscription = self._book.subscriptions.find(stripe_subscription_id)
        self._rules.pausing.pause(subscription)
        return subscription.as_subscription()

    def resume_subscription(self, stripe_subscription_id: str) -> StripeSubscription:
        """Make the invoice with which it begins again."""
        subscription = self._book.subscriptions.find(stripe_subscription_id)
        self._rules.pausing.resume(subscription)
        return subscription.as_subscription()

    def report_usage(self, usage_id: str, stripe_customer_id: str, meter: str, quantity: int, used_at: datetime) -> str:
        """Take a report of usage."""
        return self.take_usage(usage_id, stripe_customer_id, meter, quantity, int(used_at.timestamp())).id

    def take_usage(self, usage_id: str, stripe_customer_id: str, meter: str, quantity: int, used_at: int) -> Usage:
        """Take a report of usage, and return Stripe's own object."""
        return self._book.meters.report(usage_id, self._book.customer(stripe_customer_id), meter, quantity, used_at)
