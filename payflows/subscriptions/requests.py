"""Requests: whose subscription it is, and what is stored of what they want. The steps then do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from payflows.errors import InvalidState, InvalidSubscription, NotFound, VersionConflict
from payflows.kernel.changes import Change, Replace
from payflows.kernel.evolve import evolve
from payflows.money import Money
from payflows.parties import Actor, Customer, Merchant, check_id
from payflows.payments.model import CustomerAction
from payflows.payments.refunds import with_refund_asked
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.episode import EPISODES, DunningEpisode, EpisodeStatus
from payflows.subscriptions.input import check_request
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.invoice_money import card_left_minor, left_minor
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import Period, Subscription, SubscriptionStatus
from payflows.subscriptions.policy import ChangeTiming, PauseMeans
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.steps import SubscriptionEngine
from payflows.subscriptions.usage import Usage
from payflows.subscriptions.wishes import Cancellation, CardUpdate

_S = SubscriptionStatus


class Requests:
    """Stores what customers and merchants ask, each for what is theirs.

    Args:
        merchant: whose subscriptions these are.
        engine: whose ports and repositories are used.
    """

    def __init__(self, merchant: Merchant, engine: SubscriptionEngine) -> None:
        self._merchant = merchant
        self._engine = engine
        self._context: StepContext = engine.context
        self._subscriptions = self._context.subscriptions

    async def subscription_of(self, actor: Actor, subscription_id: str) -> Subscription:
        """Return a subscription as stored. Raises `NotFound` where it is not theirs."""
        check_request(actor, subscription_id)
        subscription = await self._subscriptions.get(subscription_id)
        signup = subscription.signup
        if actor.id != (signup.customer.id if isinstance(actor, Customer) else signup.merchant_id):
            raise NotFound("no such subscription")
        return subscription

    async def invoice_of(self, merchant: Merchant, invoice_id: str) -> Invoice:
        """Return an invoice as stored. Raises `NotFound` where it is not theirs."""
        self.check_merchant(merchant)
        check_id("an invoice id", invoice_id, error=InvalidSubscription)
        invoice = await self._context.invoices.get(invoice_id)
        if invoice.merchant_id != merchant.id:
            raise NotFound("no such invoice")
        return invoice

    async def episode_of(self, merchant: Merchant, episode_id: str) -> DunningEpisode:
        """Return a dunning episode as stored. Raises `NotFound` where it is not theirs."""
        self.check_merchant(merchant)
        check_id("an episode's id", episode_id, error=InvalidSubscription)
        episode = await self._context.episodes.get(episode_id)
        if episode.merchant_id != merchant.id:
            raise NotFound("no such episode")
        return episode

    async def usage_of(self, merchant: Merchant, usage_record_id: str) -> Usage:
        """Return a record of usage as stored. Raises `NotFound` where it is not theirs."""
        self.check_merchant(merchant)
        check_id("a usage record's id", usage_record_id, error=InvalidSubscription)
        usage = await self._context.usage.get(usage_record_id)
        if usage.merchant_id != merchant.id:
            raise NotFound("no such usage")
        return usage

    def check_merchant(self, merchant: Merchant) -> None:
        """Raise `NotFound` for another merchant."""
        if merchant != self._merchant:
            raise NotFound("this merchant has no subscriptions here")

    async def end_now(self, subscription: Subscription, cancellation: Cancellation) -> Subscription:
        """Store that it is to end now; what was asked first stands."""
        while not subscription.status.is_ended and subscription.cancellation is None:
            woken = await self._woken_episode(subscription)
            subscription = await self._request(subscription, *woken, cancellation=cancellation)
        return subscription

    async def _woken_episode(self, subscription: Subscription) -> tuple[Change, ...]:
        """Return the change that has dunning look how its subscription stands: who leaves is left alone from now on."""
        if subscription.dunning_id is None:
            return ()
        episode = await self._context.episodes.get(subscription.dunning_id)
        if episode.status is not EpisodeStatus.RUNNING or episode.lease_until is not None:
            return ()
        now = self._context.clock.now()
        return (Replace(EPISODES, episode, evolve(episode, lease_until=now, version=episode.version + 1)),)

    async def end_with_period(self, subscription: Subscription) -> Subscription:
        """Store that it is to end with its period.

        Raises:
            InvalidState: it has none, as while it is paused at Stripe, or is just being kept.
        """
        while not subscription.status.is_ended and subscription.cancellation is None:
            if not subscription.status.is_live:
                raise InvalidState(f"a subscription that is {subscription.status} has no period to end with")
            if subscription.status is _S.PAUSED:
                raise InvalidState("while it is paused a subscription has no period to end with: cancel it now")
            if self._is_being_paused(subscription):
                raise InvalidState("the pause is under way: see how it comes out, then cancel")
            if subscription.end_wanted or (subscription.cancel_at is not None and subscription.end_wanted is None):
                break
            if subscription.end_wanted is False:
                raise InvalidState("that it goes on is under way: see how it comes out, then cancel")
            subscription = await self._request_end(subscription, wanted=True)
        return subscription

    def _is_being_paused(self, subscription: Subscription) -> bool:
        """Whether its period may be about to end by a pause at Stripe."""
        wish, means = subscription.pause_wanted, self._context.policy.pause.means
        return wish is not None and wish.paused and means is PauseMeans.SUBSCRIPTION

    async def keep(self, subscription: Subscription) -> Subscription:
        """Store that it is to go on after all. Raises `InvalidState` where it is too late, or too early.

        While the call by which it ends may be under way, it could take effect after that by which it goes on.
        """
        while subscription.end_wanted is not False and (subscription.cancel_at or subscription.end_wanted):
            if not subscription.status.is_live or subscription.cancellation is not None:
                raise InvalidState(f"a subscription that is {subscription.status} cannot be kept; sign up again")
            if subscription.end_wanted:
                raise InvalidState("the end with the period is under way: see how it comes out, then keep it")
            subscription = await self._request_end(subscription, wanted=False)
        return subscription

    async def use_card(self, subscription: Subscription, payment_method: str) -> Subscription:
        """Store which card is wanted; of one that is not paid yet, the first invoice's intent is tried with it.

        Raises:
            InvalidState: it has ended, or its first payment is under way.
            VersionConflict: it has moved meanwhile.
        """
        number = subscription.card_updates + 1
        if subscription.status.is_live:
            card = CardUpdate(number, payment_method)
            return await self._subscriptions.request(
                subscription, card_update=card, card_updates=number, card_decline=None
            )
        invoice_id = subscription.first_invoice_id
        if subscription.status is not _S.INCOMPLETE or invoice_id is None:
            raise InvalidState(f"a subscription that is {subscription.status} takes no other card")
        invoice = await self._context.invoices.get(invoice_id)
        if invoice.status is not InvoiceStatus.OPEN or invoice.pay_asked or invoice.stored_charge().is_processing:
            raise InvalidState("its first payment is under way")
        tried = self._engine.cards.tried_with(invoice, payment_method)
        return await self._subscriptions.update(
            subscription, Replace(INVOICES, invoice, tried), card_updates=number, lease_until=self._context.clock.now()
        )

    async def refund(self, invoice: Invoice) -> Invoice:
        """Store that an invoice's money is to go back. Raises `InvalidState` where there is none, or less is left."""
        while invoice.charge is None or not invoice.charge.refunded:
            if invoice.status is not InvoiceStatus.PAID or invoice.charge is None:
                raise InvalidState(f"an invoice that is {invoice.status} has nothing to refund")
            charge, review = with_refund_asked(invoice.charge, invoice.review)
            if charge == invoice.charge:
                break
            subscription = await self._subscriptions.get(invoice.subscription_id)
            self._check_left(subscription, invoice, await self._context.invoices_of(subscription))
            try:
                also = _compared(subscription)
                invoice = await self._context.invoices.request(invoice, *also, charge=charge, review=review)
            except VersionConflict:
                invoice = await self._context.invoices.get(invoice.id)
        return invoice

    def _check_left(self, subscription: Subscription, invoice: Invoice, invoices: Sequence[Invoice]) -> None:
        """Raise `InvalidState` where a part of an invoice is the customer's already, as credit for unused time."""
        cancellation, period, change = subscription.cancellation, subscription.period, subscription.change
        if change is not None and change.timing is ChangeTiming.NOW and not change.is_waiting:
            raise InvalidState("a plan change is under way, which may credit it: see how it comes out, then refund")
        asked_at = None if cancellation is None or not cancellation.is_prorated else cancellation.asked_at
        if asked_at is not None and invoice.period_end > asked_at:
            raise InvalidState("unused time of this invoice was credited as its subscription ended: not all is left")
        if subscription.status is _S.PAUSED and period is not None and invoice.period_end > period.end:
            raise InvalidState("unused time of this invoice is credited when its subscription resumes, or is cancelled")
        asked = card_left_minor(invoice)
        left = left_minor(invoices, Period(invoice.period_start, invoice.period_end))
        if asked > left:
            currency = invoice.total.currency
            raise InvalidState(
                f"{Money(asked, currency)} would be refunded, and {Money(max(0, left), currency)} are left: "
                f"the rest was credited to the customer's balance"
            )

    async def customer_action(self, subscription: Subscription) -> CustomerAction:
        """Read what a bank asks about a card that is being set up, or about an invoice."""
        billing, payments, calls = self._context.billing, self._context.payments, self._context.calls
        setup_id, card = subscription.setup_id, subscription.card_update
        if card is not None and card.is_waiting and setup_id is not None:
            action = await calls.call(lambda: billing.retrieve_setup_action(setup_id))
            if action is not None:
                return action.of(setup_id)
        asking = (each for each in await self._context.invoices_of(subscription) if each.action_required)
        invoice = next((each for each in asking if each.status is InvoiceStatus.OPEN), None)
        if invoice is not None:
            payment_id = invoice.stored_charge().stored_payment_id()
            action = await calls.call(lambda: payments.retrieve_customer_action(payment_id))
            if action is not None:
                return action.of(payment_id)
        raise InvalidState(f"no bank asks anything about this subscription, which is {subscription.status}")

    async def _request_end(self, subscription: Subscription, *, wanted: bool) -> Subscription:
        return await self._request(subscription, end_wanted=wanted, end_requests=subscription.end_requests + 1)

    async def _request(self, subscription: Subscription, *also: Change, **wanted: Any) -> Subscription:
        """Store what is wanted, due immediately; where it has moved meanwhile, return it as it is now."""
        try:
            return await self._subscriptions.request(subscription, *also, **wanted)
        except VersionConflict:
            return await self._subscriptions.get(subscription.id)


def _compared(subscription: Subscription) -> tuple[Change, ...]:
    """Return the change by which a refund and a subscription's end, which may credit its money, meet."""
    if subscription.status.is_ended:
        return ()
    return (Replace(SUBSCRIPTIONS, subscription, evolve(subscription, version=subscription.version + 1)),)
