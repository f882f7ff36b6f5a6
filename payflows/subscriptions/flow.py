"""Subscriptions: what customers and merchants can ask of them. What each status does next is in `steps.py`.

Not modelled, and taken by no method: coupons, tax, schedules of several phases, FX, accounts v2.
"""

from __future__ import annotations

from payflows.checks import instance_of, whole_number
from payflows.clock import Clock
from payflows.errors import InvalidSubscription, VersionConflict
from payflows.kernel.aggregate import Transition
from payflows.kernel.store import Store
from payflows.parties import Actor, Customer, Merchant, check_id
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CustomerAction
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.input import check_card, check_subscriber, check_terms
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import Cancellation, SignUp, Subscription
from payflows.subscriptions.notices import Notices
from payflows.subscriptions.plans import PlanCatalogue
from payflows.subscriptions.policy import CancelPolicy, SubscriptionPolicy
from payflows.subscriptions.requests import Requests
from payflows.subscriptions.signups import SignUps
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.steps import SubscriptionEngine


class SaaSSubscriptionFlow:
    """Sells plans that renew: sign up, trial, renew, cancel.

    Stripe bills: it makes the invoices, collects them, and says so by webhooks. This flow stores what was agreed and
    what is wanted, re-reads Stripe's objects whenever something may have changed (a webhook, a timer, a request), and
    makes its own what it has read. So nothing depends on which notice comes first, or comes at all.

    1. The row comes first, then Stripe. One live subscription per customer and product, and one trial, are claims in
       the store: two processes cannot both have them.
    2. A subscription is made incomplete: it takes no money until the intent of its first invoice, read back from the
       store, is confirmed. A second one, left over by a lost answer, is never paid and is cancelled.
    3. Status follows Stripe's, read by the stored id. What has ended stays ended.
    4. Access is derived by one function (`access_of`), and is not Stripe's status.
    5. Money is collected and given back by `payflows.payments`, as the checkout's is.
    6. Cancelled now means: over at Stripe, then what is open is closed, and only then confirmed.

    Args:
        merchant: whose subscriptions these are.
        plans: what is sold.
        policy: trials, access, cancelling, and retries.
        store: keeps subscriptions, invoices, log and outbox.
        payments: Stripe, for the payments of invoices.
        billing: Stripe Billing.
        clock: tells the time.
        engine: moves subscriptions; the usual one where none is given.

    Raises:
        InvalidPolicy: a part of another type.
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
            StepContext.over(store=store, payments=payments, billing=billing, clock=clock, policy=policy)
        )
        self._context = self._engine.context
        self._requests = Requests(merchant, self._engine)
        self._notices = Notices(self._context, self._engine)
        self._signups = SignUps(merchant, store, self._context.subscriptions)

    # What customers ask.

    async def create_subscription(
        self,
        customer: Customer,
        signup_id: str,
        *,
        plan_id: str,
        payment_method: str | None = None,
        trial_days: int = 0,
        seats: int = 1,
        return_url: str | None = None,
    ) -> Subscription:
        """Subscribe; the same sign-up id again is the same subscription and only looks how it stands.

        Args:
            customer: who subscribes; Stripe knows them.
            signup_id: the caller's own id for this sign-up, unique per customer.
            plan_id: to which plan of the catalogue.
            payment_method: Stripe's id of a card, `pm_...`; None: a trial without a card.
            trial_days: 0 to 730; one trial per customer and product, ever.
            seats: how many.
            return_url: where the customer comes back to from their bank's page; None: Stripe.js shows it in yours.

        Returns:
            The subscription as it rests. `creating` means *pending*: it goes on by itself. `incomplete` waits for the
            customer: their bank asks them, or the card was declined, and `update_card` tries another one.

        Raises:
            InvalidSubscription: anything wrong with what was given; nothing was stored or called.
            SignupIdReused: the id stands for another plan, number of seats or trial.
            AlreadySubscribed: the customer has a live subscription of the product, paid or not.
            TrialUsed: the customer has had a trial of the product.
        """
        check_subscriber(customer)
        check_id("a sign-up id", signup_id, error=InvalidSubscription)
        plan = self._plans.plan(plan_id)
        check_terms(plan, seats=seats, trial_days=trial_days, payment_method=payment_method)
        check_card(payment_method, return_url)
        now, total = self._clock.now(), plan.total(seats)
        wanted = SignUp(
            self._merchant.id,
            signup_id,
            customer,
            plan.id,
            plan.product,
            plan.price_id,
            seats,
            total,
            trial_days,
            payment_method,
            return_url,
            now,
        )
        return await self._engine.advance(await self._signups.add(wanted))

    async def update_card(
        self, actor: Actor, subscription_id: str, *, expected_update: int, payment_method: str
    ) -> Subscription:
        """Have the next charges take another card, and try it on what is open.

        Args:
            actor: whose subscription it is.
            subscription_id: which.
            expected_update: `subscription.card_updates` as the customer saw it; an older one, of a second tab, changes
                nothing.
            payment_method: the card.

        Raises:
            InvalidSubscription: not a payment method.
            NotFound: not theirs.
            InvalidState: it has ended, or its first payment is under way.
        """
        check_card(payment_method, None)
        if payment_method is None:
            raise InvalidSubscription("a payment_method is needed, such as pm_card_visa")
        whole_number("expected_update", expected_update, error=InvalidSubscription)
        subscription = await self._requests.subscription_of(actor, subscription_id)
        if subscription.card_updates == expected_update:
            try:
                subscription = await self._requests.use_card(subscription, payment_method)
            except VersionConflict:  # another tab or the worker was first; what it did stands
                subscription = await self._requests.subscription_of(actor, subscription_id)
        return await self._engine.advance(subscription)

    async def cancel_subscription(
        self,
        actor: Actor,
        subscription_id: str,
        *,
        at_period_end: bool = False,
        reason: str | None = None,
        policy: CancelPolicy | None = None,
    ) -> Subscription:
        """End a subscription: with its period, until which access lasts, or now.

        Args:
            actor: whose it is.
            subscription_id: which.
            at_period_end: it may then be kept after all, by `keep_subscription`.
            reason: why, in the customer's words.
            policy: what becomes of its money where it ends now; None: as usual here.

        Raises:
            InvalidSubscription: a part of another type.
            NotFound: not theirs.
            InvalidState: it cannot end with its period: it has not begun.
        """
        instance_of("at_period_end", at_period_end, bool, error=InvalidSubscription)
        instance_of("policy", policy, CancelPolicy, None, error=InvalidSubscription)
        if reason is not None:
            check_id("a reason", reason, error=InvalidSubscription)
        subscription = await self._requests.subscription_of(actor, subscription_id)
        if at_period_end:
            return await self._engine.advance(await self._requests.end_with_period(subscription))
        cancellation = Cancellation(policy or self._policy.cancel, reason, self._clock.now())
        return await self._engine.advance(await self._requests.end_now(subscription, cancellation))

    async def keep_subscription(self, actor: Actor, subscription_id: str) -> Subscription:
        """Take back that a subscription ends with its period.

        Raises:
            NotFound: not theirs.
            InvalidState: it has ended, or is cancelled now.
        """
        subscription = await self._requests.subscription_of(actor, subscription_id)
        return await self._engine.advance(await self._requests.keep(subscription))

    async def customer_action(self, actor: Actor, subscription_id: str) -> CustomerAction:
        """What the customer's browser needs while their bank waits for them: read from Stripe, and never stored.

        Raises:
            NotFound: not theirs.
            InvalidState: no bank asks anything.
        """
        return await self._requests.customer_action(await self._requests.subscription_of(actor, subscription_id))

    # What merchants ask.

    async def refund_invoice(self, merchant: Merchant, invoice_id: str) -> Invoice:
        """Give all of a paid invoice's money back; the subscription goes on. Asked again after it failed, try again.

        Raises:
            NotFound: not theirs.
            InvalidState: it is not paid, or nothing was collected for it.
        """
        invoice = await self._requests.refund(await self._requests.invoice_of(merchant, invoice_id))
        return await self._engine.invoices.advance(invoice)

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
