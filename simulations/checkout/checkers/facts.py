"""Messages that no status calls for: held against the order, its log and Stripe (I24).

Messages published when a status is entered, and all mails, are checked in `messages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from payflows.checkout.messages import EventType, MailKind
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.aggregate import Transition
from payflows.payments.model import RefundStatus

from simulations.search.breach import Breach

if TYPE_CHECKING:
    from simulations.checkout.shop import Shop

Bounds = tuple[int, int]
"""How often at least and at most."""


def are_called_for(order: Order) -> bool:
    """Say whether the order holds something that must have been published."""
    return bool(order.refunded or order.charge.refunded_minor or order.charge.disputed or order.review is not None)


def breaches(
    shop: Shop, order: Order, log: Sequence[Transition], words: Sequence[str], *, is_known_pending: bool
) -> Iterator[Breach]:
    """Yield a breach for each of these business events that was published too seldom, or too often.

    Args:
        shop: at rest.
        order: as stored.
        log: its own.
        words: all messages about it.
        is_known_pending: a customer was answered that the bank is at work on it.
    """
    pending = _pending(shop, order, log, int(is_known_pending))
    for word, (least, most) in (pending, *_bounds(shop, order, words)):
        times = words.count(word)
        if not least <= times <= most:
            due = least if least == most else f"{least} to {most}"
            yield Breach(
                "I24", order.id, f"{order.id}: {word} was published {times} times, and what came of it calls for {due}"
            )


def _bounds(shop: Shop, order: Order, words: Sequence[str]) -> Iterator[tuple[EventType, Bounds]]:
    """A decline is not among them: whose it is, is looked at with the answers. A review may have been over long ago."""
    by_others, came_back = _refunds(shop, order)
    returned = int(order.refunded or _returned_by_others(order))
    yield EventType.PAYMENT_REFUNDED, (returned, int(order.refunded) + came_back + by_others)
    mailed_returned = MailKind.MONEY_RETURNED in words
    yield EventType.PAYMENT_REFUND_FAILED, (int(mailed_returned and not order.refunded), came_back)
    yield EventType.PAYMENT_DISPUTED, (int(order.charge.disputed), int(order.charge.disputed))
    yield EventType.ORDER_NEEDS_REVIEW, (int(order.review is not None), len(words))


def _pending(shop: Shop, order: Order, log: Sequence[Transition], least: int) -> tuple[EventType, Bounds]:
    """Once a try at most, and only where the customer's bank was ever at work on one for days."""
    payments = shop.stripe.payments_of_order(order.id)
    charges = (charge for payment in payments for charge in shop.stripe.intent(payment.id).charges)
    takes_days = any(charge.method.is_bank_debit for charge in charges)
    tries = sum(logged.after is OrderStatus.PAYMENT_PROCESSING for logged in log)
    return EventType.PAYMENT_PROCESSING, (least, tries if takes_days else 0)


def _returned_by_others(order: Order) -> bool:
    return order.charge.refunded_minor > 0 and not order.charge.refund_asked and order.reason is None


def _refunds(shop: Shop, order: Order) -> tuple[int, int]:
    """How many refunds others made, and how many the bank sent back, whoever had made them."""
    payments = shop.stripe.payments_of_order(order.id)
    refunds = [refund for payment in payments for refund in shop.stripe.intent(payment.id).refunds]
    by_others = sum("order_id" not in refund.metadata for refund in refunds)
    return by_others, sum(refund.status is RefundStatus.FAILED for refund in refunds)
