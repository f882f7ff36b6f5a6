"""What a webhook costs: to prove and strictly read its bytes, and to hand it over as a value in long runs."""

from __future__ import annotations

import hmac
import json
import statistics
from collections.abc import Callable, Mapping

from payflows.clock import Clock
from payflows.kernel.inbox import Inbox
from payflows.money import Money
from payflows.payments.model import CaptureMode
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint, read_webhook
from payflows.stripe.webhooks.parsing import StripeEvent
from simulations.search.endpoint import WEBHOOK_SECRET, WEBHOOKS
from simulations.stripe import HandClock, SignedPost, SimulatedStripe, ValueHandover, WebhookSender
from simulations.time.draws import Draws
from tests.bench.ratio import Ratio, Run, race, ratio_of
from tests.stripe_json import charge, dispute, refund
from tests.webhook_posts import NOW, SECRET_TEXT, SETTINGS, body_of, event, payment_intent, signed

ROUNDS = 60
WEBHOOKS_A_ROUND = 200
MAX_VALUE_US = 50
_EVENTS = 1_500
_PRICE = Money(3_622, "usd")

RAW_BODY = body_of(event(about=payment_intent(latest_charge=charge(refunds={"data": [refund()]}, dispute=dispute()))))
"""A payment intent as Stripe lays it out, of some 4 kB."""


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """The whole check of a webhook's bytes and headers by the least that would do for one that is good."""
    ours, bare = race([_times(_check), _times(_believe)], rounds)
    how = f"{len(RAW_BODY):,} bytes, one secret, {rounds} interleaved rounds of {WEBHOOKS_A_ROUND}"
    return [Ratio("read_webhook / bare HMAC and json.loads", ratio_of(ours, bare), how, 3.0), *_delivered(rounds)]


def _delivered(rounds: int) -> list[Ratio]:
    """What a webhook costs from the change at Stripe to the stored row, without the change itself."""
    silent, value, signed_post = race([_payments(_nowhere), _payments(_as_value), _payments(_as_post)], rounds // 4)
    values = [(one - none) / _EVENTS * 1e6 for one, none in zip(value, silent, strict=True)]
    posts = [(one - none) / _EVENTS * 1e6 for one, none in zip(signed_post, silent, strict=True)]
    how = f"{statistics.median(values):.0f} us as a value, {statistics.median(posts):.0f} us as a signed post"
    return [
        Ratio("a webhook as a value / 50 us", tuple(us / MAX_VALUE_US for us in values), how, 1.0),
        Ratio("a webhook as a value / as a signed post", ratio_of(values, posts), how),
    ]


def _payments(listen: Callable[[SimulatedStripe, HandClock], object]) -> Run:
    """Payments at a simulated Stripe, three events each, some delivered later than others."""

    def run(_: int) -> object:
        clock = HandClock()
        stripe = SimulatedStripe(clock)
        kept = listen(stripe, clock)
        for number in range(_EVENTS // 3):
            key = f"ord_{number}"
            made = stripe.create_payment(
                key, amount=_PRICE, capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key=key
            )
            payment = clock.run(made)
            clock.run(stripe.confirm_payment(payment.id, payment_method="pm_card_visa", key=f"{key}:confirm"))
            clock.pass_time(1)
        clock.pass_time(3_600)
        return kept

    return run


def _nowhere(stripe: SimulatedStripe, clock: HandClock) -> None:
    """Make no event."""


def _as_value(stripe: SimulatedStripe, clock: HandClock) -> object:
    webhooks = _endpoint(clock)

    async def endpoint(event: StripeEvent) -> int:
        return (await webhooks.receive_event(event, clock.now())).status

    return WebhookSender(stripe, clock, ValueHandover(endpoint), draws=Draws(1))


def _as_post(stripe: SimulatedStripe, clock: HandClock) -> object:
    webhooks = _endpoint(clock)

    async def endpoint(raw_body: bytes, headers: Mapping[str, str]) -> int:
        return (await webhooks.receive(raw_body, headers, clock.now())).status

    return WebhookSender(stripe, clock, SignedPost(endpoint, [WEBHOOK_SECRET]), draws=Draws(1))


def _endpoint(clock: Clock) -> WebhookEndpoint:
    return WebhookEndpoint(Inbox(store=InMemoryStore(), clock=clock, handlers={}), WEBHOOKS)


def _times(read: Run) -> Run:
    def run(_: int) -> None:
        for number in range(WEBHOOKS_A_ROUND):
            read(number)

    return run


_HEADERS = {
    "Host": "shop.example.com",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    "Accept": "*/*; q=0.5, application/xml",
    "Content-Length": str(len(RAW_BODY)),
    "Cache-Control": "no-cache",
    **signed(RAW_BODY),
}
_SIGNED_PART = f"{int(NOW.timestamp())}.".encode()


def _check(_: int) -> object:
    return read_webhook(RAW_BODY, _HEADERS, NOW, SETTINGS)


def _believe(_: int) -> object:
    return hmac.digest(SECRET_TEXT.encode(), _SIGNED_PART + RAW_BODY, "sha256").hex(), json.loads(RAW_BODY)


if __name__ == "__main__":
    for ratio in ratios():
        print(ratio, ratio.how, "at most", ratio.bound, ratio.verdict)
