"""How a subscription ends, by whomever: now, with its period, unpaid for 23 hours, or with a trial without a card.

Source: docs.stripe.com/billing/subscriptions/cancel. A last invoice is made in `changing`.
"""

from __future__ import annotations

from payflows.subscriptions.billing import BillingStatus

from simulations.stripe.billing.invoicing import Invoicing
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.account import Account

_B = BillingStatus


class Ending:
    """Ends subscriptions. Whether that is allowed is checked by the caller.

    Args:
        account: whose they are.
        invoicing: the rules of invoices.
    """

    def __init__(self, account: Account, invoicing: Invoicing) -> None:
        self._account = account
        self._invoicing = invoicing

    def cancel(self, subscription: Subscription, reason: str) -> None:
        """End it now. Its open invoices stay open and are collected no more; its drafts go on by themselves.

        What waits for the next invoice is dropped. One that was never paid for expires instead, and its invoice is
        voided.
        """
        subscription.canceled_at, subscription.cancellation_reason = self._account.seconds(), reason
        if subscription.status is _B.INCOMPLETE:
            return self.expire(subscription)
        self._end(subscription)

    def set_at_period_end(self, subscription: Subscription, *, cancel: bool) -> None:
        """Have it end with its period, or go on after all; its status stays."""
        if subscription.cancel_at_period_end is cancel:
            return
        subscription.cancel_at_period_end = cancel
        subscription.canceled_at = self._account.seconds() if cancel else None
        subscription.cancellation_reason = "cancellation_requested" if cancel else None
        self._account.changed(subscription, {"customer.subscription.updated": subscription})

    def finish(self, subscription: Subscription) -> None:
        """End it with its period; its open invoices are collected no more, as above."""
        self._end(subscription)

    def expire(self, subscription: Subscription) -> None:
        """End one that was not paid for; its first invoice is voided."""
        open_invoices = list(subscription.open_invoices())
        for invoice in open_invoices:
            self._invoicing.void(invoice)
        if not subscription.has_ended:  # its invoice was written off
            subscription.status, subscription.ended_at = _B.INCOMPLETE_EXPIRED, self._account.seconds()
            self._account.changed(subscription, {"customer.subscription.updated": subscription})

    def _end(self, subscription: Subscription) -> None:
        self._invoicing.expire_update(subscription)
        subscription.pending_items = []
        subscription.status, subscription.ended_at = _B.CANCELED, self._account.seconds()
        self._account.changed(subscription, {"customer.subscription.deleted": subscription})
        for invoice in list(subscription.open_invoices()):
            self._invoicing.stop(invoice)
