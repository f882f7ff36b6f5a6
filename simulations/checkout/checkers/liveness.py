"""I28: how long an order may rest on its way. Whether it has come to rest in the end is looked at elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import Order, OrderStatus
from payflows.clock import SECOND
from payflows.kernel.aggregate import Transition
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent

from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach
from simulations.stripe.core.times import USUAL_TIMES
from simulations.stripe.payments.cards import PaymentMethod, RefundCourse

SETTLED_WITHIN = timedelta(minutes=10)
"""An unknown outcome is resolved so soon after the last trouble is over."""

_AT_THE_BANK = (OrderStatus.PAYMENT_PROCESSING, OrderStatus.ABANDONING)
PERSON_SECONDS = 12 * 3_600
"""What a person does, or brings news of, by hand is tried again each hour."""
_BANKS_LONGEST_SECONDS = 90 * 86_400
"""A debit that does not settle by itself takes as long as a story wants."""
_AT_LEISURE = (OrderStatus.SHIPPED, *(status for status in OrderStatus if status.is_final))


def breaches(universe: CheckoutSystem) -> Iterator[Breach]:
    """A breach for each status in which an order rested for longer than it had to, and each refund made too late."""
    yield from _late_refunds(universe)
    for order in universe.store.all(ORDERS):
        log = universe.store.transitions(ORDERS, order.id)
        yield from _unseen_by_a_person(universe, order, log)
        for entered, left in pairwise(log):
            if left.at - max(entered.at, _calm_from(universe)) <= SETTLED_WITHIN or entered.after in _AT_LEISURE:
                continue
            until = _may_rest_until(universe, order, OrderStatus(entered.after), entered.at)
            if left.at > until:
                late = f"until {left.at:%d. %H:%M:%S}, and not at most {until:%d. %H:%M:%S}"
                yield Breach("I28", order.id, f"{order.id} was {entered.after} {late}")


def _calm_from(universe: CheckoutSystem) -> datetime:
    """When the latest trouble was over, by the program's own clock, which dates its log and may have been set."""
    return universe.calm_from + universe.universe.own_clock.ahead


def _unseen_by_a_person(universe: CheckoutSystem, order: Order, log: Sequence[Transition]) -> Iterator[Breach]:
    """I14: goods are not set aside, and no person asked, while a bank is at work for longer than banks take."""
    if not any(method.is_bank_debit for method in _methods(universe, order)):
        return
    policy = universe.settings.policy
    patience = (policy.processing_review_seconds + policy.pending_look_seconds) * SECOND + SETTLED_WITHIN
    for entered, left in pairwise(log):
        is_late = left.at - max(entered.at, _calm_from(universe)) > patience
        if entered.after in _AT_THE_BANK and is_late and not _was_put_up_for_review(universe, order):
            text = f"{order.id} was {entered.after} until {left.at:%d. %H:%M:%S}, and no person was asked"
            yield Breach("I14", order.id, text)


def _was_put_up_for_review(universe: CheckoutSystem, order: Order) -> bool:
    messages = (item.content for item in universe.store.all_items(OUTBOX))
    events = (message for message in messages if isinstance(message, BusinessEvent))
    return any((event.type, event.subject) == (EventType.ORDER_NEEDS_REVIEW, order.id) for event in events)


def _late_refunds(universe: CheckoutSystem) -> Iterator[Breach]:
    """Of orders that were shipped: what was wanted and could not be done immediately is done after the last trouble."""
    reschedule = {order.id for order in universe.answers if order.charge.refund_asked and _is_still_to_be_made(order)}
    for order in universe.store.all(ORDERS) if reschedule else ():
        shipped_at = _shipped_at(universe, order)
        made_at = _refunded_at(universe, order)
        if order.id not in reschedule or shipped_at is None or made_at is None:
            continue
        until = max([shipped_at, universe.calm_from, *_decided(universe, order)]) + SETTLED_WITHIN
        if made_at > until:
            late = f"at {made_at:%d. %H:%M:%S}, and not at {until:%d. %H:%M:%S} at the latest"
            yield Breach("I28", order.id, f"{order.id} was shipped, and a refund of it was made {late}")


def _is_still_to_be_made(answer: Order) -> bool:
    return answer.charge.refund_id is None and not answer.refunded


def _shipped_at(universe: CheckoutSystem, order: Order) -> datetime | None:
    log = universe.store.transitions(ORDERS, order.id)
    return next((logged.at for logged in log if logged.after is OrderStatus.SHIPPED), None)


def _refunded_at(universe: CheckoutSystem, order: Order) -> datetime | None:
    """When its first refund was made; how long it is under way then is the bank's affair."""
    payments = universe.stripe.payments_of_order(order.id)
    made = [refund.created for payment in payments for refund in universe.stripe.intent(payment.id).refunds]
    return datetime.fromtimestamp(min(made), UTC) if made else None


def _may_rest_until(universe: CheckoutSystem, order: Order, status: OrderStatus, since: datetime) -> datetime:
    """Ten minutes after the last trouble, and what banks, carriers and customers take."""
    begun = max(since, _calm_from(universe))
    if status is OrderStatus.CUSTOMER_ACTION:
        begun = max(begun, order.purchase.deadline_at)
    elif status is OrderStatus.REFUNDING:
        begun = max([begun, *_sent(universe, order)])
        if decided := _decided(universe, order):
            begun = max(begun, *decided, *_brought(universe, order)) + PERSON_SECONDS * SECOND
    others_seconds = _others_seconds(universe, order, status)
    look_seconds = universe.settings.policy.pending_look_seconds if others_seconds else 0
    return begun + (others_seconds + look_seconds) * SECOND + SETTLED_WITHIN


def _sent(universe: CheckoutSystem, order: Order) -> list[datetime]:
    """When its refunds went on their way: Stripe keeps one back that the account's balance does not cover."""
    payments = universe.stripe.payments_of_order(order.id)
    sent = [refund.sent for payment in payments for refund in universe.stripe.intent(payment.id).refunds]
    return [datetime.fromtimestamp(at, UTC) for at in sent if at is not None]


def _others_seconds(universe: CheckoutSystem, order: Order, status: OrderStatus) -> float:
    """How long others may take, while there is nothing to do for the shop but to look now and then."""
    methods = _methods(universe, order)
    if _was_received_in_part(universe, order):
        return PERSON_SECONDS
    if status in (OrderStatus.PAYMENT_PROCESSING, OrderStatus.ABANDONING):
        if any(not method.settles for method in methods):
            return _BANKS_LONGEST_SECONDS
        return USUAL_TIMES.settle_after_seconds if any(method.is_bank_debit for method in methods) else 0
    if status is OrderStatus.PAID:
        return universe.settings.pickup_seconds
    if status is OrderStatus.REFUNDING:
        slow = any(method.refund is RefundCourse.PENDING_THEN_SUCCEEDS for method in methods)
        return USUAL_TIMES.refund_settles_after_seconds if slow else 0
    return 0


def _was_received_in_part(universe: CheckoutSystem, order: Order) -> bool:
    payments = universe.stripe.payments_of_order(order.id)
    return any(0 < payment.received.minor < payment.amount.minor for payment in payments)


def _decided(universe: CheckoutSystem, order: Order) -> list[datetime]:
    """When disputes about its money were decided: until then Stripe refunds nothing. The present where one is open."""
    payments = universe.stripe.payments_of_order(order.id)
    disputes = [dispute for payment in payments for dispute in universe.stripe.intent(payment.id).disputes]
    decided = [datetime.fromtimestamp(at, UTC) for dispute in disputes for _, at in dispute.decisions]
    is_open = any(dispute.status.is_open for dispute in disputes)
    return [*decided, *((universe.clock.now(),) if is_open else ())]


def _brought(universe: CheckoutSystem, order: Order) -> list[datetime]:
    """When each webhook about its disputes was taken in: after trouble at our endpoint, with Stripe's next try."""
    sender, clock = universe.sender, universe.clock
    if sender is None:
        return []
    payments = {payment.id for payment in universe.stripe.payments_of_order(order.id)}
    disputes = (event for event in sender.events if event.type.startswith("charge.dispute."))
    ours = {event.id for event in disputes if event.owner_id in payments}
    first_us = {each.event_id: each.at_us for each in reversed(sender.tries) if each.worked and each.event_id in ours}
    return [clock.now() + timedelta(microseconds=at_us - clock.now_us) for at_us in first_us.values()]


def _methods(universe: CheckoutSystem, order: Order) -> list[PaymentMethod]:
    payments = universe.stripe.payments_of_order(order.id)
    return [charge.method for payment in payments for charge in universe.stripe.intent(payment.id).charges]
