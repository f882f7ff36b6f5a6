"""Stripe's subscriptions, invoices, set-ups and credit notes as the flows see them: the one place that reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import stripe

from payflows.errors import UnreadableAnswer
from payflows.money import Money
from payflows.payments.model import CustomerAction
from payflows.stripe.mapping import text_in
from payflows.subscriptions.billing import (
    CreditNote,
    InvoiceStatus,
    SetupStatus,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
)

OWNER = "subscription_id"
"""The metadata's name for our subscription; Stripe copies them from a subscription to its invoices."""

_Found = TypeVar("_Found", bound=stripe.StripeObject)


def subscription_of(answer: object) -> StripeSubscription:
    """The subscription, read with its latest invoice and that one's payments. Its status may be any word.

    Raises:
        UnreadableAnswer: not a subscription, live mode, no item, or a latest invoice that was not expanded.
    """
    found = _test_object(answer, stripe.Subscription)
    item = _first_item(found)
    ends_with_its_period = found.cancel_at_period_end and found.cancel_at is None
    return StripeSubscription(
        id=_text(found, "id"),
        owner_id=text_in(found.metadata, OWNER),
        status=_text(found, "status"),
        stripe_customer_id=_text(found, "customer"),
        price_id=_text(item, "price"),
        quantity=_whole(item, "quantity"),
        period_start=_moment(item, "current_period_start"),
        period_end=_moment(item, "current_period_end"),
        trial_end=_moment_or_none(found, "trial_end"),
        cancel_at=_moment(item, "current_period_end") if ends_with_its_period else _moment_or_none(found, "cancel_at"),
        ended_at=_moment_or_none(found, "ended_at"),
        payment_method=_text_or_none(found, "default_payment_method"),
        setup_id=_text_or_none(found, "pending_setup_intent"),
        is_collection_paused=found.pause_collection is not None,
        latest_invoice=_latest_invoice(found),
    )


def invoice_of(answer: object) -> StripeInvoice:
    """The invoice, read with its payments.

    Raises:
        UnreadableAnswer: not an invoice, live mode, a status that payflows does not know, or payments that were not
            expanded.
    """
    found = _test_object(answer, stripe.Invoice)
    made_by = _made_by(found)
    period_start, period_end = _billed_period(found)
    return StripeInvoice(
        id=_text(found, "id"),
        stripe_subscription_id=_text_or_none(made_by, "subscription") if made_by is not None else None,
        owner_id=text_in(made_by.metadata, OWNER) if made_by is not None else None,
        status=_invoice_status(found),
        billing_reason=_text(found, "billing_reason"),
        total=Money(max(0, _whole(found, "total")), found.currency),
        amount_due=Money(found.amount_due, found.currency),
        amount_paid=Money(found.amount_paid, found.currency),
        period_start=period_start,
        period_end=period_end,
        created_at=_moment(found, "created"),
        payment_id=_payment_id(found),
        attempted=bool(found.attempted),
        next_payment_attempt=_moment_or_none(found, "next_payment_attempt"),
        hosted_invoice_url=text_in(found, "hosted_invoice_url"),
        credited_minor=_whole(found, "post_payment_credit_notes_amount"),
        paid_at=_paid_at(found),
    )


def setup_of(answer: object) -> StripeSetup:
    """The set-up of a card.

    Raises:
        UnreadableAnswer: not a set-up, live mode, or a status that payflows does not know.
    """
    found = _test_object(answer, stripe.SetupIntent)
    return StripeSetup(_text(found, "id"), _setup_status(found), _text_or_none(found, "payment_method"))


def setup_action_of(answer: object) -> CustomerAction | None:
    """What the customer's browser needs to answer the bank about a set-up; None where it asks nothing.

    Raises:
        UnreadableAnswer: not a set-up, or one that waits and does not say what for.
    """
    found = _test_object(answer, stripe.SetupIntent)
    if _setup_status(found) is not SetupStatus.REQUIRES_ACTION:
        return None
    if not found.client_secret or found.next_action is None:
        raise UnreadableAnswer(f"set-up {found.id} waits for its customer, and does not say what for")
    return CustomerAction(found.client_secret, found.next_action.to_dict())


def credit_note_of(answer: object) -> CreditNote:
    """The credit note.

    Raises:
        UnreadableAnswer: not a credit note, live mode, or no invoice named.
    """
    found = _test_object(answer, stripe.CreditNote)
    money = Money(found.amount, found.currency)
    return CreditNote(_text(found, "id"), _text(found, "invoice"), text_in(found.metadata, OWNER), money)


def payment_method_id_of(answer: object) -> str:
    """The id of a payment method.

    Raises:
        UnreadableAnswer: not a payment method, or live mode.
    """
    return _text(_test_object(answer, stripe.PaymentMethod), "id")


# Parts of a subscription


def _first_item(found: stripe.Subscription) -> stripe.StripeObject:
    """Return the item that is billed; the periods stand on it, not on the subscription."""
    items = found["items"].data
    if not items:
        raise UnreadableAnswer(f"subscription {found.id} came without an item")
    return _object(items[0])


def _latest_invoice(found: stripe.Subscription) -> StripeInvoice | None:
    latest = found.latest_invoice
    if isinstance(latest, str):
        raise UnreadableAnswer(f"subscription {found.id} came without its latest invoice; expand it")
    return None if latest is None else invoice_of(latest)


# Parts of an invoice


def _billed_period(found: stripe.Invoice) -> tuple[datetime, datetime]:
    """Return the period of its first line that bills a service; of a renewal, the invoice's own is the one before."""
    lines = found.lines.data
    if not lines:
        return _moment(found, "period_start"), _moment(found, "period_end")
    service = next((line for line in lines if not _is_proration(line)), lines[0])
    period = _object(service["period"])
    return _moment(period, "start"), _moment(period, "end")


def _is_proration(line: stripe.InvoiceLineItem) -> bool:
    """Whether it settles a change in a period; Stripe puts such lines before those of the new period."""
    parent = line.parent
    part = parent.subscription_item_details or parent.invoice_item_details if parent is not None else None
    return part is not None and bool(part.proration)


def _made_by(found: stripe.Invoice) -> stripe.Invoice.Parent.SubscriptionDetails | None:
    """Return what it says of the subscription that made it; None where something else did."""
    parent = found.parent
    return parent.subscription_details if parent is not None and parent.type == "subscription_details" else None


def _payment_id(found: stripe.Invoice) -> str | None:
    """Return the payment intent of its default payment."""
    if found.payments is None:
        raise UnreadableAnswer(f"invoice {found.id} came without its payments; expand them")
    for payment in found.payments.data:
        if payment.is_default and payment.payment.type == "payment_intent":
            return _text_or_none(payment.payment, "payment_intent")
    return None


def _invoice_status(found: stripe.Invoice) -> InvoiceStatus:
    try:
        return InvoiceStatus(found.status or "")
    except ValueError:
        raise UnreadableAnswer(f"invoice {found.id} has the unknown status {found.status!r}") from None


def _setup_status(found: stripe.SetupIntent) -> SetupStatus:
    try:
        return SetupStatus(found.status)
    except ValueError:
        raise UnreadableAnswer(f"set-up {found.id} has the unknown status {found.status!r}") from None


# Fields of any object


def _test_object(answer: object, kind: type[_Found]) -> _Found:
    """Return the answer, which is of this kind and of test mode."""
    if not isinstance(answer, kind):
        raise UnreadableAnswer(f"Stripe's answer is a {type(answer).__name__}, not a {kind.__name__}")
    if answer["livemode"]:
        raise UnreadableAnswer(f"{kind.__name__} {answer['id']} is in live mode, and our key is not")
    return answer


def _object(value: object) -> stripe.StripeObject:
    if not isinstance(value, stripe.StripeObject):
        raise UnreadableAnswer(f"Stripe's answer has a {type(value).__name__} where an object stands")
    return value


def _text(found: stripe.StripeObject, field: str) -> str:
    value = _text_or_none(found, field)
    if value is None:
        raise UnreadableAnswer(f"Stripe's answer has no text as its {field}")
    return value


def _text_or_none(found: stripe.StripeObject, field: str) -> str | None:
    """Return a text, or the id of the object that stands there expanded."""
    value = getattr(found, field, None)
    return text_in(value, "id") if isinstance(value, stripe.StripeObject) else text_in(found, field)


def _whole(found: stripe.StripeObject, field: str) -> int:
    value = found[field]
    if type(value) is not int:
        raise UnreadableAnswer(f"Stripe's answer has no whole number as its {field}")
    return value


def _moment(found: stripe.StripeObject, field: str) -> datetime:
    return datetime.fromtimestamp(_whole(found, field), UTC)


def _paid_at(invoice: stripe.Invoice) -> datetime | None:
    transitions = getattr(invoice, "status_transitions", None)
    return None if transitions is None else _moment_or_none(transitions, "paid_at")


def _moment_or_none(found: stripe.StripeObject, field: str) -> datetime | None:
    return None if getattr(found, field, None) is None else _moment(found, field)
