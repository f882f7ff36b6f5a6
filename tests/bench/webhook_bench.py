"""What it costs to prove and strictly read a webhook, beside a bare HMAC and a `json.loads` that believe it all."""

from __future__ import annotations

import hmac
import json

from payflows.kernel.inbox import read_webhook
from tests.bench.ratio import Ratio, Run, race, ratio_of
from tests.stripe_post import (
    NOW,
    SECRET_TEXT,
    SETTINGS,
    body_of,
    charge,
    dispute,
    event,
    payment_intent,
    refund,
    signed,
)

ROUNDS = 60
WEBHOOKS_A_ROUND = 200

RAW_BODY = body_of(event(about=payment_intent(latest_charge=charge(refunds={"data": [refund()]}, dispute=dispute()))))
"""A payment intent as Stripe lays it out, of some 4 kB."""


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """The whole check of a webhook's bytes and headers by the least that would do for one that is good."""
    ours, bare = race([_times(_check), _times(_believe)], rounds)
    how = f"{len(RAW_BODY):,} bytes, one secret, {rounds} interleaved rounds of {WEBHOOKS_A_ROUND}"
    return [Ratio("read_webhook / bare HMAC and json.loads", ratio_of(ours, bare), how, 3.0)]


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
        print(ratio, "at most", ratio.bound, ratio.verdict)
