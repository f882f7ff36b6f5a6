"""Webhooks and business events in a universe: webhooks come to the shop's endpoint, and handlers take events."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Protocol, cast

from payflows.app import App
from payflows.checkout.messages import ORDERS, EventType
from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.ports import writes
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.stripe.webhooks import endpoint as our
from payflows.stripe.webhooks.parsing import StripeEvent
from payflows.stripe.webhooks.response import WebhookResponse

from simulations.checkout.shop import WEBHOOK_SECRET
from simulations.search.ports import Port, Site
from simulations.search.universe import Universe
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import SignedPost, ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws


class WebhookEndpoint(Protocol):
    """The shop's endpoint, as a port that Stripe calls."""

    @writes
    async def receive(self, raw_body: bytes, headers: Mapping[str, str]) -> int:
        """Take a webhook, and answer an HTTP status."""
        ...


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """Read the order of a business event, if it is about one, and count how often the event came."""
    about_an_order = event.type != EventType.MERCHANT_MISCONFIGURED
    status = (await work.get(ORDERS, event.subject)).status.value if about_an_order else None
    counted = await work.record(f"counted {event.key}")
    work.put(counted, {"times": int(counted.fields.get("times") or 0) + 1, "status": status})


def subscribe_to_all(app: App) -> App:
    """Return the app, with a handler for each type of business event."""
    for event_type in EventType:
        app.bus.subscribe(event_type, count, name=f"count {event_type}")
    return app


def listen(universe: Universe, stripe: SimulatedStripe, port: Port, conditions: DeliveryConditions) -> WebhookSender:
    """Connect Stripe's side of the endpoint. A webhook that comes is a call, and may be struck like any other."""
    site = port.site("receive")

    async def endpoint(raw_body: bytes, headers: Mapping[str, str]) -> int:
        receive = _endpoint_of(universe).receive
        return _answered(universe, site, partial(receive, raw_body, headers, universe.own_clock.now()))

    return WebhookSender(
        stripe, universe.clock, SignedPost(endpoint, [WEBHOOK_SECRET]), draws=Draws(0), conditions=conditions
    )


def listen_to_values(
    universe: Universe, stripe: SimulatedStripe, port: Port, draws: Draws, conditions: DeliveryConditions
) -> WebhookSender:
    """Connect it for long runs: the parsed event is handed over, without its JSON and its signature.

    Args:
        universe: where our endpoint is.
        stripe: which sends.
        port: the endpoint's.
        draws: the chance of all deliveries.
        conditions: how they travel.
    """
    site = port.site("receive")

    async def endpoint(event: StripeEvent) -> int:
        return _answered(universe, site, partial(_endpoint_of(universe).receive_event, event, universe.clock.now()))

    return WebhookSender(stripe, universe.clock, ValueHandover(endpoint), draws=draws, conditions=conditions)


def _endpoint_of(universe: Universe) -> our.WebhookEndpoint:
    endpoint = cast(App, universe.process.app).webhooks
    assert endpoint is not None, "this shop listens"
    return endpoint


def _answered(universe: Universe, site: Site, make: Callable[[], Coroutine[Any, Any, WebhookResponse]]) -> int:
    """Return the status that the endpoint answers. Raises `PortError` where no process answers."""

    async def receive() -> object:
        return await universe.send(site, make)

    answer = universe.ask(receive())
    if isinstance(answer, WebhookResponse):
        return answer.status
    raise answer if isinstance(answer, CallNotSent | OutcomeUnknown) else CallNotSent("no process answers")
