"""Invoices with their lines, as Stripe keeps them. The rules are in `invoicing` and `collecting`.

Source: Stripe API reference, "The Invoice object", "The Invoice Line Item object".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from payflows.money import Money
from payflows.payments.model import PaymentStatus
from payflows.subscriptions.billing import InvoiceStatus, PauseBehavior, StripeInvoice

from simulations.stripe.billing.credit_notes import CreditNote
from simulations.stripe.billing.customers import Customer
from simulations.stripe.billing.invoice_payments import InvoicePayment
from simulations.stripe.billing.metered_items import UsagePeriod
from simulations.stripe.billing.objects import BillingObject, page_of
from simulations.stripe.billing.prices import Price
from simulations.stripe.core.events import Json

_I = InvoiceStatus

_COMMON: Json = {
    "amount_overpaid": 0,
    "amount_shipping": 0,
    "automatic_tax": {"enabled": False, "liability": None, "status": None},
    "collection_method": "charge_automatically",
    "default_payment_method": None,
    "default_tax_rates": [],
    "discounts": [],
    "issuer": {"type": "self"},
    "livemode": False,
    "metadata": {},
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
}
"""What is the same for every invoice here."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line: what is billed for a period, or credited, below 0.

    Attributes:
        is_proration: whether it is for a part of a period.
        credits: the debit that it takes back, in part or as a whole; None: it credits none, or a price.
        usage: what it counts; None: it bills a quantity.
    """

    price: Price
    quantity: int
    amount: int
    period_start: int
    period_end: int
    is_proration: bool = False
    credits: InvoiceLine | None = None
    usage: UsagePeriod | None = None

    def to_stripe(self, invoice: Invoice, number: int) -> Json:
        """Return the object as the API would answer it."""
        item = {"proration": self.is_proration, "subscription": invoice.subscription}
        item_id = f"si_{(invoice.subscription or '')[4:]}" if self.usage is None else self.usage.item_id
        details: Json = {**item, "subscription_item": item_id, "invoice_item": None}
        pricing: Json = {
            "type": "price_details",
            "price_details": {"price": self.price.id, "product": self.price.product.id},
            "unit_amount_decimal": self.price.to_stripe()["unit_amount_decimal"],
        }
        return {
            "id": invoice.part_id("il", number),
            "object": "line_item",
            "amount": self.amount,
            "currency": invoice.currency,
            "description": f"{self.quantity} x {self.price.product.id}",
            "discountable": True,
            "discounts": [],
            "invoice": invoice.id,
            "livemode": False,
            "metadata": invoice.owner_metadata,
            "parent": {"type": "subscription_item_details", "subscription_item_details": details},
            "period": {"start": self.period_start, "end": self.period_end},
            "pricing": pricing,
            "quantity": self.quantity,
            "subtotal": self.amount,
        }


@dataclass(eq=False)
class Invoice(BillingObject):
    """What a customer owes for a period.

    Attributes:
        owner_metadata: the subscription's metadata when it was made: `parent.subscription_details.metadata`.
        auto_advance: whether Stripe finalises and collects it by itself.
        amount_due: what is to be collected, after the customer's balance was applied, which is done at finalisation.
        attempt_count: the first attempt and all automatic ones after it.
        next_payment_attempt: when Stripe tries again by itself.
        starting_balance: the customer's balance before it was applied.
        ending_balance: the same after it; None before the finalisation.
        payment: the one payment that is to pay it; None before the finalisation, and where nothing is due.
        paid_out_of_band: it was marked as paid outside of Stripe.
        paused: what becomes of it, where the collection was paused when it was made; no field of Stripe's.
        hard_declined: the payment method that must not be charged again; no field of Stripe's.
    """

    id: str
    customer: Customer
    subscription: str | None
    owner_metadata: dict[str, str]
    currency: str
    billing_reason: str
    lines: tuple[InvoiceLine, ...]
    period_start: int
    created: int
    starting_balance: int
    number: str = ""
    auto_advance: bool = True
    status: InvoiceStatus = _I.DRAFT
    paused: PauseBehavior | None = None
    amount_due: int = 0
    amount_paid: int = 0
    attempted: bool = False
    attempt_count: int = 0
    next_payment_attempt: int | None = None
    automatically_finalizes_at: int | None = None
    ending_balance: int | None = None
    payment: InvoicePayment | None = None
    paid_out_of_band: bool = False
    credit_notes: list[CreditNote] = field(default_factory=list)
    transitions: dict[str, int] = field(default_factory=dict)
    hard_declined: str | None = None
    _answer: StripeInvoice | None = None

    def __post_init__(self) -> None:
        self.amount_due = max(0, self.total + self.starting_balance) if self.total > 0 else 0

    @property
    def total(self) -> int:
        """What its lines sum to; below 0 where they credit more."""
        return sum([line.amount for line in self.lines])

    @property
    def is_collectable(self) -> bool:
        """Whether it can still be paid."""
        return self.status in (_I.OPEN, _I.UNCOLLECTIBLE)

    @property
    def is_processing(self) -> bool:
        """Whether the customer's bank is at work on its payment."""
        return self.payment is not None and self.payment.intent.status is PaymentStatus.PROCESSING

    @property
    def applied_balance(self) -> int:
        """By how much the customer's balance was changed when it was finalised."""
        return 0 if self.ending_balance is None else self.ending_balance - self.starting_balance

    @property
    def paid_in_all(self) -> int:
        """What was paid by a payment and from the customer's balance; an old debt that was paid with it is no part."""
        return min(self.total, self.amount_paid + max(0, self.applied_balance))

    @property
    def refunded_by_notes(self) -> int:
        """What credit notes refunded."""
        return sum(note.refund[1] for note in self.credit_notes if note.refund is not None)

    @property
    def pre_payment_credited(self) -> int:
        """What credit notes took off before it was paid."""
        return sum(note.pre_payment_amount for note in self.credit_notes)

    @property
    def post_payment_credited(self) -> int:
        """What credit notes took back after it was paid."""
        return sum(note.post_payment_amount for note in self.credit_notes)

    @property
    def hosted_invoice_url(self) -> str | None:
        """Stripe's page on which the customer can pay it."""
        return None if self.status is _I.DRAFT else f"https://invoice.stripe.example/i/{self.id}"

    def changed(self) -> None:
        """Forget the answer that was made before the change."""
        self._answer = None

    def as_invoice(self) -> StripeInvoice:
        """Return it as the port answers it; made once per change."""
        if self._answer is None:
            self._answer = self._make_answer()
        return self._answer

    def _make_answer(self) -> StripeInvoice:
        services = [line for line in self.lines if not line.is_proration]
        line = max(services, key=lambda line: line.period_start) if services else self.lines[0]
        return StripeInvoice(
            self.id,
            self.subscription,
            self.owner_metadata.get("subscription_id"),
            self.status,
            self.billing_reason,
            Money(max(0, self.total), self.currency),
            Money(self.amount_due, self.currency),
            Money(self.amount_paid, self.currency),
            moment(line.period_start),
            moment(line.period_end),
            moment(self.created),
            None if self.payment is None else self.payment.intent.id,
            self.attempted,
            None if self.next_payment_attempt is None else moment(self.next_payment_attempt),
            self.hosted_invoice_url,
            self.post_payment_credited,
            None if (paid_at := self.transitions.get("paid_at")) is None else moment(paid_at),
            max(0, -self.total),
            sum(line.amount for line in self.lines if line.period_end <= self.created),
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it, without what it shows only where that is expanded."""
        lines = [line.to_stripe(self, number) for number, line in enumerate(self.lines)]
        return (
            _COMMON
            | self._amounts()
            | {
                "id": self.id,
                "object": "invoice",
                "attempt_count": self.attempt_count,
                "attempted": self.attempted,
                "auto_advance": self.auto_advance and self.status in (_I.DRAFT, _I.OPEN),
                "automatically_finalizes_at": self.automatically_finalizes_at if self.status is _I.DRAFT else None,
                "billing_reason": self.billing_reason,
                "created": self.created,
                "currency": self.currency,
                "customer": self.customer.id,
                "hosted_invoice_url": self.hosted_invoice_url,
                "lines": page_of(f"/v1/invoices/{self.id}/lines", lines),
                "next_payment_attempt": self.next_payment_attempt,
                "number": None if self.status is _I.DRAFT else self.number,
                "parent": self._parent(),
                "period_end": self.created,
                "period_start": self.period_start,
                "status": self.status.value,
                "status_transitions": {name: self.transitions.get(name) for name in TRANSITIONS},
                "test_clock": self.customer.test_clock,
            }
        )

    def expanded(self) -> Json:
        """Return what the object shows besides, where that is expanded: its payments and the secret to confirm them."""
        payments = [] if self.payment is None else [self.payment.to_stripe()]
        secret = None if self.payment is None else self.payment.intent.client_secret
        return {
            "confirmation_secret": None if secret is None else {"type": "payment_intent", "client_secret": secret},
            "payments": page_of(f"/v1/invoice_payments?invoice={self.id}", payments),
        }

    def _amounts(self) -> Json:
        return {
            "amount_due": self.amount_due,
            "amount_paid": self.amount_paid,
            "amount_paid_off_stripe": self.amount_paid if self.paid_out_of_band else 0,
            "amount_remaining": self.amount_due - self.amount_paid,
            "ending_balance": self.ending_balance,
            "post_payment_credit_notes_amount": self.post_payment_credited,
            "pre_payment_credit_notes_amount": self.pre_payment_credited,
            "starting_balance": self.starting_balance,
            "subtotal": self.total,
            "total": self.total,
        }

    def _parent(self) -> Json | None:
        if self.subscription is None:
            return None
        details: Json = {"metadata": self.owner_metadata, "subscription": self.subscription}
        return {"type": "subscription_details", "quote_details": None, "subscription_details": details}


TRANSITIONS = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")
"""When an invoice became what it is."""


def moment(seconds: int) -> datetime:
    """Return Unix seconds as a moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
