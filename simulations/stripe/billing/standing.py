"""Where a subscription stands by its invoices.

Source: docs.stripe.com/billing/subscriptions/overview.
"""

from __future__ import annotations

from payflows.subscriptions.billing import BillingStatus, InvoiceStatus

from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.subscriptions import ENDED, Subscription

_B = BillingStatus

_WHATEVER_IS_PAID = (*ENDED, _B.TRIALING, _B.PAUSED)
"""The statuses that do not follow from invoices."""


def standing_of(subscription: Subscription) -> BillingStatus:
    """Return where a subscription stands by its invoices.

    The newest one decides that was finalised and not voided: unpaid, it makes `past_due`, whether its payment failed or
    was never tried. One at which a bank is at work, or that was written off, leaves it `active`.
    """
    if subscription.status in _WHATEVER_IS_PAID:
        return subscription.status
    deciding = subscription.deciding_invoice()
    if subscription.status is _B.INCOMPLETE:
        return _first_standing(deciding)
    is_settled = deciding is None or deciding.status is not InvoiceStatus.OPEN or deciding.is_processing
    if subscription.status is _B.UNPAID:
        is_settled = is_settled and (deciding is not None and deciding is subscription.newest_invoice())
        return _B.ACTIVE if is_settled else _B.UNPAID
    return _B.ACTIVE if is_settled else _B.PAST_DUE


def _first_standing(first: Invoice | None) -> BillingStatus:
    if first is None:  # it was voided
        return _B.INCOMPLETE_EXPIRED
    return _B.ACTIVE if first.status is InvoiceStatus.PAID or first.is_processing else _B.INCOMPLETE
