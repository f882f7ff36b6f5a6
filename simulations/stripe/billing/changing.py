"""How a subscription's item is changed: prorated or not, invoiced now or later, and only once that is paid or before.

Sources: docs.stripe.com/billing/subscriptions/change-price, docs.stripe.com/billing/subscriptions/prorations,
docs.stripe.com/billing/subscriptions/pending-updates. What is credited and charged is in `proration`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import NamedTuple

from payflows.errors import CallRejected
from payflows.subscriptions.billing import CHANGE, BillingStatus

from simulations.stripe.billing.collecting import Collecting
from simulations.stripe.billing.ending import Ending
from simulations.stripe.billing.invoices import Invoice, InvoiceLine
from simulations.stripe.billing.invoicing import Invoicing
from simulations.stripe.billing.metering import Metering
from simulations.stripe.billing.pending_updates import PendingUpdate
from simulations.stripe.billing.prices import Price
from simulations.stripe.billing.proration import credits_for_unused_time, lines_of_change
from simulations.stripe.billing.subscriptions import UPDATED, Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.payments.methods import PaymentMethods

_NOT_PRORATED = (BillingStatus.UNPAID, BillingStatus.PAUSED)


class Proration(StrEnum):
    """What becomes of the lines that a change makes (`proration_behavior`)."""

    ALWAYS_INVOICE = "always_invoice"
    CREATE_PRORATIONS = "create_prorations"
    NONE = "none"


class Change(NamedTuple):
    """How a subscription's item is to change.

    Attributes:
        price: what it bills then.
        quantity: how many of it.
        metered_price: what it bills by usage then; None: nothing.
        proration: what becomes of the lines.
        at: the moment from which on it is prorated (`proration_date`).
        waits_for_payment: whether it is made only once its invoice is paid (`pending_if_incomplete`).
    """

    price: Price
    quantity: int
    metered_price: Price | None
    proration: Proration
    at: int
    waits_for_payment: bool = False

    def alters(self, subscription: Subscription) -> bool:
        """Return whether the subscription bills something else after it."""
        return self.alters_licensed(subscription) or self.metered_price is not subscription.metered_price

    def alters_licensed(self, subscription: Subscription) -> bool:
        """Return whether that is so of what is paid in advance."""
        return (self.price, self.quantity) != (subscription.price, subscription.quantity)


class Changing:
    """Changes subscriptions' items, and cancels them with a last invoice.

    Args:
        account: whose they are.
        invoicing: the rules of invoices.
        collecting: how these are collected.
        ending: the rules by which subscriptions end.
        methods: what is charged.
        metering: what is billed by usage.
    """

    def __init__(
        self,
        account: Account,
        invoicing: Invoicing,
        collecting: Collecting,
        ending: Ending,
        methods: PaymentMethods,
        metering: Metering,
    ) -> None:
        self._account = account
        self._invoicing = invoicing
        self._collecting = collecting
        self._ending = ending
        self._methods = methods
        self._metering = metering

    def preview(self, subscription: Subscription, change: Change) -> Invoice:
        """Return the invoice that the change would make now; it is kept nowhere."""
        self._check(subscription, change)
        is_metered_anew = change.metered_price is not subscription.metered_price
        used = self._metering.preview_until(subscription, self._account.seconds()) if is_metered_anew else ()
        return self._invoicing.preview(subscription, CHANGE, *self._lines(subscription, change, used))

    def make(self, subscription: Subscription, change: Change) -> None:
        """Change it. A change that waits already is dropped, with its invoice."""
        self._check(subscription, change)
        self._invoicing.expire_update(subscription)
        if subscription.pending_update is not None:
            raise CallRejected(f"The payment of a change of {subscription.id} is processing.")
        if not change.alters(subscription):
            return
        match change.proration:
            case Proration.ALWAYS_INVOICE if lines := self._lines(
                subscription, change, self._used(subscription, change)
            ):
                return self._invoice(subscription, change, lines)
            case Proration.CREATE_PRORATIONS:
                subscription.pending_items.extend(_prorated(subscription, change))
        self._apply(subscription, change)

    def cancel(self, subscription: Subscription, reason: str, *, with_last_invoice: bool, prorate: bool) -> None:
        """End it now. A last invoice bills what waits for the next one, and credits unused time.

        It is tried once within the request, and collected no more.
        """
        last = self._last_invoice(subscription, prorate=prorate) if with_last_invoice else None
        payment_method = subscription.payment_method
        self._ending.cancel(subscription, reason)
        if last is not None and last.is_collectable:
            self._collecting.attempt(last, payment_method)

    def _check(self, subscription: Subscription, change: Change) -> None:
        """Raise `CallRejected` where Stripe refuses the change, or where it is not modelled."""
        old, new = subscription.price, change.price
        if change.quantity < 1:
            raise InvalidRequest("The quantity must be at least 1.", "parameter_invalid_integer")
        if new.unit_amount.currency != old.unit_amount.currency:
            raise InvalidRequest(f"The price must be in {old.unit_amount.currency}, as the subscription is.")
        if new.interval != old.interval:
            raise InvalidRequest(f"The simulated Stripe keeps the interval of a subscription ({old.interval}).")
        if change.proration is Proration.NONE:
            return
        if change.proration is Proration.ALWAYS_INVOICE and subscription.paused_collection is not None:
            raise InvalidRequest("The simulated Stripe invoices no change while the collection is paused.")
        if not subscription.period_start <= change.at <= subscription.period_end:
            raise InvalidRequest("The proration date must be within the subscription's current period.")
        if subscription.status in _NOT_PRORATED:
            raise CallRejected(
                f"The simulated Stripe prorates no change of a subscription that is {subscription.status}."
            )
        card = subscription.payment_method
        if change.waits_for_payment and card is not None and self._methods.find(card).is_bank_debit:
            raise InvalidRequest("Pending updates are not supported for subscriptions that are paid by bank debit.")

    def _used(self, subscription: Subscription, change: Change) -> tuple[InvoiceLine, ...]:
        """Return what was used until now, where from now on it is billed at another price, or not at all."""
        if change.metered_price is subscription.metered_price:
            return ()
        return self._metering.line_until(subscription, self._account.seconds())

    def _lines(
        self, subscription: Subscription, change: Change, used: tuple[InvoiceLine, ...]
    ) -> tuple[InvoiceLine, ...]:
        if not change.alters(subscription):
            return ()
        return (*subscription.waiting_items, *_prorated(subscription, change), *used)

    def _invoice(self, subscription: Subscription, change: Change, lines: tuple[InvoiceLine, ...]) -> None:
        """Invoice a change and try to collect it, within the request."""
        invoice = self._invoicing.draft(subscription, CHANGE, *lines, auto_advance=False)
        billed = subscription.take_pending_items()
        if not change.waits_for_payment:
            self._apply(subscription, change)
            return self._collecting.collect(invoice, subscription.payment_method, auto_advance=True)
        expires_at = min(subscription.period_end, self._account.seconds() + self._waits_seconds)
        update = PendingUpdate(change.price, change.quantity, change.metered_price, expires_at, invoice, billed)
        subscription.pending_update = update
        self._collecting.collect(invoice, subscription.payment_method, auto_advance=False)
        if subscription.pending_update is update:
            update.is_announced = True
            self._account.changed(subscription, {UPDATED: subscription})
            self._account.at(expires_at, partial(self._expire, subscription, update))

    @property
    def _waits_seconds(self) -> int:
        return round(self._account.times.incomplete_lasts_seconds)

    def _expire(self, subscription: Subscription, update: PendingUpdate) -> None:
        if subscription.pending_update is update:
            self._invoicing.expire_update(subscription)

    def _apply(self, subscription: Subscription, change: Change) -> None:
        self._metering.change(subscription, change.metered_price)
        subscription.price, subscription.quantity = change.price, change.quantity
        self._account.changed(subscription, {UPDATED: subscription})

    def _last_invoice(self, subscription: Subscription, *, prorate: bool) -> Invoice | None:
        if subscription.status is BillingStatus.INCOMPLETE:  # it expires instead, and its invoice is voided
            return None
        self._invoicing.expire_update(subscription)
        now = self._account.seconds()
        unused = credits_for_unused_time(subscription, now) if prorate else ()
        lines = (*subscription.take_pending_items(), *unused, *self._metering.line_until(subscription, now))
        if not lines:
            return None
        last = self._invoicing.draft(subscription, CHANGE, *lines, auto_advance=False)
        if last.paused is not None:
            self._collecting.leave(last)
            return None
        self._collecting.open(last, auto_advance=False)
        return last


def _prorated(subscription: Subscription, change: Change) -> tuple[InvoiceLine, ...]:
    if not change.alters_licensed(subscription):
        return ()
    return lines_of_change(subscription, change.price, change.quantity, change.at)
