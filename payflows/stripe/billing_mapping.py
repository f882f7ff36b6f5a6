"""Stripe's subscriptions, invoices, set-ups and credit notes as the flows see them: the one place that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import stripe

from payflows.errors import UnreadableAnswer
from payflows.money import Money
from payflows.payments.model import CustomerAction
from payflows.stripe.billing_fields import (
    moment_of,
    moment_or_none,
    object_of,
    part_of,
    text_of,
    text_or_none,
    whole_of,
)
from payflows.stripe.mapping import status_of, text_in
from payflows.subscriptions.billing import (
    CreditNote,
    InvoicePreview,
    InvoiceStatus,
    Items,
    PauseBehavior,
    PausedCollection,
    PendingUpdate,
    PreviewLine,
    SetupStatus,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
)

OWNER = "subscription_id"
"""The metadata's name for our subscription; Stripe copies them from a subscription to its invoices."""


def subscription_of(answer: object) -> StripeSubscription:
    """The subscription, read with its latest invoice and that one's payments. Its status may be any word.

    Raises:
        UnreadableAnswer: not a subscription, live mode, no licensed item, or a latest invoice that was not expanded.
    """
    found = object_of(answer, stripe.Subscription)
    items = found["items"].data
    item, metered = _licensed_item(found, items), _metered_item(items)
    ends_with_its_period = found.cancel_at_period_end and found.cancel_at is None
    return StripeSubscription(
        id=text_of(found, "id"),
        owner_id=text_in(found.metadata, OWNER),
        status=text_of(found, "status"),
        stripe_customer_id=text_of(found, "customer"),
        price_id=text_of(item, "price"),
        quantity=whole_of(item, "quantity"),
        period_start=moment_of(item, "current_period_start"),
        period_end=moment_of(item, "current_period_end"),
        trial_end=moment_or_none(found, "trial_end"),
        cancel_at=moment_of(item, "current_period_end") if ends_with_its_period else moment_or_none(found, "cancel_at"),
        ended_at=moment_or_none(found, "ended_at"),
        payment_method=text_or_none(found, "default_payment_method"),
        setup_id=text_or_none(found, "pending_setup_intent"),
        paused_collection=_paused_collection(found),
        latest_invoice=_latest_invoice(found),
        item_id=text_of(item, "id"),
        metered_item_id=None if metered is None else text_of(metered, "id"),
        metered_price_id=None if metered is None else text_of(metered, "price"),
        pending_update=_pending_update(found),
    )


def invoice_of(answer: object) -> StripeInvoice:
    """The invoice, read with its payments.

    Raises:
        UnreadableAnswer: not an invoice, live mode, a status that payflows does not know, or payments that were not
            expanded.
    """
    found = object_of(answer, stripe.Invoice)
    made_by = _made_by(found)
    period_start, period_end = _billed_period(found)
    return StripeInvoice(
        id=text_of(found, "id"),
        stripe_subscription_id=text_or_none(made_by, "subscription") if made_by is not None else None,
        owner_id=text_in(made_by.metadata, OWNER) if made_by is not None else None,
        status=status_of(InvoiceStatus, found.status, f"invoice {found.id}"),
        billing_reason=text_of(found, "billing_reason"),
        total=Money(max(0, whole_of(found, "total")), found.currency),
        amount_due=Money(found.amount_due, found.currency),
        amount_paid=Money(found.amount_paid, found.currency),
        period_start=period_start,
        period_end=period_end,
        created_at=moment_of(found, "created"),
        payment_id=_payment_id(found),
        attempted=bool(found.attempted),
        next_payment_attempt=moment_or_none(found, "next_payment_attempt"),
        hosted_invoice_url=text_in(found, "hosted_invoice_url"),
        credited_minor=whole_of(found, "post_payment_credit_notes_amount"),
        paid_at=_paid_at(found),
        balance_credit_minor=max(0, -whole_of(found, "total")),
        past_minor=_past_minor(found),
    )


def preview_of(answer: object) -> InvoicePreview:
    """The preview of an invoice.

    Raises:
        UnreadableAnswer: not an invoice, live mode, or more lines than one page shows.
    """
    found = object_of(answer, stripe.Invoice)
    if found.lines.has_more:
        raise UnreadableAnswer("Stripe's preview has more lines than one page shows")
    lines = (_preview_line(part_of(line)) for line in found.lines.data)
    return InvoicePreview(whole_of(found, "total"), Money(found.amount_due, found.currency), tuple(lines))


def setup_of(answer: object) -> StripeSetup:
    """The set-up of a card.

    Raises:
        UnreadableAnswer: not a set-up, live mode, or a status that payflows does not know.
    """
    found = object_of(answer, stripe.SetupIntent)
    return StripeSetup(
        text_of(found, "id"),
        status_of(SetupStatus, found.status, f"set-up {found.id}"),
        text_or_none(found, "payment_method"),
    )


def setup_action_of(answer: object) -> CustomerAction | None:
    """What the customer's browser needs to answer the bank about a set-up; None where it asks nothing.

    Raises:
        UnreadableAnswer: not a set-up, or one that waits and does not say what for.
    """
    found = object_of(answer, stripe.SetupIntent)
    if status_of(SetupStatus, found.status, f"set-up {found.id}") is not SetupStatus.REQUIRES_ACTION:
        return None
    if not found.client_secret or found.next_action is None:
        raise UnreadableAnswer(f"set-up {found.id} waits for its customer, and does not say what for")
    return CustomerAction(found.client_secret, found.next_action.to_dict())


def credit_note_of(answer: object) -> CreditNote:
    """The credit note.

    Raises:
        UnreadableAnswer: not a credit note, live mode, or no invoice named.
    """
    found = object_of(answer, stripe.CreditNote)
    money = Money(found.amount, found.currency)
    return CreditNote(text_of(found, "id"), text_of(found, "invoice"), text_in(found.metadata, OWNER), money)


def usage_id_of(answer: object) -> str:
    """The id under which usage was reported.

    Raises:
        UnreadableAnswer: not a report of usage, or live mode.
    """
    return text_of(object_of(answer, stripe.billing.MeterEvent), "identifier")


def payment_method_id_of(answer: object) -> str:
    """The id of a payment method.

    Raises:
        UnreadableAnswer: not a payment method, or live mode.
    """
    return text_of(object_of(answer, stripe.PaymentMethod), "id")


# Parts of a subscription


def _licensed_item(found: stripe.Subscription, items: Sequence[object]) -> stripe.StripeObject:
    """Return the item that is billed in advance; the periods stand on it, not on the subscription."""
    for item in items:
        if not _is_metered(part_of(item)):
            return part_of(item)
    raise UnreadableAnswer(f"subscription {found.id} came without a licensed item")


def _metered_item(items: Sequence[object]) -> stripe.StripeObject | None:
    return next((part_of(item) for item in items if _is_metered(part_of(item))), None)


def _is_metered(item: stripe.StripeObject) -> bool:
    recurring = getattr(getattr(item, "price", None), "recurring", None)
    return recurring is not None and recurring.usage_type == "metered"


def _paused_collection(found: stripe.Subscription) -> PausedCollection | None:
    paused = found.pause_collection
    if paused is None:
        return None
    try:
        behavior = PauseBehavior(paused.behavior)
    except ValueError:
        raise UnreadableAnswer(f"subscription {found.id} is paused in the unknown way {paused.behavior!r}") from None
    return PausedCollection(behavior, moment_or_none(paused, "resumes_at"))


def _pending_update(found: stripe.Subscription) -> PendingUpdate | None:
    """Return the change of items that waits; one that changes nothing of them is none."""
    update = getattr(found, "pending_update", None)
    if update is None or not update.subscription_items:
        return None
    item, metered = _licensed_item(found, update.subscription_items), _metered_item(update.subscription_items)
    metered_price_id = None if metered is None else text_of(metered, "price")
    to = Items(text_of(item, "price"), whole_of(item, "quantity"), metered_price_id)
    return PendingUpdate(to, moment_of(update, "expires_at"))


def _latest_invoice(found: stripe.Subscription) -> StripeInvoice | None:
    latest = found.latest_invoice
    if isinstance(latest, str):
        raise UnreadableAnswer(f"subscription {found.id} came without its latest invoice; expand it")
    return None if latest is None else invoice_of(latest)


# Parts of an invoice


def _preview_line(line: stripe.StripeObject) -> PreviewLine:
    period = part_of(line["period"])
    return PreviewLine(whole_of(line, "amount"), moment_of(period, "start"), moment_of(period, "end"))


def _billed_period(found: stripe.Invoice) -> tuple[datetime, datetime]:
    """Return the period of the service that it bills, in advance before in arrears.

    Of a renewal, the invoice's own is the one before, and so is that of its usage.
    """
    lines = found.lines.data
    if not lines:
        return moment_of(found, "period_start"), moment_of(found, "period_end")
    services = [part_of(line["period"]) for line in lines if not _is_proration(line)]
    period = max(services or [part_of(lines[0]["period"])], key=lambda period: whole_of(period, "start"))
    return moment_of(period, "start"), moment_of(period, "end")


def _past_minor(found: stripe.Invoice) -> int:
    """Return what its lines bill for time that was over when it was made."""
    lines = [line for line in found.lines.data if whole_of(part_of(line["period"]), "end") <= found.created]
    return sum(whole_of(line, "amount") for line in lines)


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
            return text_or_none(payment.payment, "payment_intent")
    return None


def _paid_at(invoice: stripe.Invoice) -> datetime | None:
    transitions = getattr(invoice, "status_transitions", None)
    return None if transitions is None else moment_or_none(transitions, "paid_at")
