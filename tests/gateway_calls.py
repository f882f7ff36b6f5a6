"""The gateway over a network that is one function, and each of its calls about one payment."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import httpx
import pytest

from payflows.errors import PayflowsError
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.keys import ApiKey
from tests.stripe_json import KEY, Json

Answer = Callable[[httpx.Request], httpx.Response]


def gateway_over(answer: Answer, *, timeout_seconds: float = 20) -> StripeGateway:
    """A gateway whose network is one function."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return StripeGateway(ApiKey(KEY), http=http, timeout_seconds=timeout_seconds)


def gateway_answering(status: int, body: Json | list[object] | str, **headers: str) -> StripeGateway:
    """A gateway to which Stripe always says the same."""
    content = body if isinstance(body, str) else json.dumps(body)
    sent = {"Request-Id": "req_1"} | headers
    return gateway_over(lambda _: httpx.Response(status, content=content, headers=sent))


class Post:
    """Stripe's letter box: keeps what was sent and answers with what it was given, in order."""

    def __init__(self, *answers: Json) -> None:
        self._answers = list(answers)
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(200, json=self._answers.pop(0))

    @property
    def params(self) -> list[dict[str, str]]:
        return [
            dict(parse_qsl((request.content or request.url.query).decode(), keep_blank_values=True))
            for request in self.sent
        ]


async def confirm(gateway: StripeGateway) -> object:
    return await gateway.confirm_payment("pi_1", payment_method="pm_card_visa", key="ord_1:confirm-1:1")


async def capture(gateway: StripeGateway) -> object:
    return await gateway.capture_payment("pi_1", key="ord_1:capture:1")


async def cancel(gateway: StripeGateway) -> object:
    return await gateway.cancel_payment("pi_1", key="ord_1:cancel:1")


async def give_back(gateway: StripeGateway) -> object:
    return await gateway.refund_payment("pi_1", order_id="ord_1", key="ord_1:refund:1")


async def refunds(gateway: StripeGateway) -> object:
    return await gateway.list_refunds("pi_1", order_id="ord_1")


async def disputes(gateway: StripeGateway) -> object:
    return await gateway.list_disputes("pi_1")


async def search(gateway: StripeGateway) -> object:
    return await gateway.search_payments("ord_1")


async def retrieve(gateway: StripeGateway) -> object:
    return await gateway.retrieve_payment("pi_1")


async def customer_action(gateway: StripeGateway) -> object:
    return await gateway.retrieve_customer_action("pi_1")


Call = Callable[[StripeGateway], Awaitable[object]]
CALLS: tuple[Call, ...] = (confirm, capture, cancel, give_back, refunds, disputes, search, retrieve, customer_action)


async def error_of(call: Call, gateway: StripeGateway) -> PayflowsError:
    """What the call raises; there must be something."""
    with pytest.raises(PayflowsError) as caught:
        await call(gateway)
    return caught.value
