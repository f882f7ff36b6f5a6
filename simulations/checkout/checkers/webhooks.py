"""What became of webhooks and business events: each had its effect once, and the books agree (I15, I24)."""

from __future__ import annotations

from collections.abc import Iterator

from payflows.checkout.model import OrderStatus
from payflows.kernel.inbox_entry import WebhookStatus

from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach

_SOLD = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


def unseen(universe: CheckoutSystem) -> Iterator[Breach]:
    """I15: a sold order's books say what others did with its money, once a notice of it has come.

    Where we gave it back ourselves, others look at what became of it.
    """
    for order in universe.store.orders():
        if order.status not in _SOLD or order.payment_id is None:
            continue
        payment = universe.stripe.intent(order.payment_id).as_payment()
        if order.disputed is not payment.disputed and _was_told(universe, payment.id, "charge.dispute."):
            yield Breach(
                "I15", order.id, f"{order.id} is down as disputed: {order.disputed}; Stripe says {payment.disputed}"
            )
        is_known = order.refund_asked or order.refunded_minor == payment.returned.minor
        if not is_known and _was_told(universe, payment.id, "charge.refund"):
            yield Breach(
                "I15",
                order.id,
                f"{order.id} is down with {order.refunded_minor} returned, and Stripe says {payment.returned}",
            )


def _was_told(universe: CheckoutSystem, payment_id: str, news: str) -> bool:
    """Whether a notice of such news has come: a webhook that was worked off, or one by hand, asked until answered."""
    if not universe.settings.listens:
        return universe.was_notified
    done = universe.world.run(universe.store.webhooks(WebhookStatus.DONE))
    return any(entry.payment_id == payment_id and entry.type.startswith(news) for entry in done)


def breaches(universe: CheckoutSystem) -> Iterator[Breach]:
    """I24: every business event had its effect once, and no webhook is left over."""
    for event in universe.store.published():
        record = universe.world.run(universe.store.record(f"heard {event.key}"))
        if record.fields.get("times") != 1:
            yield Breach("I24", event.key, f"{event.key} had its effect {record.fields.get('times', 0)} times")
    for status in (WebhookStatus.PENDING, WebhookStatus.WAITING, WebhookStatus.DEAD):
        for entry in universe.world.run(universe.store.webhooks(status)):
            yield Breach("I24", entry.event_id, f"the webhook {entry.type} is {status}: {entry.reason}")
