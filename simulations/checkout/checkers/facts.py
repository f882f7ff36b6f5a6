"""Messages that no status calls for: held against the order, its log and Stripe (I24).

Messages published when a status is entered, and all mails, are checked in `messages`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from payflows.checkout.messages import EventType, MailKind
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.aggregate import Transition
from payflows.payments.model import DisputeStatus, RefundStatus

from simulations.search.breach import Breach

if TYPE_CHECKING:
    from simulations.checkout.shop import Shop
    from simulations.stripe.payments.refunds_and_disputes import Dispute

Bounds = tuple[int, int]
"""How often at least and at most."""


def are_called_for(order: Order) -> bool:
    """Say whether the order holds something that must have been published."""
    charge = order.charge
    has_moved = charge.refunded or charge.refunded_minor or charge.disputed or charge.lost_minor
    return bool(has_moved or order.review is not None)


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
    yield from _disputes(shop, order, words)
    yield EventType.ORDER_NEEDS_REVIEW, (int(order.review is not None), len(words))


def _disputes(shop: Shop, order: Order, words: Sequence[str]) -> Iterator[tuple[EventType, Bounds]]:
    """How each began and ended. Changes between two looks are not published, but what holds in the end is."""
    charge, disputes = order.charge, disputes_of(shop, order)
    decided = Counter(status for dispute in disputes for status, _ in dispute.decisions)
    lost, won = decided[DisputeStatus.LOST], decided[DisputeStatus.WON] + decided[DisputeStatus.WARNING_CLOSED]
    yield EventType.PAYMENT_DISPUTED, (int(charge.disputed), len(disputes))
    yield EventType.PAYMENT_DISPUTE_LOST, (int(charge.lost_minor > 0), lost)
    is_known = EventType.PAYMENT_DISPUTED in words or EventType.PAYMENT_DISPUTE_LOST in words
    is_over = is_known and not charge.disputed and not charge.lost_minor
    yield EventType.PAYMENT_DISPUTE_WON, (int(is_over), won)


def disputes_of(shop: Shop, order: Order) -> list[Dispute]:
    """Return all disputes about the order's money, as Stripe has them."""
    payments = shop.stripe.payments_of_order(order.id)
    return [dispute for payment in payments for dispute in shop.stripe.intent(payment.id).disputes]


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
    """How many refunds others made, and how often money came back to us: a refund failed, a loss was reversed."""
    payments = shop.stripe.payments_of_order(order.id)
    refunds = [refund for payment in payments for refund in shop.stripe.intent(payment.id).refunds]
    by_others = sum("order_id" not in refund.metadata for refund in refunds)
    return by_others, came_back(shop, order)


def came_back(shop: Shop, order: Order) -> int:
    """Count how often money that had gone back came to us again: a refund failed, a lost dispute was won."""
    payments = shop.stripe.payments_of_order(order.id)
    refunds = [refund for payment in payments for refund in shop.stripe.intent(payment.id).refunds]
    reversed_losses = sum(len(dispute.decisions) - 1 for dispute in disputes_of(shop, order) if dispute.decisions)
    return sum(refund.status is RefundStatus.FAILED for refund in refunds) + reversed_losses
