"""An invoice of a subscription: Stripe makes it, we note what became of it, and collect, close or refund it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from payflows.kernel.aggregate import Aggregate
from payflows.money import Money
from payflows.parties import Customer
from payflows.payments.charge import Attempt, Charge
from payflows.payments.invoice_payable import DEFAULT_CARD
from payflows.subscriptions.billing import CHANGE, FIRST_INVOICE, InvoiceStatus, StripeInvoice
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.policy import OpenInvoices
from payflows.subscriptions.wishes import Cancellation

_I = InvoiceStatus

INVOICE_TRANSITIONS: Mapping[InvoiceStatus, Mapping[InvoiceStatus, str]] = {
    _I.DRAFT: {
        _I.OPEN: "finalised",
        _I.PAID: "nothing to pay, or paid",
        _I.VOID: "voided",
        _I.UNCOLLECTIBLE: "given up",
    },
    _I.OPEN: {_I.PAID: "paid", _I.VOID: "voided", _I.UNCOLLECTIBLE: "given up"},
    _I.UNCOLLECTIBLE: {_I.PAID: "paid after all", _I.VOID: "voided"},
    _I.PAID: {},
    _I.VOID: {},
}
"""From, to and when, as at Stripe."""


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Invoice(Aggregate):
    """An invoice as stored, under Stripe's id.

    Attributes:
        status: where it stands, as at Stripe.
        subscription_id: whose it is, by our id.
        stripe_subscription_id: the same, by Stripe's.
        merchant_id: who sells.
        customer: who pays.
        billing_reason: why Stripe made it.
        total: what it is for.
        period_start: of the service that it bills.
        period_end: of the same.
        made_at: when Stripe made it.
        credited_to_balance_minor: what its lines credit to the customer's balance, where they credit more than charge.
        past_minor: what its lines bill for time before it was made, such as what was used.
        is_dunned: it is collected by a dunning policy, which says when its customer is reminded.
        charge: its money; None: nothing of it is to be collected.
        pay_asked: the card of the charge's attempt is to be tried now.
        close_asked: it is to be made final, and voided.
        last_try_asked: its subscription has ended, and it is owed: the card is tried once more.
        action_required: the customer's bank asks the customer.
        paid_at: when it was paid, by Stripe's clock.
        hosted_invoice_url: Stripe's page on which the customer can pay it.
        credit_asked_minor: what is to be given back for unused time.
        balance_asked_minor: what of that goes to the customer's balance; the rest goes to the card.
        credited_minor: what was given back so.
        key_generation: part of the keys of steps before it has a charge; raised once a read shows one undone.
    """

    status: InvoiceStatus
    subscription_id: str
    stripe_subscription_id: str
    merchant_id: str
    customer: Customer
    billing_reason: str
    total: Money
    period_start: datetime
    period_end: datetime
    made_at: datetime
    credited_to_balance_minor: int = 0
    past_minor: int = 0
    is_dunned: bool = False
    charge: Charge | None = None
    pay_asked: bool = False
    close_asked: bool = False
    last_try_asked: bool = False
    action_required: bool = False
    paid_at: datetime | None = None
    hosted_invoice_url: str | None = None
    credit_asked_minor: int = 0
    balance_asked_minor: int = 0
    credited_minor: int = 0
    key_generation: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is paid while the customer signs up, and never dunned."""
        return self.billing_reason == FIRST_INVOICE

    @property
    def has_work(self) -> bool:
        """Return whether something is to be done now, without a look at Stripe."""
        if self.status in (InvoiceStatus.DRAFT, InvoiceStatus.OPEN) and (self.close_asked or self.pay_asked):
            return True
        if self.credit_asked_minor > self.credited_minor:
            return True
        return self.charge is not None and self.charge.money_is_open

    @property
    def bills_the_past(self) -> bool:
        """Whether it is only for what was used before it was made: a last one, which is owed even if all ends."""
        return self.made_at >= self.period_end

    def came_too_late(self, cancellation: Cancellation) -> bool:
        """Return whether it was paid after its owner had cancelled, and is owed no more by then."""
        asked_at = cancellation.asked_at
        if asked_at is None or self.paid_at is None or cancellation.policy.open_invoices is OpenInvoices.COLLECT:
            return False
        if self.bills_the_past:
            return False
        return self.paid_at > asked_at

    def next_due(self) -> datetime | None:
        """Return when there is something to be done."""
        return self.changed_at if self.has_work else None

    def references(self) -> tuple[str, ...]:
        """Return the payment by which it is found."""
        payment_id = self.charge.payment_id if self.charge is not None else None
        return () if payment_id is None else (payment_id,)

    def groups(self) -> tuple[str, ...]:
        """Return its subscription."""
        return (f"subscription:{self.subscription_id}",)

    def mail_address(self) -> str:
        """Return its customer's."""
        return self.customer.email

    def stored_charge(self) -> Charge:
        """Return its money, where some is to be collected."""
        assert self.charge is not None, "nothing of it is to be collected"
        return self.charge


def can_be_dunned(billing_reason: str) -> bool:
    """Return whether an invoice with this reason may be dunned: not a first one, nor one for a plan change."""
    return billing_reason not in (FIRST_INVOICE, CHANGE)


def invoice_of(subscription: Subscription, seen: StripeInvoice, *, now: datetime, is_dunned: bool = False) -> Invoice:
    """Return the row of an invoice that was read for the first time.

    Args:
        subscription: whose it is.
        seen: as it was read.
        now: when.
        is_dunned: the merchant has a dunning policy.
    """
    return Invoice(
        id=seen.id,
        status=seen.status,
        changed_at=now,
        subscription_id=subscription.id,
        stripe_subscription_id=subscription.stripe_id or seen.stripe_subscription_id or "",
        merchant_id=subscription.signup.merchant_id,
        customer=subscription.signup.customer,
        billing_reason=seen.billing_reason,
        total=seen.total,
        period_start=seen.period_start,
        period_end=seen.period_end,
        made_at=seen.created_at,
        credited_to_balance_minor=seen.balance_credit_minor,
        past_minor=seen.past_minor,
        is_dunned=is_dunned and can_be_dunned(seen.billing_reason),
        charge=charge_of(subscription, seen),
        paid_at=seen.paid_at,
        hosted_invoice_url=seen.hosted_invoice_url,
    )


def charge_of(subscription: Subscription, seen: StripeInvoice) -> Charge | None:
    """Return the money of an invoice, whose first try is Stripe's own; None where it has no payment intent."""
    if seen.payment_id is None:
        return None
    signup = subscription.signup
    card = subscription.payment_method or signup.payment_method or DEFAULT_CARD
    attempt = Attempt(1, card, return_url=signup.return_url if seen.billing_reason == FIRST_INVOICE else None)
    return Charge(owner_id=seen.id, amount=seen.amount_due, attempt=attempt, payment_id=seen.payment_id)
