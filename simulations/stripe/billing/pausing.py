"""How a subscription is paused and resumed, and how the collection of its invoices is.

Sources: docs.stripe.com/billing/subscriptions/pause, docs.stripe.com/billing/subscriptions/pause-payment.
What becomes of invoices whose collection is paused is in `collecting`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from payflows.errors import CallRejected
from payflows.subscriptions.billing import RENEWAL, BillingStatus, InvoiceStatus, PausedCollection

from simulations.stripe.billing.calendar import boundary
from simulations.stripe.billing.collecting import Collecting
from simulations.stripe.billing.cycling import Cycling
from simulations.stripe.billing.invoices import InvoiceLine
from simulations.stripe.billing.invoicing import Invoicing
from simulations.stripe.billing.metering import Metering
from simulations.stripe.billing.pauses import Resumption
from simulations.stripe.billing.proration import credits_for_unused_time
from simulations.stripe.billing.settings import BillingMode
from simulations.stripe.billing.subscriptions import UPDATED, Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import StripeObject

_B = BillingStatus

_NEVER_PAUSED = (_B.PAUSED, _B.TRIALING, _B.INCOMPLETE, _B.INCOMPLETE_EXPIRED, _B.CANCELED)


class Pausing:
    """Pauses and resumes subscriptions.

    Args:
        account: whose they are.
        invoicing: the rules of invoices.
        collecting: how these are collected.
        cycling: what subscriptions do by themselves.
        metering: what they bill by usage.
    """

    def __init__(
        self, account: Account, invoicing: Invoicing, collecting: Collecting, cycling: Cycling, metering: Metering
    ) -> None:
        self._account = account
        self._invoicing = invoicing
        self._collecting = collecting
        self._cycling = cycling
        self._metering = metering

    # Collection

    def pause_collection(self, subscription: Subscription, paused: PausedCollection) -> None:
        """Have the invoices that it makes from now on not collected."""
        if paused.resumes_at is not None:
            resumes_at = int(paused.resumes_at.timestamp())
            if resumes_at <= self._account.seconds():
                raise InvalidRequest("pause_collection[resumes_at] must be in the future.")
            paused = paused._replace(resumes_at=datetime.fromtimestamp(resumes_at, UTC))
            self._account.at(resumes_at, partial(self._end_pause_of_collection, subscription, paused))
        self._set_collection(subscription, paused)

    def resume_collection(self, subscription: Subscription) -> None:
        """Have its invoices collected again."""
        if subscription.paused_collection is not None:
            self._set_collection(subscription, None)

    def _end_pause_of_collection(self, subscription: Subscription, paused: PausedCollection) -> None:
        if subscription.paused_collection is paused and not subscription.has_ended:
            self._set_collection(subscription, None)

    def _set_collection(self, subscription: Subscription, paused: PausedCollection | None) -> None:
        subscription.paused_collection = paused
        self._account.changed(subscription, {UPDATED: subscription})

    # The subscription

    def pause(self, subscription: Subscription) -> None:
        """Pause it now. Unused time is credited, and what was used is billed, with the next invoice."""
        if subscription.billing_mode is not BillingMode.FLEXIBLE:
            raise InvalidRequest("Only subscriptions in flexible billing mode can be paused.")
        if subscription.status in _NEVER_PAUSED:
            raise CallRejected(f"You cannot pause a subscription that is {subscription.status}.")
        if subscription.cancel_at_period_end:
            raise InvalidRequest("The simulated Stripe pauses no subscription that is to end with its period.")
        self._invoicing.expire_update(subscription)
        if subscription.pending_update is not None:
            raise CallRejected(f"The payment of a change of {subscription.id} is processing.")
        now = self._account.seconds()
        used = self._metering.line_until(subscription, now)
        subscription.pending_items.extend((*credits_for_unused_time(subscription, now), *used))
        subscription.status, subscription.period_end, subscription.paused_at = _B.PAUSED, now, now
        self._cycling.plan(subscription)
        changes: dict[str, StripeObject] = {"customer.subscription.paused": subscription, UPDATED: subscription}
        self._account.changed(subscription, changes)

    def resume(self, subscription: Subscription) -> None:
        """Make the invoice of a new period, from now on, and charge nothing; it begins once that is paid or was tried.

        An invoice that no one tries to pay within 23 hours is voided, and the subscription stays paused.
        """
        if subscription.status is not _B.PAUSED:
            raise CallRejected(f"You can only resume a subscription that is paused; it is {subscription.status}.")
        if subscription.resumption is not None:
            raise CallRejected(f"{subscription.id} is being resumed: its invoice is to be paid, or voided.")
        now, price = self._account.seconds(), subscription.price
        line = InvoiceLine(price, subscription.quantity, subscription.amount, now, boundary(now, price.months))
        billed = subscription.take_pending_items()
        invoice = self._invoicing.draft(subscription, RENEWAL, *billed, line, auto_advance=False)
        resumption = Resumption(invoice, billed, now, partial(self._follow, subscription))
        subscription.resumption = resumption
        self._collecting.open(invoice, auto_advance=False)
        self._account.at(
            now + round(self._account.times.incomplete_lasts_seconds), partial(self._expire, subscription, resumption)
        )

    def _follow(self, subscription: Subscription) -> None:
        """Begin the new period, or stay paused, as the invoice stands."""
        resumption = subscription.resumption
        if resumption is None or subscription.has_ended:
            return
        invoice = resumption.invoice
        if invoice.status is InvoiceStatus.VOID:
            subscription.resumption = None
            subscription.pending_items[:0] = resumption.billed
            self._account.changed(subscription, {UPDATED: subscription})
        elif invoice.status is not InvoiceStatus.OPEN or invoice.is_processing:
            self._begin(subscription, resumption, _B.ACTIVE)
        elif invoice.attempted:
            self._begin(subscription, resumption, _B.PAST_DUE)

    def _begin(self, subscription: Subscription, resumption: Resumption, status: BillingStatus) -> None:
        start, months = resumption.starts_at, subscription.price.months
        subscription.resumption = subscription.paused_at = None
        subscription.status, subscription.anchor, subscription.periods = status, start, months
        subscription.period_start, subscription.period_end = start, boundary(start, months)
        self._metering.restart(subscription, start)
        self._cycling.plan(subscription)
        changes: dict[str, StripeObject] = {"customer.subscription.resumed": subscription, UPDATED: subscription}
        self._account.changed(subscription, changes)

    def _expire(self, subscription: Subscription, resumption: Resumption) -> None:
        if subscription.resumption is resumption and resumption.invoice.is_collectable and not subscription.has_ended:
            self._invoicing.void(resumption.invoice)
