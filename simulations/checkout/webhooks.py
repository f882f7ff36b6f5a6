"""Webhooks and business events in a universe: webhooks come to the shop's endpoint, and handlers take events."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Protocol, cast

from payflows.app import App
from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.inbox_entry import Answer
from payflows.kernel.messages import BusinessEvent, EventType
from payflows.kernel.ports import writes
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.stripe.webhooks.parsing import StripeEvent

from simulations.checkout.shop import WEBHOOK_SECRET
from simulations.search.ports import Port
from simulations.search.universe import Universe
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws


class WebhookEndpoint(Protocol):
    """The shop's endpoint, as a port that Stripe calls."""

    @writes
    async def receive(self, raw_body: bytes, headers: Mapping[str, str]) -> int:
        """Take a webhook, and answer an HTTP status."""
        ...


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


def listen(universe: Universe, stripe: SimulatedStripe, port: Port) -> WebhookSender:
    """Connect Stripe's side of the endpoint. A webhook that comes is a call, and may be struck like any other."""
    site = port.site("receive")

    async def endpoint(raw_body: bytes, headers: Mapping[str, str]) -> int:
        async def receive() -> object:
            inbox = cast(App, universe.process.app).inbox
            assert inbox is not None, "this shop listens"
            return await universe.send(site, partial(inbox.receive, raw_body, headers, universe.clock.now()))

        answer = universe.ask(receive())
        if isinstance(answer, Answer):
            return answer.status
        raise answer if isinstance(answer, CallNotSent | OutcomeUnknown) else CallNotSent("no process answers")

    return WebhookSender(stripe, universe.clock, endpoint, secrets=[WEBHOOK_SECRET], draws=Draws(0))
