"""Subscriptions as a business of an app: what only they need, and how they are joined to the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from payflows.checks import implements, instance_of
from payflows.clock import Clock
from payflows.kernel.business import Advancing, Business
from payflows.kernel.store import Store
from payflows.parties import Merchant
from payflows.payments.gateway import PaymentGateway
from payflows.subscriptions.episode import EPISODES
from payflows.subscriptions.flow import SaaSSubscriptionFlow
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS, EventType
from payflows.subscriptions.plans import PlanCatalogue
from payflows.subscriptions.policy import SubscriptionPolicy
from payflows.subscriptions.usage import USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionSetup:
    """What subscriptions need beside Stripe's payments and a store.

    Attributes:
        plans: what is sold.
        billing: Stripe Billing.
        policy: trials, access, plan changes, pauses, dunning, cancelling and retries.

    Raises:
        InvalidPolicy: a part of another type.
    """

    plans: PlanCatalogue
    billing: BillingGateway
    policy: SubscriptionPolicy = field(default_factory=SubscriptionPolicy)

    def __post_init__(self) -> None:
        instance_of("plans", self.plans, PlanCatalogue)
        implements("billing", self.billing, BillingGateway)
        instance_of("policy", self.policy, SubscriptionPolicy)

    def flow(self, *, merchant: Merchant, store: Store, gateway: PaymentGateway, clock: Clock) -> SaaSSubscriptionFlow:
        """Make the flow."""
        return SaaSSubscriptionFlow(
            merchant=merchant,
            plans=self.plans,
            policy=self.policy,
            store=store,
            payments=gateway,
            billing=self.billing,
            clock=clock,
        )


def subscription_business(flow: SaaSSubscriptionFlow, merchant: Merchant) -> Business:
    """Return subscriptions as the app joins them."""
    return Business(
        advancing=(
            Advancing(SUBSCRIPTIONS, partial(flow.advance, merchant)),
            Advancing(INVOICES, partial(flow.advance_invoice, merchant)),
            Advancing(USAGE, partial(flow.advance_usage, merchant)),
            Advancing(EPISODES, partial(flow.advance_dunning, merchant)),
        ),
        event_types=EventType,
        on_subject={
            "subscription": partial(flow.subscription_changed, merchant),
            "invoice": partial(flow.invoice_changed, merchant),
            "payment": partial(flow.payment_changed, merchant),
        },
    )
