"""Subscriptions as they follow Stripe: what webhooks, the worker and recovery ask, and how things stand.

What customers and merchants ask is in `flow`.
"""

from __future__ import annotations

from payflows.checks import instance_of
from payflows.clock import Clock
from payflows.errors import InvalidSubscription
from payflows.kernel.aggregate import Transition
from payflows.kernel.store import Store
from payflows.parties import Actor, Merchant, check_id
from payflows.payments.gateway import PaymentGateway
from payflows.subscriptions.episode import DunningEpisode
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.notices import Notices
from payflows.subscriptions.pause_requests import PauseRequests
from payflows.subscriptions.plan_requests import PlanRequests
from payflows.subscriptions.plans import PlanCatalogue
from payflows.subscriptions.policy import SubscriptionPolicy
from payflows.subscriptions.requests import Requests
from payflows.subscriptions.signups import SignUps
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.steps import SubscriptionEngine
from payflows.subscriptions.usage import Usage
from payflows.subscriptions.usage_requests import UsageRequests, UsageSummary


class FollowedSubscriptions:
    """Reads Stripe's objects when something may have happened to them, and makes ours what they are.

    The flow to use is `SaaSSubscriptionFlow`, which documents what it is made of.
    """

    def __init__(
        self,
        *,
        merchant: Merchant,
        plans: PlanCatalogue,
        policy: SubscriptionPolicy,
        store: Store,
        payments: PaymentGateway,
        billing: BillingGateway,
        clock: Clock,
        engine: SubscriptionEngine | None = None,
    ) -> None:
        instance_of("merchant", merchant, Merchant)
        instance_of("plans", plans, PlanCatalogue)
        instance_of("engine", engine, SubscriptionEngine, None)
        self._merchant = merchant
        self._plans = plans
        self._policy = policy
        self._store = store
        self._clock = clock
        self._engine = engine or SubscriptionEngine(
            StepContext.over(store=store, payments=payments, billing=billing, clock=clock, policy=policy, plans=plans)
        )
        self._context = self._engine.context
        self._requests = Requests(merchant, self._engine)
        self._notices = Notices(self._context, self._engine)
        self._signups = SignUps(merchant, store, self._context.subscriptions)
        self._plan_requests = PlanRequests(self._context)
        self._pause_requests = PauseRequests(self._context)
        self._usage_requests = UsageRequests(self._context)

    # What Stripe, the worker and recovery ask.

    async def subscription_changed(self, merchant: Merchant, stripe_subscription_id: str) -> Subscription:
        """Something happened to a subscription at Stripe: read it and go on. Old and double notices do no harm.

        Raises:
            NotFound: no subscription of this merchant has the id.
        """
        self._requests.check_merchant(merchant)
        check_id("a Stripe subscription id", stripe_subscription_id, error=InvalidSubscription)
        subscription = await self._notices.subscription_of(stripe_subscription_id)
        return await self._engine.advance(await self._requests.subscription_of(merchant, subscription.id))

    async def invoice_changed(self, merchant: Merchant, invoice_id: str) -> Invoice | None:
        """Something happened to an invoice at Stripe: read it and go on; None where it is a draft, and noted later.

        Raises:
            NotFound: no subscription of this merchant has the invoice.
        """
        self._requests.check_merchant(merchant)
        check_id("an invoice id", invoice_id, error=InvalidSubscription)
        return await self._notices.invoice_changed(invoice_id)

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Invoice:
        """Something happened to the payment of an invoice: a refund or a dispute, ours or not; read it and go on.

        Raises:
            NotFound: no invoice of this merchant has the payment.
        """
        self._requests.check_merchant(merchant)
        check_id("a payment id", payment_id, error=InvalidSubscription)
        invoice = await self._requests.invoice_of(merchant, (await self._store.find(INVOICES, payment_id)).id)
        return await self._engine.invoices.reconcile_payment(await self._engine.invoices.advance(invoice))

    async def advance(self, actor: Actor, subscription_id: str) -> Subscription:
        """Move it on until it rests. Anyone whose subscription it is may ask at any time, any number of times."""
        return await self._engine.advance(await self._requests.subscription_of(actor, subscription_id))

    async def advance_invoice(self, merchant: Merchant, invoice_id: str) -> Invoice:
        """Move an invoice on until it rests."""
        return await self._engine.invoices.advance(await self._requests.invoice_of(merchant, invoice_id))

    async def handle_payment_failed(self, merchant: Merchant, invoice_id: str) -> Invoice | None:
        """A payment of an invoice failed at Stripe: read it, and begin to dun it where a policy says so.

        Raises:
            NotFound: no subscription of this merchant has the invoice.
        """
        return await self.invoice_changed(merchant, invoice_id)

    async def retry_failed_payment(self, merchant: Merchant, invoice_id: str) -> Invoice:
        """Make the attempt that is due for an invoice, if one is; whoever asks before its day changes nothing.

        Raises:
            NotFound: not theirs.
        """
        invoice = await self._requests.invoice_of(merchant, invoice_id)
        subscription = await self._requests.subscription_of(merchant, invoice.subscription_id)
        if subscription.dunning_id is not None:
            await self._engine.dunning.advance(await self._requests.episode_of(merchant, subscription.dunning_id))
        return await self._requests.invoice_of(merchant, invoice_id)

    async def advance_dunning(self, merchant: Merchant, episode_id: str) -> DunningEpisode:
        """Move a dunning episode on until it rests."""
        return await self._engine.dunning.advance(await self._requests.episode_of(merchant, episode_id))

    async def advance_usage(self, merchant: Merchant, usage_record_id: str) -> Usage:
        """Move a record of usage on until it rests."""
        return await self._engine.usage.advance(await self._requests.usage_of(merchant, usage_record_id))

    async def resolve_usage(self, merchant: Merchant, usage_record_id: str, *, was_counted: bool) -> Usage:
        """Settle a record that may have been reported or not, after a look at Stripe's meter.

        Args:
            merchant: who sells.
            usage_record_id: which record.
            was_counted: Stripe has it; else it is reported again.

        Raises:
            NotFound: not theirs.
            InvalidState: it is not in doubt.
        """
        instance_of("was_counted", was_counted, bool, error=InvalidSubscription)
        usage = await self._requests.usage_of(merchant, usage_record_id)
        return await self._engine.usage.advance(await self._engine.usage.resolve(usage, was_counted=was_counted))

    # How things stand.

    async def subscription(self, actor: Actor, subscription_id: str) -> Subscription:
        """The subscription as stored. Raises `NotFound` where it is not theirs."""
        return await self._requests.subscription_of(actor, subscription_id)

    async def invoices(self, actor: Actor, subscription_id: str) -> tuple[Invoice, ...]:
        """Its invoices as stored, oldest first; drafts are not stored."""
        return tuple(await self._context.invoices_of(await self._requests.subscription_of(actor, subscription_id)))

    async def transitions(self, actor: Actor, subscription_id: str) -> tuple[Transition, ...]:
        """How the subscription got where it is, oldest first."""
        return await self._store.log(SUBSCRIPTIONS, (await self._requests.subscription_of(actor, subscription_id)).id)

    async def dunning(self, actor: Actor, subscription_id: str) -> tuple[DunningEpisode, ...]:
        """Its dunning episodes as stored, oldest first."""
        return tuple(await self._context.episodes_of(await self._requests.subscription_of(actor, subscription_id)))

    async def usage(self, actor: Actor, subscription_id: str) -> UsageSummary:
        """What was used in the current period. Raises `InvalidState` where nothing is metered."""
        return await self._usage_requests.summary(await self._requests.subscription_of(actor, subscription_id))
