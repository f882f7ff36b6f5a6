"""The life of a subscription: created, perhaps with a trial, and renewed period after period. Its end is in `ending`.

Sources: docs.stripe.com/billing/subscriptions/overview, docs.stripe.com/billing/subscriptions/trials,
docs.stripe.com/billing/invoices/subscription.
"""

from __future__ import annotations

from functools import partial

from payflows.subscriptions.billing import CHANGE, FIRST_INVOICE, RENEWAL, BillingStatus, SubscriptionTerms, TrialEnd

from simulations.stripe.billing.book import BillingBook
from simulations.stripe.billing.calendar import boundary
from simulations.stripe.billing.collecting import Collecting
from simulations.stripe.billing.customers import Customer
from simulations.stripe.billing.ending import Ending
from simulations.stripe.billing.invoices import Invoice, InvoiceLine
from simulations.stripe.billing.invoicing import Invoicing
from simulations.stripe.billing.metering import Metering
from simulations.stripe.billing.prices import Price
from simulations.stripe.billing.settings import BillingMode
from simulations.stripe.billing.setups import SetupIntent
from simulations.stripe.billing.subscriptions import UPDATED, Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ids import derived_id
from simulations.stripe.core.times import DAY

_B = BillingStatus


class Cycling:
    """Makes subscriptions, and does what they do by themselves: one entry of the agenda each.

    Args:
        account: whose they are.
        book: where they are kept.
        invoicing: the rules of invoices.
        collecting: how these are collected.
        ending: the rules by which subscriptions end.
        billing_mode: of the subscriptions that are made.
        metering: what they bill by usage.
    """

    def __init__(
        self,
        account: Account,
        book: BillingBook,
        invoicing: Invoicing,
        collecting: Collecting,
        ending: Ending,
        billing_mode: BillingMode,
        metering: Metering,
    ) -> None:
        self._account = account
        self._book = book
        self._invoicing = invoicing
        self._collecting = collecting
        self._ending = ending
        self._billing_mode = billing_mode
        self._metering = metering

    def create(self, owner_id: str, customer: Customer, price: Price, terms: SubscriptionTerms) -> Subscription:
        """Make a subscription that is paid for, or set up, later: `default_incomplete`."""
        now = self._account.seconds()
        has_trial = terms.trial_days > 0
        anchor = now + terms.trial_days * DAY
        subscription = Subscription(
            derived_id("sub", owner_id, len(self._book.of_owner(owner_id))),
            customer,
            price,
            terms.quantity,
            {"subscription_id": owner_id},
            now,
            anchor,
            period_start=now,
            period_end=anchor if has_trial else boundary(anchor, price.months),
            periods=0 if has_trial else price.months,
            status=_B.TRIALING if has_trial else _B.INCOMPLETE,
            trial_start=now if has_trial else None,
            trial_end=anchor if has_trial else None,
            missing_method=terms.trial_end,
            billing_mode=self._billing_mode,
        )
        customer.currency = price.unit_amount.currency
        if has_trial and subscription.payment_method is None:
            self._ask_for_card(subscription)
        if terms.metered_price_id is not None:
            self._metering.start(subscription, self._book.prices.find(terms.metered_price_id), now)
        self._book.add(subscription)
        first = self._draft(subscription, FIRST_INVOICE)
        first.automatically_finalizes_at = None
        self._account.changed(subscription, {"customer.subscription.created": subscription})
        if self._account.events.wants(UPDATED):
            subscription.announced = subscription.to_stripe()
        self._collecting.finalise(first, auto_advance=True)
        self.plan(subscription)
        return subscription

    def _ask_for_card(self, subscription: Subscription) -> None:
        setup_id, now = derived_id("seti", subscription.id), self._account.seconds()
        setup = SetupIntent(setup_id, subscription.customer.id, subscription.id, now)
        subscription.pending_setup = setup
        self._book.setups.add(setup.id, setup)
        self._account.changed(setup, {"setup_intent.created": setup})

    def _draft(self, subscription: Subscription, billing_reason: str, *used: InvoiceLine) -> Invoice:
        """Make the invoice of the current period, after what waited for it and before what was used until then."""
        amount = 0 if subscription.status is _B.TRIALING else subscription.amount
        line = InvoiceLine(
            subscription.price, subscription.quantity, amount, subscription.period_start, subscription.period_end
        )
        advances = subscription.status is not _B.UNPAID
        return self._invoicing.draft(
            subscription, billing_reason, *subscription.take_pending_items(), line, *used, auto_advance=advances
        )

    # By itself.

    def plan(self, subscription: Subscription) -> None:
        """Have it do the next thing by itself, and nothing that was planned before."""
        times = self._account.times
        due = subscription.next_due(round(times.incomplete_lasts_seconds), round(times.trial_notice_seconds))
        subscription.wakes_at = due
        if due is not None:
            self._account.at(due, partial(self._wake, subscription, due))

    def _wake(self, subscription: Subscription, at: int) -> None:
        if subscription.wakes_at != at:
            return
        if subscription.status is _B.INCOMPLETE:
            self._ending.expire(subscription)
        elif subscription.status is _B.TRIALING and not subscription.trial_is_announced:
            subscription.trial_is_announced = True
            self._account.changed(subscription, {"customer.subscription.trial_will_end": subscription})
        elif not subscription.has_ended and at >= subscription.period_end:
            self._end_period(subscription)
        self.plan(subscription)

    def _end_period(self, subscription: Subscription) -> None:
        has_card, missing = subscription.payment_method is not None, subscription.missing_method
        is_trial = subscription.status is _B.TRIALING
        self._invoicing.expire_update(subscription)
        if subscription.cancel_at_period_end or (is_trial and not has_card and missing is TrialEnd.CANCEL):
            used = self._metering.line_of_renewal(subscription, subscription.period_end)
            if left := (*subscription.take_pending_items(), *used):
                self._collecting.plan(self._invoicing.draft(subscription, CHANGE, *left))
            self._ending.finish(subscription)
        elif is_trial and not has_card and missing is TrialEnd.PAUSE:
            subscription.status, subscription.paused_at = _B.PAUSED, self._account.seconds()
            changes: dict[str, StripeObject] = {"customer.subscription.paused": subscription, UPDATED: subscription}
            self._account.changed(subscription, changes)
        else:
            self._renew(subscription)

    def _renew(self, subscription: Subscription) -> None:
        """Begin the next period, and bill it. After a trial the subscription is active before it has paid."""
        used = self._metering.line_of_renewal(subscription, subscription.period_end)
        if subscription.status is _B.TRIALING:
            subscription.status = _B.ACTIVE
        subscription.periods += subscription.price.months
        subscription.period_start = subscription.period_end
        subscription.period_end = boundary(subscription.anchor, subscription.periods)
        self._collecting.plan(self._draft(subscription, RENEWAL, *used))
        self._account.changed(subscription, {UPDATED: subscription})
