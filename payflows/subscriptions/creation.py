"""From a sign-up to a subscription at Stripe: the row first, then one subscription, even if answers are lost."""

from __future__ import annotations

from typing import Any

from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown
from payflows.kernel.changes import Change, Insert
from payflows.kernel.evolve import evolve
from payflows.subscriptions.billing import InvoiceStatus, StripeSubscription, SubscriptionTerms
from payflows.subscriptions.converge import Convergence
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.step_context import StepContext, own
from payflows.subscriptions.wishes import CardUpdate


class Creation:
    """What a subscription does until Stripe has it.

    Args:
        context: the ports and the repositories.
        convergence: makes ours as Stripe's is.
    """

    def __init__(self, context: StepContext, convergence: Convergence) -> None:
        self._context = context
        self._subscriptions = context.subscriptions
        self._convergence = convergence

    async def create(self, subscription: Subscription) -> Subscription | None:
        """CREATING: have Stripe make it, once.

        A first process knows that none was asked for yet. Any other looks for what Stripe has made already, and then
        asks under the same key: should that make a second one, it is never paid, and cancelled later.
        """
        if not subscription.was_asked_for:
            if subscription.cancellation is not None:
                return await self._reject(subscription, None)
            return await self._ask(await self._subscriptions.update(subscription, was_asked_for=True))
        found = await self._context.find_all(subscription)
        if found:
            return await self._enter(subscription, own(subscription, found[0]), orphan_possible=True)
        if not subscription.orphan_possible:
            return await self._subscriptions.update(subscription, orphan_possible=True)
        if subscription.cancellation is not None:
            return await self._reject(subscription, None)
        return await self._ask(subscription)

    async def _ask(self, subscription: Subscription) -> Subscription | None:
        context, terms = self._context, _terms(subscription, self._context)
        try:
            made = await context.calls.once(
                lambda: context.billing.create_subscription(subscription.id, terms, key=subscription.key("create"))
            )
            own(subscription, made)
        except CallNotSent as error:
            await self._subscriptions.back_off(subscription, error)
            return None
        except CallRejected as error:
            return await self._reject(subscription, error)
        except OutcomeUnknown as doubt:
            return await self._after_doubt(subscription, doubt)
        return await self._enter(subscription, made)

    async def _after_doubt(self, subscription: Subscription, doubt: OutcomeUnknown) -> Subscription | None:
        """Look for what may have been made; where there is none yet, ask again later, under another key."""
        found = await self._context.find_all(subscription)
        if found:
            return await self._enter(subscription, own(subscription, found[0]), orphan_possible=True)
        await self._context.retry_with_new_key(subscription, doubt, orphan_possible=True)
        return None

    async def _enter(self, subscription: Subscription, made: StripeSubscription, **changes: Any) -> Subscription | None:
        """Store Stripe's id, with the first invoice, whose card is tried next, or the card that a trial waits for."""
        context, card = self._context, subscription.signup.payment_method
        known = evolve(subscription, stripe_id=made.id)
        also: list[Change] = []
        invoice = made.latest_invoice
        if invoice is not None and invoice.status is not InvoiceStatus.DRAFT:
            row, is_open = self._context.row_of(known, invoice), invoice.status is InvoiceStatus.OPEN
            if is_open and row.charge is not None:
                row = context.leased(evolve(row, pay_asked=subscription.cancellation is None))
            also.append(Insert(INVOICES, row))
            changes["first_invoice_id"] = invoice.id
        if subscription.signup.trial_days and card is not None:
            changes |= {"card_update": CardUpdate(1, card), "card_updates": 1}
        return await self._convergence.converge(subscription, made, *also, stripe_id=made.id, **changes)

    async def _reject(self, subscription: Subscription, error: CallRejected | None) -> Subscription:
        """End it before it began: Stripe refuses to make it, or it was cancelled."""
        cancellation = subscription.cancellation or self._convergence.by_stripe(str(error))
        return await self._subscriptions.transition(
            subscription, SubscriptionStatus.REJECTED, cancellation=cancellation
        )


def _terms(subscription: Subscription, context: StepContext) -> SubscriptionTerms:
    signup = subscription.signup
    customer_id = signup.customer.stripe_customer_id
    assert customer_id is not None, "a subscriber is a customer at Stripe"
    return SubscriptionTerms(
        customer_id,
        signup.price_id,
        signup.seats,
        signup.trial_days,
        context.policy.trial_end,
        signup.metered_price_id,
    )
