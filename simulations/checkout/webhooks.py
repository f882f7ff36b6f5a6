"""A universe that listens: Stripe's webhooks come to its door, and handlers hear its business events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from payflows.app import App
from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import OrderStatus
from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.changes import OUTBOX
from payflows.kernel.inbox import INBOX, WEBHOOKS
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.stripe.webhooks.response import WebhookResponse

from simulations.checkout.shop import WEBHOOK_SECRET
from simulations.search.kinds import Site
from simulations.stripe.webhooks import WebhookSender
from simulations.time.draws import Draws

if TYPE_CHECKING:
    from simulations.search.universe import Universe


DOOR = Site("webhook", "receive")
_SOLD = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """A handler: looks at the order, and counts how often it has heard this."""
    order = await work.get(ORDERS, event.subject)
    heard = await work.record(f"heard {event.key}")
    work.put(heard, {"times": int(heard.fields.get("times") or 0) + 1, "status": order.status.value})


def subscribe_to_all(app: App) -> App:
    """The same checkout, whose business events all have a handler."""
    for event_type in EventType:
        app.bus.subscribe(event_type, count, name=f"count {event_type}")
    return app


def listen(universe: Universe) -> WebhookSender:
    """Stripe's side of the universe's door. A webhook that comes is a call, and may be struck like any other."""

    async def door(raw_body: bytes, headers: Mapping[str, str]) -> int:
        async def receive() -> object:
            endpoint = universe.app.webhooks  # type: ignore[attr-defined]  # our checkout has one
            return await universe.sent(DOOR, partial(endpoint.receive, raw_body, headers, universe.clock.now()))

        answer = universe.ask(receive())
        if isinstance(answer, WebhookResponse):
            return answer.status
        raise answer if isinstance(answer, CallNotSent | OutcomeUnknown) else CallNotSent("nobody is there")

    return WebhookSender(universe.stripe, universe.clock, door, secrets=[WEBHOOK_SECRET], draws=Draws(0))


def unseen(universe: Universe) -> Iterator[str]:
    """I15: a sold order's books say what others did with its money, once a notice of it has come.

    Where we gave it back ourselves, others look at what became of it.
    """
    for order in universe.store.all(ORDERS):
        if order.status not in _SOLD or order.payment_id is None:
            continue
        payment = universe.stripe.intent(order.payment_id).as_payment()
        if order.charge.disputed is not payment.disputed and _was_told(universe, payment.id, "charge.dispute."):
            yield f"I15 {order.id} is down as disputed: {order.charge.disputed}; Stripe says {payment.disputed}"
        is_known = order.charge.refund_asked or order.charge.refunded_minor == payment.returned.minor
        if not is_known and _was_told(universe, payment.id, "charge.refund"):
            yield f"I15 {order.id} is down with {order.charge.refunded_minor} returned, and Stripe says {payment.returned}"


def _was_told(universe: Universe, payment_id: str, news: str) -> bool:
    """Whether a notice of such news has come: a webhook that was worked off, or one by hand, asked until answered."""
    if not universe.settings.listens:
        return any(site.method == "order_of_payment" for site in universe.sites)
    came = universe.store.all_entries(WEBHOOKS)
    return any(
        webhook.subject is not None and webhook.subject.id == payment_id and webhook.type.startswith(news)
        for webhook in came
    )


def breaches(universe: Universe) -> Iterator[str]:
    """I24: every business event had its effect once, and no webhook is left over."""
    messages = (item.content for item in universe.store.all_items(OUTBOX))
    for event in [message for message in messages if isinstance(message, BusinessEvent)]:
        record = universe.world.run(universe.store.record(f"heard {event.key}"))
        if record.fields.get("times") != 1:
            yield f"I24 {event.key} had its effect {record.fields.get('times', 0)} times"
    for item in universe.store.all_items(INBOX):
        if item.status not in (ItemStatus.PROCESSED, ItemStatus.IGNORED):
            yield f"I24 the inbox has {item.key} {item.status}: {item.last_error}"
