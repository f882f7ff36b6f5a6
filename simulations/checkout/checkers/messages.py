"""What customers and the rest of the business were told, and whether it was so. Money, stock and states: `checkers`.

I16: an answer was true and stays so, and a wish that was taken is kept. I24: what is told goes out, and has its
effect; what no status calls for is in `told_by_facts`. I27: a mail for each thing that is worth one, and no other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from payflows.checkout.messages import ORDERS, EventType, MailKind
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.messages import Mail
from payflows.kernel.queue_item import ItemStatus, WebhookSubject
from payflows.payments.model import Payment, RefundStatus

from simulations.checkout.checkers import facts as told_by_facts
from simulations.search.breach import Breach

if TYPE_CHECKING:
    from simulations.checkout.shop import Shop

_S = OrderStatus
_SOLD = (_S.SHIPPED, _S.DELIVERED)
_UNSOLD = (_S.PAYMENT_FAILED, _S.CANCELLED)

Word = str
"""A business event's type, or a kind of mail."""

CALLED_FOR: Mapping[StrEnum, tuple[Word, ...]] = {
    _S.PENDING: (EventType.ORDER_PLACED,),
    _S.INVENTORY_RESERVED: (),
    _S.PAYMENT_PROCESSING: (),
    _S.CUSTOMER_ACTION: (EventType.PAYMENT_ACTION_REQUIRED, MailKind.CARD_NEEDED),
    _S.AUTHORISED: (EventType.PAYMENT_AUTHORISED,),
    _S.ABANDONING: (),
    _S.PAID: (EventType.PAYMENT_SUCCEEDED, MailKind.ORDER_CONFIRMED),
    _S.REFUNDING: (),
    _S.SHIPPED: (EventType.ORDER_SHIPPED, MailKind.ORDER_SHIPPED),
    _S.DELIVERED: (EventType.ORDER_DELIVERED,),
    _S.PAYMENT_FAILED: (EventType.PAYMENT_FAILED, MailKind.PAYMENT_FAILED),
    _S.CANCELLED: (EventType.ORDER_CANCELLED, MailKind.ORDER_CANCELLED),
}
"""What is told each time that a status is entered. Written down once more: the flow's own table is what is checked."""

_MAILS = frozenset(map(str, MailKind))
_WORDS = tuple(word for words in CALLED_FOR.values() for word in words)


def answers(shop: Shop, heard: Iterable[Order]) -> Iterator[Breach]:
    """I16: what was answered, by the orders as they were then."""
    stored = {order.id: order for order in shop.store.all(ORDERS)}
    for told in heard:
        now = stored.get(told.id)
        if now is None:
            yield Breach("I16", told.id, f"{told.id}: the customer heard {told.status}, and nobody knows the order")
        elif not _came_true(shop, told, now):
            kept = shop.stripe.net_for(told.id)
            yield Breach(
                "I16",
                told.id,
                f"{told.id}: the customer heard {told.status}, and it ended as {now.status} with {kept} taken",
            )
        elif told.attempt.decline is not None and _was_charged(shop, told, now):
            yield Breach(
                "I16", told.id, f"{told.id}: try {told.attempt.number} was told to be declined, and was charged"
            )
        elif told.cancel_asked and not now.cancel_asked and now.status is not _S.CANCELLED:
            yield Breach("I16", told.id, f"{told.id}: a wish to cancel it was taken, and is forgotten")
        elif told.charge.refund_asked and not now.refunded and now.review is None:
            yield Breach("I16", told.id, f"{told.id}: its money was to go back, and nobody is told that it did not")


def _came_true(shop: Shop, told: Order, now: Order) -> bool:
    if told.status in _UNSOLD:
        return now.status is told.status and shop.stripe.net_for(told.id).minor == 0
    return told.status not in (_S.PAID, *_SOLD) or now.status in (*_SOLD, _S.CANCELLED)


def _was_charged(shop: Shop, told: Order, now: Order) -> bool:
    """Whether money was taken, and no other try was made for it."""
    return now.attempt.number == told.attempt.number and shop.stripe.captured_for(told.id).minor > 0


def messages(shop: Shop, heard: Sequence[Order]) -> Iterator[Breach]:
    """I16, I24, I27: what was told by the outbox, and by mail. A checkout that uses no outbox tells in its own way."""
    words: defaultdict[str, list[Word]] = defaultdict(list)
    declines: defaultdict[str, list[str]] = defaultdict(list)
    for item in shop.store.all_items(OUTBOX):
        message = item.content
        assert not isinstance(message, WebhookSubject), "the outbox holds messages"
        if item.finished_at is None:
            yield Breach("I24", message.key, f"{message.key} was never delivered")
        if isinstance(message, Mail):
            if message.key not in shop.mailer.sent:
                yield Breach("I27", message.key, f"the mail {message.key} was never sent")
            continue
        words[message.subject].append(message.type)
        if message.type == EventType.PAYMENT_DECLINED:
            declines[message.subject].append(str(message.reason))
    for mail in shop.mailer.sent.values():
        if mail.subject in words:
            words[mail.subject].append(mail.kind)
    pending = {told.id for told in heard if told.charge.is_processing}
    for order_id, told in words.items():
        yield from _as_the_log_calls_for(shop, order_id, told, is_known_pending=order_id in pending)
    yield from _declines(shop, declines, heard, words)


def handlers(shop: Shop) -> Iterator[Breach]:
    """I24: no handler has still to take a business event."""
    for queue in shop.world.run(shop.store.queues(PREFIX)):
        for item in shop.store.all_items(queue):
            if item.status is not ItemStatus.PROCESSED:
                text = f"{queue} has not processed {item.key}: {item.last_error or item.status}"
                yield Breach("I24", item.key, text)


def _as_the_log_calls_for(
    shop: Shop, order_id: str, words: Sequence[Word], *, is_known_pending: bool
) -> Iterator[Breach]:
    log = shop.store.transitions(ORDERS, order_id)
    called_for = [word for logged in log for word in CALLED_FOR[logged.after]]
    told = [word for word in words if word in _WORDS]
    if sorted(told) != sorted(called_for):
        for word in _WORDS:
            times, due = told.count(word), called_for.count(word)
            if times != due:
                number = "I27" if word in _MAILS else "I24"
                yield Breach(
                    number, order_id, f"{order_id}: {word} was told {times} times, and its log calls for {due}"
                )
    order = shop.world.run(shop.store.get(ORDERS, order_id))
    if len(told) < len(words) or is_known_pending or told_by_facts.are_called_for(order):
        yield from told_by_facts.breaches(shop, order, log, words, is_known_pending=is_known_pending)
    least, times = int(order.refunded), words.count(MailKind.MONEY_RETURNED)
    if times != least and not least < times <= least + _came_back(shop, shop.stripe.payments_of_order(order_id)):
        yield Breach("I27", order_id, f"{order_id}: that the money is back was told {times} times, and not {least}")


def _came_back(shop: Shop, payments: Iterable[Payment]) -> int:
    """How many refunds failed after they had succeeded: of each the customer had been told."""
    refunds = (refund for payment in payments for refund in shop.stripe.intent(payment.id).refunds)
    return sum(refund.status is RefundStatus.FAILED for refund in refunds)


def _declines(
    shop: Shop, told: Mapping[str, Sequence[str]], heard: Iterable[Order], by_outbox: Container[str]
) -> Iterator[Breach]:
    """I16: each decline that was told is a try's own. Stripe shows the last one until another try replaces it.

    I24: the business hears of each one that a customer was answered with, or that the order ended with.
    """
    orders = (*heard, *shop.store.all(ORDERS))
    tries: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for order in orders:
        if order.attempt.decline:
            tries[order.id][order.attempt.number] = str(order.attempt.decline)
    for order_id in dict.fromkeys((*told, *tries)):
        known = Counter(tries[order_id].values())
        failures = Counter(_failures(shop, order_id))
        published = Counter(told.get(order_id, ()))
        for decline, times in ((published | known) - failures).items():
            yield Breach(
                "I16", order_id, f"{order_id}: {decline} was told {times} times more than a try failed with it"
            )
        for decline, times in ((known & failures) - published).items() if order_id in by_outbox else ():
            yield Breach(
                "I24", order_id, f"{order_id}: a try failed with {decline}, and {times} times nobody heard of it"
            )


def _failures(shop: Shop, order_id: str) -> Iterator[str]:
    for payment in shop.stripe.payments_of_order(order_id):
        for failure in shop.stripe.intent(payment.id).failures:
            yield failure.decline_code or failure.code
