"""Proration: what a change in a period credits and charges for the rest of it. When it is invoiced is in `changing`.

Sources: docs.stripe.com/billing/subscriptions/prorations, docs.stripe.com/billing/subscriptions/billing-mode/compare.
Shares of a period are exact, to the second; each line is rounded once, half up, to what Stripe takes in its currency.
"""

from __future__ import annotations

from fractions import Fraction

from payflows.money import CURRENCIES
from payflows.subscriptions.billing import BillingStatus

from simulations.stripe.billing.invoices import InvoiceLine
from simulations.stripe.billing.prices import Price
from simulations.stripe.billing.settings import BillingMode
from simulations.stripe.billing.subscriptions import Subscription


def lines_of_change(subscription: Subscription, price: Price, quantity: int, at: int) -> tuple[InvoiceLine, ...]:
    """Return the credits for the time left at the old price, and the charge for it at the new one.

    In a trial nothing is prorated.
    """
    if subscription.status is BillingStatus.TRIALING:
        return ()
    end, share = subscription.period_end, _share_left(subscription, at)
    amount = rounded(price.unit_amount.minor * quantity * share, price.unit_amount.currency)
    charge = InvoiceLine(price, quantity, amount, at, end, is_proration=True)
    return (*credits_for_unused_time(subscription, at), *_shown(subscription, charge))


def credits_for_unused_time(subscription: Subscription, at: int) -> tuple[InvoiceLine, ...]:
    """Return what is credited for the time left.

    In flexible mode that is what was debited for it and not yet credited, a line for each debit; in classic mode the
    current price, and not what was debited. Either way invoices that are not paid are taken for paid.
    """
    if subscription.billing_mode is BillingMode.FLEXIBLE:
        return tuple(line for debit in _debits(subscription, at) for line in _credit(subscription, debit, at))
    if subscription.status is BillingStatus.TRIALING:
        return ()
    price, quantity = subscription.price, subscription.quantity
    amount = rounded(subscription.amount * _share_left(subscription, at), price.unit_amount.currency)
    return (InvoiceLine(price, quantity, -amount, at, subscription.period_end, is_proration=True),)


def rounded(amount: Fraction, currency: str) -> int:
    """Return an amount that is not below 0 in minor units, half a step rounded up."""
    step = CURRENCIES[currency].step_minor
    return int(amount / step + Fraction(1, 2)) * step


def _share_left(subscription: Subscription, at: int) -> Fraction:
    return Fraction(subscription.period_end - at, subscription.period_end - subscription.period_start)


def _debits(subscription: Subscription, at: int) -> list[InvoiceLine]:
    return [
        line
        for line in subscription.lines_in_force()
        if line.amount > 0 and line.period_end > at and line.usage is None
    ]


def _credit(subscription: Subscription, debit: InvoiceLine, at: int) -> tuple[InvoiceLine, ...]:
    """Return the line that credits what of a debit is for the time left, less what it was credited before."""
    share = Fraction(debit.period_end - max(at, debit.period_start), debit.period_end - debit.period_start)
    before = sum(line.amount for line in subscription.lines_in_force() if line.credits is debit)
    amount = max(0, rounded(debit.amount * share, debit.price.unit_amount.currency) + before)
    credit = InvoiceLine(debit.price, debit.quantity, -amount, at, debit.period_end, is_proration=True, credits=debit)
    return _shown(subscription, credit)


def _shown(subscription: Subscription, line: InvoiceLine) -> tuple[InvoiceLine, ...]:
    """Return the line, unless it is for nothing: flexible mode has no such lines but in renewals."""
    return (line,) if line.amount or subscription.billing_mode is BillingMode.CLASSIC else ()
