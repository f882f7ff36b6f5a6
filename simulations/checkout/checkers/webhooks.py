"""What became of webhooks and business events: each had its effect once, and the books agree (I14, I15, I24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.clock import SECOND
from payflows.kernel.changes import OUTBOX
from payflows.kernel.inbox import INBOX, WEBHOOKS
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.payments.model import DisputeStatus
from payflows.payments.refunds import REFUND_FAILED

from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach
from simulations.search.endpoint import WEBHOOKS as ENDPOINT
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.webhooks.conditions import LIVE_RETRY_GAPS_SECONDS


def unseen(universe: CheckoutSystem) -> Iterator[Breach]:
    """I15: an order's books say what others did with its money, once a notice of it has come.

    Where we gave it back ourselves, others look at what became of it.
    """
    for order in universe.store.all(ORDERS):
        if order.payment_id is None:
            continue
        intent = universe.stripe.intent(order.payment_id)
        decided = any(dispute.decisions for dispute in intent.disputes)
        news = "charge.dispute.closed" if decided else "charge.dispute."
        if intent.disputes and _was_notified(universe, intent.id, news):
            yield from _of_disputes(universe, order, intent)
        if not order.status.is_fulfilled:
            continue
        charge, payment = order.charge, intent.as_payment()
        is_known = charge.refund_asked or charge.refunded_minor == payment.returned.minor
        if not is_known and _was_notified(universe, payment.id, "charge.refund"):
            text = f"{order.id} is down with {charge.refunded_minor} returned, and Stripe says {payment.returned}"
            yield Breach("I15", order.id, text)


def _of_disputes(universe: CheckoutSystem, order: Order, intent: PaymentIntent) -> Iterator[Breach]:
    """I14 as well: no person is asked to give back what is gone."""
    charge, disputes = order.charge, intent.disputes
    is_open = any(dispute.status.is_open for dispute in disputes)
    lost_minor = sum(dispute.withdrawn for dispute in disputes if dispute.status is DisputeStatus.LOST)
    if (charge.disputed, charge.lost_minor) != (is_open, lost_minor):
        text = f"{order.id} is down as disputed: {charge.disputed}, lost: {charge.lost_minor}"
        yield Breach("I15", order.id, f"{text}; Stripe says {is_open}, {lost_minor}")
    is_gone = universe.stripe.net_for(order.id).minor == 0 and not is_open
    if is_gone and order.review is not None and order.review.reason == REFUND_FAILED:
        yield Breach("I14", order.id, f"{order.id} waits for a person to give back money that is gone")


def _was_notified(universe: CheckoutSystem, payment_id: str, news: str) -> bool:
    """Whether a notice of such news has come: a webhook that was stored, or one by hand, sent until answered."""
    if not universe.settings.listens:
        return universe.was_notified
    return any(
        webhook.subject is not None and webhook.subject.id == payment_id and webhook.type.startswith(news)
        for webhook in universe.store.all_entries(WEBHOOKS)
    )


def breaches(universe: CheckoutSystem) -> Iterator[Breach]:
    """I24: every business event had its effect once, and no webhook is left over, here or at Stripe."""
    yield from _given_up(universe)
    for event in announced(universe):
        record = universe.world.run(universe.store.record(f"counted {event.key}"))
        if record.fields.get("times") != 1:
            yield Breach("I24", event.key, f"{event.key} had its effect {record.fields.get('times', 0)} times")
    for item in universe.store.all_items(INBOX):
        if item.status not in (ItemStatus.PROCESSED, ItemStatus.IGNORED):
            yield Breach("I24", item.key, f"the inbox has {item.key} {item.status}: {item.last_error}")


def are_refused(universe: CheckoutSystem) -> bool:
    """Say whether the two clocks are so far apart in the end that no webhook is proven."""
    apart = universe.settings.conditions.clock_ahead_seconds * SECOND - universe.universe.own_clock.ahead
    return universe.sender is not None and abs(apart) > ENDPOINT.ahead_seconds * SECOND


def is_news_lost(universe: CheckoutSystem, order: Order) -> bool:
    """Say whether Stripe has given up a webhook about an order's money: what it was to bring, a person finds out."""
    lost = {event.owner_id for event in universe.sender.undelivered} if universe.sender is not None else set()
    return bool(lost) and any(payment.id in lost for payment in universe.stripe.payments_of_order(order.id))


def _given_up(universe: CheckoutSystem) -> Iterator[Breach]:
    """I24: Stripe gives up a webhook only after three days with something in its way, or with clocks too far apart."""
    tries_seconds = sum(LIVE_RETRY_GAPS_SECONDS)
    if universe.sender is None or are_refused(universe):
        return
    for event in universe.sender.undelivered:
        if universe.calm_from < datetime.fromtimestamp(event.created + tries_seconds, UTC):
            yield Breach("I24", event.id, f"Stripe gave up {event.id}, though nothing was in its way in the end")


def announced(universe: CheckoutSystem) -> Iterator[BusinessEvent]:
    """Every business event that was ever announced."""
    for item in universe.store.all_items(OUTBOX):
        if isinstance(item.content, BusinessEvent):
            yield item.content
