"""What StripeGateway and its HTTP client cost beside the bare SDK: CPU, on stripe-mock, in ratios."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Awaitable, Callable

import stripe

from payflows.money import Money
from payflows.payments.model import CaptureMode
from payflows.stripe.gateway import MOCK_KEY, StripeGateway
from payflows.stripe.http import HttpxClient
from payflows.testing.stripe_mock.mock import stripe_mock
from tests.bench.ratio import Ratio, Run, race, ratio_of

ROUNDS = 120
CALLS_A_ROUND = 6
KEY = "ord_1:create:1"

Call = Callable[[], Awaitable[object]]


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """The gateway by the bare SDK call over our HTTP client, and our HTTP client by the SDK's own over httpx."""
    gateway, ours, theirs = _race(rounds)
    how = f"create_payment on stripe-mock, {rounds} interleaved rounds of {CALLS_A_ROUND} calls"
    return [
        Ratio("StripeGateway / bare SDK, same HTTP client", ratio_of(gateway, ours), how, 1.05),
        Ratio("our HTTP client / stripe.HTTPXClient", ratio_of(ours, theirs), how, 1.0),
    ]


def _race(rounds: int) -> list[tuple[float, ...]]:
    with stripe_mock() as mock, asyncio.Runner() as runner, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # stripe.HTTPXClient's use of httpx
        gateway = StripeGateway.on_mock(mock.url)
        ours, theirs = HttpxClient(timeout_seconds=20, trust_env=False), stripe.HTTPXClient(timeout=20)
        calls = (lambda: _create_payment(gateway), _bare_call(mock.url, ours), _bare_call(mock.url, theirs))
        seconds = race([_round_of(call, runner) for call in calls], rounds)
        for client in (gateway.close, ours.close_async, theirs.close_async):
            runner.run(client())
    return seconds


def _round_of(call: Call, runner: asyncio.Runner) -> Run:
    async def make_calls() -> None:
        for _ in range(CALLS_A_ROUND):
            await call()

    return lambda _: runner.run(make_calls())


async def _create_payment(gateway: StripeGateway) -> object:
    return await gateway.create_payment(
        "ord_1", amount=Money(4999, "usd"), capture=CaptureMode.MANUAL, stripe_customer_id=None, key=KEY
    )


def _bare_call(url: str, http: stripe.HTTPClient) -> Call:
    """What the gateway sends, by hand."""
    client = stripe.StripeClient(MOCK_KEY, base_addresses={"api": url}, http_client=http, max_network_retries=0)
    return lambda: client.v1.payment_intents.create_async(
        {
            "amount": 4999,
            "currency": "usd",
            "capture_method": "manual",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"order_id": "ord_1"},
            "expand": ["latest_charge"],
        },
        {"idempotency_key": KEY},
    )


if __name__ == "__main__":
    for ratio in ratios():
        print(ratio, "at most", ratio.bound, ratio.verdict)
