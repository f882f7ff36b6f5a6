"""Answers, business events and mails, and whether they were true. Money, stock and states: `final_state`.

I16: an answer was true and stays so, and a wish that was taken is kept. I24: a message goes out, and has its
effect; those that no status calls for are in `facts`. I27: a mail for each thing that is worth one, and no other.
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

from simulations.checkout.checkers import facts
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
"""What is sent each time that a status is entered. Written down once more: the flow's own table is what is checked."""

_MAILS = frozenset(map(str, MailKind))
_WORDS = tuple(word for words in CALLED_FOR.values() for word in words)


def untrue_answers(shop: Shop, answers: Iterable[Order]) -> Iterator[Breach]:
    """Check I16: what customers were answered, by the orders as they were then."""
    stored = {order.id: order for order in shop.store.all(ORDERS)}
    for answer in answers:
        now = stored.get(answer.id)
        if now is None:
            yield Breach("I16", answer.id, f"{answer.id}: answered as {answer.status}, and not stored")
        elif not _came_true(shop, answer, now):
            kept = shop.stripe.net_for(answer.id)
            yield Breach(
                "I16",
                answer.id,
                f"{answer.id}: answered as {answer.status}, and it ended as {now.status} with {kept} taken",
            )
        elif answer.attempt.decline is not None and _was_charged(shop, answer, now):
            yield Breach(
                "I16", answer.id, f"{answer.id}: try {answer.attempt.number} was answered as declined, and was charged"
            )
        elif _asks_for_one_too_many(shop, answer):
            yield Breach("I16", answer.id, f"{answer.id}: another card was asked for, and none is taken any more")
        elif answer.cancel_asked and not now.cancel_asked and now.status is not _S.CANCELLED:
            yield Breach("I16", answer.id, f"{answer.id}: a wish to cancel it was taken, and is forgotten")
        elif answer.charge.refund_asked and not now.refunded and now.review is None:
            yield Breach("I16", answer.id, f"{answer.id}: its money was to go back, did not, and is not up for review")


def _asks_for_one_too_many(shop: Shop, answer: Order) -> bool:
    is_asked = answer.status is _S.CUSTOMER_ACTION and answer.attempt.decline is not None
    return is_asked and answer.attempt.number >= shop.policy.max_tries


def _came_true(shop: Shop, answer: Order, now: Order) -> bool:
    if answer.status in _UNSOLD:
        is_back = shop.stripe.net_for(answer.id).minor == 0 or answer.id in shop.settled_elsewhere
        return now.status is answer.status and is_back
    return answer.status not in (_S.PAID, *_SOLD) or now.status in (*_SOLD, _S.CANCELLED)


def _was_charged(shop: Shop, answer: Order, now: Order) -> bool:
    """Whether money was taken, and no other try was made for it."""
    return now.attempt.number == answer.attempt.number and shop.stripe.captured_for(answer.id).minor > 0


def messages(shop: Shop, answers: Sequence[Order]) -> Iterator[Breach]:
    """Check I16, I24, I27: what was published, and mailed. Only what went through the outbox is counted."""
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
        if message.type != EventType.MERCHANT_MISCONFIGURED:
            words[message.subject].append(message.type)
        if message.type == EventType.PAYMENT_DECLINED:
            declines[message.subject].append(str(message.reason))
    for mail in shop.mailer.sent.values():
        if mail.subject in words:
            words[mail.subject].append(mail.kind)
    pending = {answer.id for answer in answers if answer.charge.is_processing}
    for order_id, published in words.items():
        yield from _as_the_log_calls_for(shop, order_id, published, is_known_pending=order_id in pending)
    yield from _declines(shop, declines, answers, words)


def handlers(shop: Shop) -> Iterator[Breach]:
    """Check I24: no handler has still to take a business event."""
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
    by_status = [word for word in words if word in _WORDS]
    if sorted(by_status) != sorted(called_for):
        for word in _WORDS:
            times, due = by_status.count(word), called_for.count(word)
            if times != due:
                number = "I27" if word in _MAILS else "I24"
                yield Breach(
                    number, order_id, f"{order_id}: {word} was sent {times} times, and its log calls for {due}"
                )
    order = shop.world.run(shop.store.get(ORDERS, order_id))
    if len(by_status) < len(words) or is_known_pending or facts.are_called_for(order):
        yield from facts.breaches(shop, order, log, words, is_known_pending=is_known_pending)
    least, times = int(order.refunded), words.count(MailKind.MONEY_RETURNED)
    if times != least and not least < times <= least + facts.came_back(shop, order):
        yield Breach("I27", order_id, f"{order_id}: that the money is back was mailed {times} times, and not {least}")
    corrected = words.count(MailKind.MONEY_NOT_RETURNED)
    if corrected != times - least:
        yield Breach(
            "I27",
            order_id,
            f"{order_id}: that the money is not back was mailed {corrected} times, and not {times - least}",
        )


def _declines(
    shop: Shop, declines: Mapping[str, Sequence[str]], answers: Iterable[Order], by_outbox: Container[str]
) -> Iterator[Breach]:
    """Check I16: each published decline is a try's own. Stripe shows the last one until another try replaces it.

    I24: the business hears of each one that a customer was answered with, or that the order ended with.
    """
    orders = (*answers, *shop.store.all(ORDERS))
    tries: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for order in orders:
        if order.attempt.decline:
            tries[order.id][order.attempt.number] = str(order.attempt.decline)
    for order_id in dict.fromkeys((*declines, *tries)):
        known = Counter(tries[order_id].values())
        failures = Counter(_failures(shop, order_id))
        published = Counter(declines.get(order_id, ()))
        for decline, times in ((published | known) - failures).items():
            yield Breach(
                "I16", order_id, f"{order_id}: {decline} was published {times} times more than a try failed with it"
            )
        for decline, times in ((known & failures) - published).items() if order_id in by_outbox else ():
            yield Breach(
                "I24", order_id, f"{order_id}: a try failed with {decline}, and {times} times no event was published"
            )


def _failures(shop: Shop, order_id: str) -> Iterator[str]:
    for payment in shop.stripe.payments_of_order(order_id):
        for failure in shop.stripe.intent(payment.id).failures:
            yield failure.decline_code or failure.code
