"""An HTTP client of the simulated Stripe, without the SDK: each answer is of the form that Stripe's OpenAPI gives."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx

from simulations.stripe import HandClock, SimulatedStripe
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import Transport
from tests.stripe_openapi import validator_of_answer

INTENTS = "/v1/payment_intents"
A_PAYMENT = {"amount": "4999", "currency": "usd", "metadata[order_id]": "ord_1"}

Params = dict[str, str]

_IDS = {
    "pi_": "{intent}",
    "seti_": "{intent}",
    "pm_": "{payment_method}",
    "sub_": "{subscription_exposed_id}",
    "in_": "{invoice}",
}
"""What stands in a path of Stripe's OpenAPI where an id with that beginning stands."""


class Caller:
    """An HTTP client with an account at the simulated Stripe."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.stripe = SimulatedStripe(self.clock)
        self.transport = Transport(HttpApi(self.stripe).server)
        self._http = httpx.AsyncClient(transport=self.transport, base_url="https://api.stripe.com")

    def get(self, path: str, **params: str) -> httpx.Response:
        return self._asked("GET", f"{path}?{urlencode(params)}", path)

    def post(self, path: str, params: Params | None = None, *, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self._asked("POST", path, path, content=urlencode(params or {}), headers=headers)

    def delete(self, path: str, *, key: str | None = None, **params: str) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self._asked("DELETE", f"{path}?{urlencode(params)}", path, headers=headers)

    def _asked(self, verb: str, url: str, path: str, **sent: Any) -> httpx.Response:
        """The answer, which is of the form that Stripe's OpenAPI gives for there."""
        answer = self.clock.run(self._http.request(verb, url, **sent))
        template = "/".join(_named(part) for part in path.split("/"))
        validator_of_answer(verb, template, answer.status_code).validate(answer.json())
        return answer

    def payment(self, card: str | None = None, **params: str) -> str:
        """A new payment's id; with a card it is confirmed."""
        made: str = self.post(INTENTS, A_PAYMENT | params).json()["id"]
        if card is not None:
            self.post(f"{INTENTS}/{made}/confirm", {"payment_method": card})
        return made


def _named(part: str) -> str:
    return next((name for beginning, name in _IDS.items() if part.startswith(beginning)), part)


def error_in(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, type and code."""
    error = answer.json()["error"]
    return answer.status_code, error["type"], error.get("code")
