"""Subscriptions: what customers and merchants can ask of them. What each status does next is in `steps.py`.

Other plans, pauses and usage are in `changing.py`.

Not modelled, and taken by no method: coupons, tax, schedules of several phases, FX, accounts v2.
"""

from __future__ import annotations

from payflows.checks import instance_of, whole_number
from payflows.errors import InvalidSubscription, VersionConflict
from payflows.parties import Actor, Customer, Merchant, check_id
from payflows.payments.model import CustomerAction
from payflows.subscriptions.changing import ChangingSubscriptions
from payflows.subscriptions.input import check_card, check_subscriber, check_terms
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.policy import CancelPolicy
from payflows.subscriptions.signup import SignUp
from payflows.subscriptions.wishes import Cancellation


class SaaSSubscriptionFlow(ChangingSubscriptions):
    """Sells plans that renew: sign up, trial, renew, change the plan, pause, report usage, cancel.

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
    6. Another plan is previewed, and only that amount can be confirmed; ours changes when Stripe's does.
    7. Usage is stored once per id, then reported under an identifier derived from it.
    8. A renewal that failed is dunned by a policy, if there is one: each attempt is stored before it is made, and made
       once.
    9. Cancelled now means: over at Stripe, then what is open is closed, and only then confirmed.

    Args:
        merchant: whose subscriptions these are.
        plans: what is sold.
        policy: trials, access, plan changes, pauses, dunning, cancelling, and retries.
        store: keeps subscriptions, invoices, log and outbox.
        payments: Stripe, for the payments of invoices.
        billing: Stripe Billing.
        clock: tells the time.
        engine: moves subscriptions; the usual one where none is given.

    Raises:
        InvalidPolicy: a part of another type.
    """

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
            plan.terms(seats).metered_price_id,
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
        while subscription.card_updates == expected_update:
            try:
                subscription = await self._requests.use_card(subscription, payment_method)
            except VersionConflict:  # another tab was first, and its card stands; or the worker, then try again
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
            InvalidState: it cannot end with its period: it has not begun, or is paused at Stripe.
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
