"""The messages of a checkout: one pure function from a change of an order to business events and mails."""

from __future__ import annotations

from enum import StrEnum

from payflows.checkout.model import TRANSITIONS, Order, OrderStatus
from payflows.kernel.aggregate import Kind, Review
from payflows.kernel.messages import BusinessEvent, Mail, Message
from payflows.kernel.repository import MISCONFIGURED
from payflows.money import Money
from payflows.payments.money_news import MoneyNews, money_news


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
    PAYMENT_DISPUTE_WON = "payment.dispute_won"
    PAYMENT_DISPUTE_LOST = "payment.dispute_lost"
    ORDER_SHIPPED = "order.shipped"
    ORDER_DELIVERED = "order.delivered"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_NEEDS_REVIEW = "order.needs_review"
    MERCHANT_MISCONFIGURED = "merchant.misconfigured"


class MailKind(StrEnum):
    """The mails that a customer gets about an order."""

    CARD_NEEDED = "card_needed"
    ORDER_CONFIRMED = "order_confirmed"
    ORDER_SHIPPED = "order_shipped"
    ORDER_CANCELLED = "order_cancelled"
    PAYMENT_FAILED = "payment_failed"
    MONEY_RETURNED = "money_returned"
    MONEY_NOT_RETURNED = "money_not_returned"
    """Corrects `MONEY_RETURNED`: it has come back to the shop, and is to be given back again."""


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


_OF_MONEY: dict[MoneyNews, tuple[EventType, MailKind | None]] = {
    MoneyNews.REFUNDED: (EventType.PAYMENT_REFUNDED, MailKind.MONEY_RETURNED),
    MoneyNews.REFUND_REOPENED: (EventType.PAYMENT_REFUND_FAILED, MailKind.MONEY_NOT_RETURNED),
    MoneyNews.REFUND_FAILED: (EventType.PAYMENT_REFUND_FAILED, None),
    MoneyNews.DISPUTED: (EventType.PAYMENT_DISPUTED, None),
    MoneyNews.DISPUTE_LOST: (EventType.PAYMENT_DISPUTE_LOST, None),
    MoneyNews.DISPUTE_WON: (EventType.PAYMENT_DISPUTE_WON, None),
}


def messages_for(before: Order | None, after: Order) -> tuple[Message, ...]:
    """Return the business events and mails that one change calls for, with keys derived from order and version."""
    messages: list[Message] = []
    entered = before is None or before.status is not after.status
    if entered and after.status in _ON_ENTERING:
        _add(messages, after, *_ON_ENTERING[after.status], _why(after))
    if before is None or before.charge is not after.charge:
        _add_about_money(messages, before, after)
    seen = before.review.reason if before is not None and before.review is not None else None
    review = after.review
    if review is not None and review.reason != seen:
        if review.reason == MISCONFIGURED:
            messages.append(_alert(after, review))
        else:
            _add(messages, after, EventType.ORDER_NEEDS_REVIEW, None, review.reason)
    return tuple(messages)


def _add_about_money(messages: list[Message], before: Order | None, after: Order) -> None:
    new = after.charge
    if new.attempt.decline is not None and (before is None or before.attempt.decline is None):
        _add(messages, after, EventType.PAYMENT_DECLINED, None, str(new.attempt.decline))
    if before is None:
        return
    old = before.charge
    if new.is_processing and not old.is_processing:
        _add(messages, after, EventType.PAYMENT_PROCESSING, None, None)
    for news in money_news(old, new):
        _add_news(messages, after, news)


def _add_news(messages: list[Message], after: Order, news: MoneyNews) -> None:
    charge = after.charge
    if news is MoneyNews.REFUNDED_IN_PART:
        if after.reason is None:
            returned = Money(charge.refunded_minor, charge.amount.currency)
            _add(messages, after, EventType.PAYMENT_REFUNDED, None, f"not by us: {returned} so far")
        return
    event, mail = _OF_MONEY[news]
    is_refund = event in (EventType.PAYMENT_REFUNDED, EventType.PAYMENT_REFUND_FAILED)
    _add(messages, after, event, mail, charge.refund_id if is_refund else charge.payment_id)


def _add(messages: list[Message], order: Order, event: EventType, mail: MailKind | None, reason: str | None) -> None:
    key, at = f"{order.id}:{order.version}", order.written_at
    messages.append(BusinessEvent(f"{key}:{event}", event, order.id, at, order.charge.amount, reason))
    if mail is not None:
        messages.append(Mail(f"{key}:mail:{mail}", mail, order.id, at, ORDERS.name, reason))


def _alert(order: Order, review: Review) -> BusinessEvent:
    """Return what tells the merchant that Stripe refuses us: one business event a day, however many orders wait."""
    merchant, event = order.purchase.merchant_id, EventType.MERCHANT_MISCONFIGURED
    key = f"{merchant}:{event}:{review.since.date()}"
    return BusinessEvent(key, event, merchant, review.since, Money(0, order.charge.amount.currency), review.detail)


def _why(order: Order) -> str | None:
    if order.status is OrderStatus.SHIPPED:
        return order.tracking_number
    if order.status is OrderStatus.CUSTOMER_ACTION:
        return str(order.attempt.decline) if order.attempt.decline else "3-D Secure"
    return order.cause()


ORDERS = Kind(name="order", aggregate_type=Order, transitions=TRANSITIONS, announce=messages_for)
"""Orders, as the kernel keeps them."""
