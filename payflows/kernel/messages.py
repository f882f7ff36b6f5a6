"""What is told to the rest of the business: business events and mails, and the outbox that keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from payflows.money import Money

if TYPE_CHECKING:
    from payflows.kernel.unit_of_work import UnitOfWork


class EventType(StrEnum):
    """The business events of a checkout."""

    ORDER_PLACED = "order.placed"
    PAYMENT_PROCESSING = "payment.processing"
    PAYMENT_ACTION_REQUIRED = "payment.action_required"
    PAYMENT_DECLINED = "payment.declined"
    PAYMENT_AUTHORISED = "payment.authorised"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded"
    PAYMENT_REFUND_FAILED = "payment.refund_failed"
    PAYMENT_DISPUTED = "payment.disputed"
    ORDER_SHIPPED = "order.shipped"
    ORDER_DELIVERED = "order.delivered"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_NEEDS_REVIEW = "order.needs_review"


class MailKind(StrEnum):
    """The mails that a customer gets about an order."""

    CARD_NEEDED = "card_needed"
    ORDER_CONFIRMED = "order_confirmed"
    ORDER_SHIPPED = "order_shipped"
    ORDER_CANCELLED = "order_cancelled"
    PAYMENT_FAILED = "payment_failed"
    MONEY_RETURNED = "refunded"


class BusinessEvent(NamedTuple):
    """Something that happened to an order; frozen, so that no handler can change what another sees.

    Attributes:
        key: unique, derived from the order and its version.
        type: what happened.
        order_id: to which order.
        at: when, by the flow's clock.
        amount: the order's total.
        reason: why, where there is a reason.
    """

    key: str
    type: EventType
    order_id: str
    at: datetime
    amount: Money
    reason: str | None = None


class Mail(NamedTuple):
    """A mail to an order's customer. The address is looked up when it is sent.

    Attributes:
        key: unique; a mailer that honours keys sends it once.
        kind: which text.
        order_id: about which order.
        reason: what the text must explain, such as a decline or a tracking number.
    """

    key: str
    kind: MailKind
    order_id: str
    reason: str | None = None


Message = BusinessEvent | Mail


class OutboxEntry(NamedTuple):
    """A message stored together with the change that it tells of, and delivered after.

    Attributes:
        message: what is to be delivered.
        due_at: when it is tried again; None: it was not tried yet, or is delivered.
        waits: how often it was tried in vain.
        delivered_at: when it was delivered; None until then.
    """

    message: Message
    due_at: datetime | None = None
    waits: int = 0
    delivered_at: datetime | None = None


Handler = Callable[[BusinessEvent, "UnitOfWork"], Awaitable[None]]
"""Does something about a business event; what it writes goes through its unit of work."""
