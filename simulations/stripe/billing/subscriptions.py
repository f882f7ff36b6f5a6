"""Subscriptions of one item, as Stripe keeps them. The rules are in `cycling`, `ending` and `standing`.

Source: Stripe API reference, "The Subscription object".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, StripeSubscription, TrialEnd

from simulations.stripe.billing.customers import Customer
from simulations.stripe.billing.invoices import Invoice, moment
from simulations.stripe.billing.objects import BillingObject, page_of
from simulations.stripe.billing.prices import Price
from simulations.stripe.billing.setups import SetupIntent
from simulations.stripe.core.events import Announced, Json

_B = BillingStatus

_COMMON: Json = {
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}},
    "billing_schedules": [],
    "collection_method": "charge_automatically",
    "days_until_due": None,
    "default_source": None,
    "discounts": [],
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
    "livemode": False,
    "pause_collection": None,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "on_subscription",
    },
    "pending_update": None,
    "schedule": None,
}
"""What is the same for every subscription here."""

ENDED = (_B.CANCELED, _B.INCOMPLETE_EXPIRED)
"""The statuses that are never left."""

_WHATEVER_IS_PAID = (*ENDED, _B.TRIALING, _B.PAUSED)
"""The statuses that do not follow from invoices."""


@dataclass(eq=False)
class Subscription(BillingObject, Announced):
    """A customer who pays a price period after period.

    Attributes:
        anchor: the `billing_cycle_anchor`: the day of the month on which every period begins.
        period_start: of the item's current period.
        period_end: of the same.
        periods: how many months after the anchor the current period ends.
        missing_method: what happens at the end of a trial without a card.
        invoices: all of them, the latest last.
        trial_is_announced: whether `trial_will_end` was sent.
        wakes_at: for when the next thing that it does by itself is planned.
    """

    id: str
    customer: Customer
    price: Price
    quantity: int
    metadata: dict[str, str]
    created: int
    anchor: int
    period_start: int
    period_end: int
    periods: int
    status: BillingStatus
    trial_start: int | None = None
    trial_end: int | None = None
    missing_method: TrialEnd = TrialEnd.CREATE_INVOICE
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    cancellation_reason: str | None = None
    default_payment_method: str | None = None
    pending_setup: SetupIntent | None = None
    invoices: list[Invoice] = field(default_factory=list)
    trial_is_announced: bool = False
    wakes_at: int | None = None
    _answer: StripeSubscription | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it is over for good."""
        return self.status in ENDED

    @property
    def amount(self) -> int:
        """What a period costs, in minor units."""
        return self.price.unit_amount.minor * self.quantity

    @property
    def cancel_at(self) -> int | None:
        """When it will end; None: it goes on."""
        return self.period_end if self.cancel_at_period_end else None

    @property
    def latest_invoice(self) -> Invoice | None:
        """The newest invoice."""
        return self.invoices[-1] if self.invoices else None

    @property
    def payment_method(self) -> str | None:
        """What its invoices are charged to: its default, before its customer's."""
        return self.default_payment_method or self.customer.default_payment_method

    def open_invoices(self) -> Iterator[Invoice]:
        """Return what waits to be paid, newest first."""
        return (invoice for invoice in reversed(self.invoices) if invoice.status is InvoiceStatus.OPEN)

    def deciding_invoice(self) -> Invoice | None:
        """Return the newest invoice that was finalised and not voided: the status follows it."""
        passed_over = (InvoiceStatus.DRAFT, InvoiceStatus.VOID)
        return next((invoice for invoice in reversed(self.invoices) if invoice.status not in passed_over), None)

    def next_due(self, incomplete_lasts: int, trial_notice: int) -> int | None:
        """Return when it does the next thing by itself; None: it rests for good."""
        match self.status:
            case BillingStatus.INCOMPLETE:
                return self.created + incomplete_lasts
            case BillingStatus.TRIALING if not self.trial_is_announced:
                return self.period_end - trial_notice
            case BillingStatus.CANCELED | BillingStatus.INCOMPLETE_EXPIRED | BillingStatus.PAUSED:
                return None
        return self.period_end

    def changed(self) -> None:
        """Forget the answer that was made before the change."""
        self._answer = None

    def as_subscription(self) -> StripeSubscription:
        """Return it as the port answers it; made once per change of it or of its latest invoice."""
        latest = None if self.latest_invoice is None else self.latest_invoice.as_invoice()
        if self._answer is None or self._answer.latest_invoice is not latest:
            self._answer = StripeSubscription(
                self.id,
                self.metadata.get("subscription_id"),
                self.status.value,
                self.customer.id,
                self.price.id,
                self.quantity,
                moment(self.period_start),
                moment(self.period_end),
                None if self.trial_end is None else moment(self.trial_end),
                None if self.cancel_at is None else moment(self.cancel_at),
                None if self.ended_at is None else moment(self.ended_at),
                self.default_payment_method,
                None if self.pending_setup is None else self.pending_setup.id,
                latest_invoice=latest,
            )
        return self._answer

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return _COMMON | {
            "id": self.id,
            "object": "subscription",
            "billing_cycle_anchor": self.anchor,
            "cancel_at": self.cancel_at,
            "cancel_at_period_end": self.cancel_at_period_end,
            "canceled_at": self.canceled_at,
            "cancellation_details": {"comment": None, "feedback": None, "reason": self.cancellation_reason},
            "created": self.created,
            "currency": self.price.unit_amount.currency,
            "customer": self.customer.id,
            "default_payment_method": self.default_payment_method,
            "ended_at": self.ended_at,
            "items": page_of(f"/v1/subscription_items?subscription={self.id}", [self._item()]),
            "latest_invoice": None if self.latest_invoice is None else self.latest_invoice.id,
            "metadata": dict(self.metadata),
            "pending_setup_intent": None if self.pending_setup is None else self.pending_setup.id,
            "start_date": self.created,
            "status": self.status.value,
            "test_clock": self.customer.test_clock,
            "trial_end": self.trial_end,
            "trial_settings": {"end_behavior": {"missing_payment_method": self.missing_method.value}},
            "trial_start": self.trial_start,
        }

    def _item(self) -> Json:
        return {
            "id": f"si_{self.id[4:]}",
            "object": "subscription_item",
            "created": self.created,
            "current_period_end": self.period_end,
            "current_period_start": self.period_start,
            "discounts": [],
            "metadata": {},
            "price": self.price.to_stripe(),
            "quantity": self.quantity,
            "subscription": self.id,
            "tax_rates": [],
        }


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
        is_settled = is_settled and (deciding is not None and deciding is _newest(subscription))
        return _B.ACTIVE if is_settled else _B.UNPAID
    return _B.ACTIVE if is_settled else _B.PAST_DUE


def _first_standing(first: Invoice | None) -> BillingStatus:
    if first is None:  # it was voided
        return _B.INCOMPLETE_EXPIRED
    return _B.ACTIVE if first.status is InvoiceStatus.PAID or first.is_processing else _B.INCOMPLETE


def _newest(subscription: Subscription) -> Invoice | None:
    """Return the newest invoice that was not voided, drafts included: by it `unpaid` is left."""
    return next((each for each in reversed(subscription.invoices) if each.status is not InvoiceStatus.VOID), None)
