"""What is told when an order changes: one pure function from before and after to business events and mails."""

from __future__ import annotations

from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.messages import BusinessEvent, EventType, Mail, MailKind, Message
from payflows.money import Money

_ON_ENTERING: dict[OrderStatus, tuple[EventType, MailKind | None]] = {
    OrderStatus.PENDING: (EventType.ORDER_PLACED, None),
    OrderStatus.CUSTOMER_ACTION: (EventType.PAYMENT_ACTION_REQUIRED, MailKind.CARD_NEEDED),
    OrderStatus.AUTHORISED: (EventType.PAYMENT_AUTHORISED, None),
    OrderStatus.PAID: (EventType.PAYMENT_SUCCEEDED, MailKind.ORDER_CONFIRMED),
    OrderStatus.SHIPPED: (EventType.ORDER_SHIPPED, MailKind.ORDER_SHIPPED),
    OrderStatus.DELIVERED: (EventType.ORDER_DELIVERED, None),
    OrderStatus.CANCELLED: (EventType.ORDER_CANCELLED, MailKind.ORDER_CANCELLED),
    OrderStatus.PAYMENT_FAILED: (EventType.PAYMENT_FAILED, MailKind.PAYMENT_FAILED),
}


def announcements(before: Order | None, after: Order) -> tuple[Message, ...]:
    """The business events and mails that one change calls for, with keys derived from order and version."""
    told: list[Message] = []
    entered = before is None or before.status is not after.status
    if entered and after.status in _ON_ENTERING:
        _tell(told, after, *_ON_ENTERING[after.status], _why(after))
    attempt = after.attempt
    if attempt.decline is not None and (before is None or before.attempt.decline is None):
        _tell(told, after, EventType.PAYMENT_DECLINED, None, str(attempt.decline))
    if before is not None:
        _tell_of_money(told, before, after)
    seen = before.review.reason if before is not None and before.review is not None else None
    if after.review is not None and after.review.reason != seen:
        _tell(told, after, EventType.ORDER_NEEDS_REVIEW, None, after.review.reason)
    return tuple(told)


def _tell_of_money(told: list[Message], before: Order, after: Order) -> None:
    if after.in_processing and not before.in_processing:
        _tell(told, after, EventType.PAYMENT_PROCESSING, None, None)
    if after.refunded and not before.refunded:
        _tell(told, after, EventType.PAYMENT_REFUNDED, MailKind.MONEY_RETURNED, after.refund_id)
    elif after.refunded_minor > before.refunded_minor and not after.refund_asked and after.reason is None:
        returned = Money(after.refunded_minor, after.purchase.price.total.currency)
        _tell(told, after, EventType.PAYMENT_REFUNDED, None, f"not by us: {returned} so far")
    if (before.refunded and not after.refunded) or after.refunded_minor < before.refunded_minor:
        _tell(told, after, EventType.PAYMENT_REFUND_FAILED, None, after.refund_id)
    if after.disputed and not before.disputed:
        _tell(told, after, EventType.PAYMENT_DISPUTED, None, after.payment_id)


def _tell(told: list[Message], order: Order, event: EventType, mail: MailKind | None, reason: str | None) -> None:
    key = f"{order.id}:{order.version}:{event}"
    told.append(BusinessEvent(key, event, order.id, order.changed_at, order.purchase.price.total, reason))
    if mail is not None:
        told.append(Mail(f"{order.id}:{order.version}:mail:{mail}", mail, order.id, reason))


def _why(order: Order) -> str | None:
    if order.status is OrderStatus.SHIPPED:
        return order.tracking_number
    if order.status is OrderStatus.CUSTOMER_ACTION:
        return str(order.attempt.decline) if order.attempt.decline else "3-D Secure"
    return order.reason.value if order.reason is not None else None
