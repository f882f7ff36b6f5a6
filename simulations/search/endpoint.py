"""The webhook endpoint of a program in a universe: what Stripe sends it is a call, and may be struck like any other."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Protocol, cast

from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.ports import writes
from payflows.stripe.webhooks import endpoint as our
from payflows.stripe.webhooks.endpoint import WebhookSettings
from payflows.stripe.webhooks.parsing import StripeEvent
from payflows.stripe.webhooks.response import WebhookResponse
from payflows.stripe.webhooks.signature import WebhookSecret

from simulations.search.ports import Port, Site
from simulations.search.universe import Universe
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import SignedPost, ValueHandover
from simulations.stripe.webhooks.handover import WebhookEndpoint as Endpoint
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws

WEBHOOK_SECRET = "whsec_of_the_simulated_stripe"
WEBHOOKS = WebhookSettings(secrets=(WebhookSecret(WEBHOOK_SECRET),))
"""An endpoint that takes the simulated Stripe's webhooks."""

CONNECTED_SECRET = "whsec_of_connected_accounts"
CONNECTED_WEBHOOKS = WebhookSettings(secrets=(WebhookSecret(CONNECTED_SECRET),))
"""An endpoint that takes those of connected accounts."""


class WebhookEndpoint(Protocol):
    """A program's endpoint, as a port that Stripe calls."""

    @writes
    async def receive(self, raw_body: bytes, headers: Mapping[str, str]) -> int:
        """Take a webhook, and answer an HTTP status."""
        ...


class _Listening(Protocol):
    """A program that may take webhooks; `payflows.app.App` is one."""

    @property
    def webhooks(self) -> our.WebhookEndpoint | None:
        """Takes them in."""
        ...

    @property
    def connected_webhooks(self) -> our.WebhookEndpoint | None:
        """Takes those of connected accounts in, where it is a platform."""
        ...


def listen(universe: Universe, stripe: SimulatedStripe, port: Port, conditions: DeliveryConditions) -> WebhookSender:
    """Connect Stripe's side of the endpoint. A webhook that comes is a call, and may be struck like any other."""
    post = SignedPost(_answering(universe, port, _endpoint_of), [WEBHOOK_SECRET])
    return WebhookSender(stripe, universe.clock, post, draws=Draws(0), conditions=conditions)


def listen_for_accounts(
    universe: Universe, stripe: SimulatedStripe, port: Port, conditions: DeliveryConditions
) -> WebhookSender:
    """Connect the other one of a platform, which has the events of connected accounts, by another secret."""
    post = SignedPost(_answering(universe, port, _connected_endpoint_of), [CONNECTED_SECRET])
    return WebhookSender(stripe.connected_events, universe.clock, post, draws=Draws(0), conditions=conditions)


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


def _answering(universe: Universe, port: Port, endpoint_of: Callable[[Universe], our.WebhookEndpoint]) -> Endpoint:
    """Return what takes a post to the endpoint of the process that runs."""
    site = port.site("receive")

    async def endpoint(raw_body: bytes, headers: Mapping[str, str]) -> int:
        receive = endpoint_of(universe).receive
        return _answered(universe, site, partial(receive, raw_body, headers, universe.own_clock.now()))

    return endpoint


def _endpoint_of(universe: Universe) -> our.WebhookEndpoint:
    endpoint = cast(_Listening, universe.process.app).webhooks
    assert endpoint is not None, "this program listens"
    return endpoint


def _connected_endpoint_of(universe: Universe) -> our.WebhookEndpoint:
    endpoint = cast(_Listening, universe.process.app).connected_webhooks
    assert endpoint is not None, "this program listens for connected accounts"
    return endpoint


def _answered(universe: Universe, site: Site, make: Callable[[], Coroutine[Any, Any, WebhookResponse]]) -> int:
    """Return the status that the endpoint answers. Raises `PortError` where no process answers."""

    async def receive() -> object:
        return await universe.send(site, make)

    answer = universe.ask(receive())
    if isinstance(answer, WebhookResponse):
        return answer.status
    try:
        raise answer if isinstance(answer, CallNotSent | OutcomeUnknown) else CallNotSent("no process answers")
    finally:
        del answer  # else its traceback holds this frame, and the frame it, until garbage is collected
