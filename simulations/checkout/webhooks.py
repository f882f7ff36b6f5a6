"""A universe that listens: Stripe's webhooks come to its door, and handlers hear its business events."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from payflows.app import App
from payflows.checkout.model import OrderStatus
from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.inbox_entry import Answer, WebhookStatus
from payflows.kernel.messages import BusinessEvent, EventType
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.stripe.webhooks.parsing import StripeEvent

from simulations.checkout.shop import WEBHOOK_SECRET
from simulations.search.kinds import Site
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import SignedPost, ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws

if TYPE_CHECKING:
    from simulations.search.universe import Universe


DOOR = Site("webhook", "receive")
_SOLD = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """A handler: looks at the order, and counts how often it has heard this."""
    order = await work.order(event.order_id)
    heard = await work.record(f"heard {event.key}")
    work.put(heard, {"times": int(heard.fields.get("times") or 0) + 1, "status": order.status.value})


def subscribe_to_all(app: App) -> App:
    """The same checkout, whose business events all have a handler."""
    for event_type in EventType:
        app.bus.subscribe(event_type, count, name=f"count {event_type}")
    return app


def listen(universe: Universe) -> WebhookSender:
    """Make Stripe's side of the universe's endpoint. Each delivery is a call that a plan may strike."""

    async def endpoint(raw_body: bytes, headers: Mapping[str, str]) -> int:
        inbox = universe.app.inbox  # type: ignore[attr-defined]  # our checkout has one
        return answered(universe, DOOR, partial(inbox.receive, raw_body, headers, universe.clock.now()))

    post = SignedPost(endpoint, [WEBHOOK_SECRET])
    return WebhookSender(universe.stripe, universe.clock, post, draws=Draws(0))


def listen_to_values(universe: Universe, draws: Draws, conditions: DeliveryConditions) -> WebhookSender:
    """Make the same for long runs: the parsed event is handed over, without its JSON and its signature.

    Args:
        universe: where our endpoint is.
        draws: the chance of all deliveries.
        conditions: how they travel.
    """

    async def endpoint(event: StripeEvent) -> int:
        inbox = universe.app.inbox  # type: ignore[attr-defined]  # our checkout has one
        return answered(universe, DOOR, partial(inbox.receive_event, event, universe.clock.now()))

    handover = ValueHandover(endpoint)
    return WebhookSender(universe.stripe, universe.clock, handover, draws=draws, conditions=conditions)


def answered(universe: Universe, site: Site, make: Callable[[], Coroutine[object, object, Answer]]) -> int:
    """Return the status that the universe's endpoint answers. Raises `PortError` where no process answers."""

    async def receive() -> object:
        return await universe.sent(site, make)

    answer = universe.ask(receive())
    if isinstance(answer, Answer):
        return answer.status
    raise answer if isinstance(answer, CallNotSent | OutcomeUnknown) else CallNotSent("the process is gone")


def unseen(universe: Universe) -> Iterator[str]:
    """I15: a sold order's books say what others did with its money, once a notice of it has come.

    Where we gave it back ourselves, others look at what became of it.
    """
    for order in universe.store.orders():
        if order.status not in _SOLD or order.payment_id is None:
            continue
        payment = universe.stripe.intent(order.payment_id).as_payment()
        if order.disputed is not payment.disputed and _was_told(universe, payment.id, "charge.dispute."):
            yield f"I15 {order.id} is down as disputed: {order.disputed}; Stripe says {payment.disputed}"
        is_known = order.refund_asked or order.refunded_minor == payment.returned.minor
        if not is_known and _was_told(universe, payment.id, "charge.refund"):
            yield f"I15 {order.id} is down with {order.refunded_minor} returned, and Stripe says {payment.returned}"


def _was_told(universe: Universe, payment_id: str, news: str) -> bool:
    """Whether a notice of such news has come: a webhook that was worked off, or one by hand, asked until answered."""
    if not universe.settings.listens:
        return any(site.method == "order_of_payment" for site in universe.sites)
    done = universe.world.run(universe.store.webhooks(WebhookStatus.DONE))
    return any(entry.payment_id == payment_id and entry.type.startswith(news) for entry in done)


def breaches(universe: Universe) -> Iterator[str]:
    """I24: every business event had its effect once, and no webhook is left over."""
    for event in universe.store.published():
        record = universe.world.run(universe.store.record(f"heard {event.key}"))
        if record.fields.get("times") != 1:
            yield f"I24 {event.key} had its effect {record.fields.get('times', 0)} times"
    for status in (WebhookStatus.PENDING, WebhookStatus.WAITING, WebhookStatus.DEAD):
        for entry in universe.world.run(universe.store.webhooks(status)):
            yield f"I24 the webhook {entry.type} is {status}: {entry.reason}"
