"""A simulated Stripe whose webhooks come to a receiver, where a test reads them and says what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import stripe

from payflows.errors import CallNotSent
from simulations.stripe import DeliveryConditions, DeliveryKind, SignedPost, StripeEvent, Try, WebhookSender
from simulations.stripe.webhooks.conditions import NO_DELAY
from simulations.time.draws import Draws
from tests.stripe_fixture import StripeFixture

SECRET = "whsec_of_the_tests"
PROMPT = DeliveryConditions(delay=NO_DELAY)
OUT_OF_ORDER = CallNotSent("connection refused")


class ReceivedWebhook(NamedTuple):
    """What the endpoint was posted."""

    at_us: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def content(self) -> dict[str, Any]:
        """The event as JSON says it."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def signed_at(self) -> int:
        """The moment that the signature names."""
        return int(self.headers["Stripe-Signature"].split(",")[0].removeprefix("t="))

    def verify(self, secret: str = SECRET, *, tolerance: int = 0) -> stripe.Event:
        """As the SDK would; without a tolerance of any age."""
        event: stripe.Event = stripe.Webhook.construct_event(
            self.body, self.headers["Stripe-Signature"], secret, tolerance=tolerance
        )
        return event


class WebhookReceiver(StripeFixture):
    """A simulated Stripe on a clock moved by hand, and our endpoint.

    Args:
        conditions: how webhooks come.
        answers: what the endpoint says to the first deliveries: a status, an error to raise, or seconds to take;
            to all others 200.
    """

    def __init__(
        self,
        conditions: DeliveryConditions = PROMPT,
        *,
        answers: Iterable[int | float | Exception] = (),
        secrets: Sequence[str] = (SECRET,),
        seed: int = 1,
        start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    ) -> None:
        super().__init__(start=start)
        self._answers = list(answers)
        self.got: list[ReceivedWebhook] = []
        post = SignedPost(self._receive, secrets)
        self.sender = WebhookSender(self.stripe, self.clock, post, draws=Draws(seed), conditions=conditions)

    async def _receive(self, body: bytes, headers: Mapping[str, str]) -> int:
        self.got.append(ReceivedWebhook(self.clock.now_us, body, headers))
        answer = self._answers.pop(0) if self._answers else 200
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            await self.clock.sleep(answer)
            return 200
        return answer

    def deliver(self, event: StripeEvent, kind: DeliveryKind = DeliveryKind.GENUINE) -> Try:
        return self.clock.run(self.sender.deliver(event, kind))

    def resend(self, event: StripeEvent) -> Try:
        return self.clock.run(self.sender.resend(event.id))

    @property
    def types(self) -> list[str]:
        """The types of all that came, in the order in which it came."""
        return [webhook.content["type"] for webhook in self.got]
