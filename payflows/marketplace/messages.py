"""The messages of a marketplace: pure functions from a change to business events and mails."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from payflows.kernel.aggregate import Aggregate, Kind
from payflows.kernel.messages import BusinessEvent, Mail, Message
from payflows.kernel.repository import MISCONFIGURED
from payflows.marketplace.dispute_case import DISPUTE_TRANSITIONS, DisputeCase
from payflows.marketplace.movement import MOVEMENT_TRANSITIONS, Movement, MovementStatus, MovementType
from payflows.marketplace.payout import PAYOUT_TRANSITIONS, Payout, PayoutState
from payflows.marketplace.sale import SALE_TRANSITIONS, Sale, SaleStatus
from payflows.marketplace.vendor import VENDOR_TRANSITIONS, Vendor, VendorStatus
from payflows.money import Money


class EventType(StrEnum):
    """The business events of a marketplace."""

    VENDOR_ONBOARDING = "vendor.onboarding"
    VENDOR_ACTIVE = "vendor.active"
    VENDOR_RESTRICTED = "vendor.restricted"
    VENDOR_CLOSED = "vendor.closed"
    SALE_PAID = "sale.paid"
    SALE_FAILED = "sale.failed"
    SALE_ACTION_REQUIRED = "sale.action_required"
    SALE_REFUNDED = "sale.refunded"
    SALE_REFUND_FAILED = "sale.refund_failed"
    SALE_DISPUTED = "sale.disputed"
    SALE_DISPUTE_WON = "sale.dispute_won"
    SALE_DISPUTE_LOST = "sale.dispute_lost"
    SHARE_OWED = "vendor.owes"
    PAYOUT_SENT = "vendor.payout_sent"
    PAYOUT_PAID = "vendor.payout_paid"
    PAYOUT_FAILED = "vendor.payout_failed"
    NEEDS_REVIEW = "marketplace.needs_review"
    MERCHANT_MISCONFIGURED = "merchant.marketplace_misconfigured"


class MailKind(StrEnum):
    """The mails of a marketplace, to buyers and vendors."""

    VENDOR_RESTRICTED = "vendor_restricted"
    CARD_NEEDED = "sale_card_needed"
    SALE_PAID = "sale_paid"
    SALE_FAILED = "sale_failed"
    PAYOUT_FAILED = "vendor_payout_failed"


_OF_VENDOR: Mapping[VendorStatus, tuple[EventType, MailKind | None]] = {
    VendorStatus.ONBOARDING: (EventType.VENDOR_ONBOARDING, None),
    VendorStatus.ACTIVE: (EventType.VENDOR_ACTIVE, None),
    VendorStatus.RESTRICTED: (EventType.VENDOR_RESTRICTED, MailKind.VENDOR_RESTRICTED),
    VendorStatus.CLOSED: (EventType.VENDOR_CLOSED, None),
}
_OF_SALE: Mapping[SaleStatus, tuple[EventType, MailKind | None]] = {
    SaleStatus.CUSTOMER_ACTION: (EventType.SALE_ACTION_REQUIRED, MailKind.CARD_NEEDED),
    SaleStatus.PAID: (EventType.SALE_PAID, MailKind.SALE_PAID),
    SaleStatus.FAILED: (EventType.SALE_FAILED, MailKind.SALE_FAILED),
}
_OF_PAYOUT: Mapping[PayoutState, tuple[EventType, MailKind | None]] = {
    PayoutState.SENT: (EventType.PAYOUT_SENT, None),
    PayoutState.PAID: (EventType.PAYOUT_PAID, None),
    PayoutState.FAILED: (EventType.PAYOUT_FAILED, MailKind.PAYOUT_FAILED),
}
_OF_DISPUTE: Mapping[str, EventType] = {
    "open": EventType.SALE_DISPUTED,
    "won": EventType.SALE_DISPUTE_WON,
    "lost": EventType.SALE_DISPUTE_LOST,
}


_Row = Vendor | Sale | Movement | DisputeCase | Payout


def messages_for_vendor(before: Vendor | None, after: Vendor) -> tuple[Message, ...]:
    """Return what a change of a vendor calls for."""
    if before is None or before.status is after.status or after.status not in _OF_VENDOR:
        return _reviews(before, after, Money(0, after.currency or "usd"))
    event, mail = _OF_VENDOR[after.status]
    reason = ", ".join(after.requirements.past_due or after.requirements.currently_due) or None
    return _messages(after, after.id, Money(0, after.currency or "usd"), event, mail, reason, VENDORS.name)


def messages_for_sale(before: Sale | None, after: Sale) -> tuple[Message, ...]:
    """Return what a change of a sale calls for."""
    amount = after.charge.amount
    if before is None or before.status is after.status or after.status not in _OF_SALE:
        return _reviews(before, after, amount)
    event, mail = _OF_SALE[after.status]
    return _messages(after, after.id, amount, event, mail, after.cause(), SALES.name)


def messages_for_movement(before: Movement | None, after: Movement) -> tuple[Message, ...]:
    """Return what a change of a movement calls for; a refund that other hands have made is done when it is stored."""
    if before is not None and before.status is after.status:
        return _reviews(before, after, after.amount)
    event: EventType | None = None
    if after.status is MovementStatus.OWED:
        event = EventType.SHARE_OWED
    elif after.type is MovementType.REFUND:
        events = {MovementStatus.DONE: EventType.SALE_REFUNDED, MovementStatus.FAILED: EventType.SALE_REFUND_FAILED}
        event = events.get(after.status)
    if event is None:
        return _reviews(before, after, after.amount)
    return _messages(after, after.sale_id, after.amount, event, None, after.purpose, MOVEMENTS.name)


def messages_for_dispute(before: DisputeCase | None, after: DisputeCase) -> tuple[Message, ...]:
    """Return what a change of a dispute calls for."""
    event = _OF_DISPUTE.get(after.status.value)
    if event is None or (before is not None and before.status is after.status):
        return _reviews(before, after, after.amount)
    return _messages(after, after.sale_id, after.amount, event, None, after.id, DISPUTES.name)


def messages_for_payout(before: Payout | None, after: Payout) -> tuple[Message, ...]:
    """Return what a change of a payout calls for."""
    if before is None or before.status is after.status or after.status not in _OF_PAYOUT:
        return _reviews(before, after, after.amount)
    event, mail = _OF_PAYOUT[after.status]
    return _messages(after, after.vendor_row_id, after.amount, event, mail, after.failure_code, PAYOUTS.name)


def _messages(
    after: Aggregate,
    subject: str,
    amount: Money,
    event: EventType,
    mail: MailKind | None,
    reason: str | None,
    about: str,
) -> tuple[Message, ...]:
    key, at = f"{after.id}:{after.version}", after.written_at
    messages: list[Message] = [BusinessEvent(f"{key}:{event}", event, subject, at, amount, reason)]
    if mail is not None:
        messages.append(Mail(f"{key}:mail:{mail}", mail, after.id, at, about, reason))
    return tuple(messages)


def _reviews(before: Aggregate | None, after: _Row, amount: Money) -> tuple[Message, ...]:
    """Return that a person must look at it, once for each reason; that Stripe refuses us once a day, for all rows."""
    seen = None if before is None or before.review is None else before.review.reason
    if after.review is None or after.review.reason == seen:
        return ()
    if after.review.reason == MISCONFIGURED:
        merchant, event, since = after.merchant_id, EventType.MERCHANT_MISCONFIGURED, after.review.since
        key, nothing = f"{merchant}:{event}:{since.date()}", Money(0, amount.currency)
        return (BusinessEvent(key, event, merchant, since, nothing, after.review.detail),)
    return _messages(after, after.id, amount, EventType.NEEDS_REVIEW, None, after.review.reason, "")


VENDORS = Kind(name="vendor", aggregate_type=Vendor, transitions=VENDOR_TRANSITIONS, announce=messages_for_vendor)
"""Vendors, as the kernel keeps them."""
SALES = Kind(name="sale", aggregate_type=Sale, transitions=SALE_TRANSITIONS, announce=messages_for_sale)
"""Sales, likewise."""
MOVEMENTS = Kind(
    name="movement", aggregate_type=Movement, transitions=MOVEMENT_TRANSITIONS, announce=messages_for_movement
)
"""Movements, likewise."""
DISPUTES = Kind(
    name="dispute_case", aggregate_type=DisputeCase, transitions=DISPUTE_TRANSITIONS, announce=messages_for_dispute
)
"""Disputes, likewise."""
PAYOUTS = Kind(name="payout", aggregate_type=Payout, transitions=PAYOUT_TRANSITIONS, announce=messages_for_payout)
"""Payouts, likewise."""
