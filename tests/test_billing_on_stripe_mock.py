"""Every kind of request by which the contract of billing is kept is one that Stripe's own validator accepts."""

from __future__ import annotations

import re

import httpx

from payflows.stripe.http import HttpCall
from payflows.testing.billing_contract import CHECKS_OF_EVERY_GATEWAY, CHECKS_OF_STATE, CHECKS_OF_TIME
from simulations.stripe import HandClock
from simulations.stripe.billing import endpoints, endpoints_of_changes, endpoints_of_pauses
from tests.plugins.stripe_mock import StripeMocks
from tests.simulated_subscriber import awaited, simulated_subscriber

PAUSES = ("POST", "/v1/subscriptions/*/pause")
"""What stripe-mock, of an older version of Stripe, does not have."""

KEY = ("sk_test_ours", "")


def test_every_distinct_request_of_the_contract_is_accepted_by_stripe_mock(stripe_mock: StripeMocks) -> None:
    calls = distinct(requests_of_the_contract())
    url = stripe_mock().url

    ours = [
        *endpoints.ENDPOINTS.values(),
        *endpoints_of_changes.ENDPOINTS.values(),
        *endpoints_of_pauses.ENDPOINTS.values(),
    ]
    answers = {call: sent_to(url, call) for call in calls}
    refused = [call for call, answer in answers.items() if answer.status_code != 200]

    assert {endpoint_of(call) for call in calls} >= {(each.verb, shape(each.path)) for each in ours}
    assert {(endpoint_of(call), answers[call].status_code) for call in refused} == {(PAUSES, 404)}


def test_what_stripe_does_not_know_is_noticed(stripe_mock: StripeMocks) -> None:
    call = HttpCall(
        method="POST",
        path="/v1/subscriptions",
        sent="customer=cus_1&payment_behavior=some_day",
        idempotency_key=None,
        status=None,
        latency_seconds=0,
    )

    answer = sent_to(stripe_mock().url, call)

    assert (answer.status_code, "payment_behavior" in answer.text) == (400, True)


def requests_of_the_contract() -> list[HttpCall]:
    """All that the official SDK sends while the contract is checked."""
    calls: list[HttpCall] = []
    for check in (*CHECKS_OF_EVERY_GATEWAY, *CHECKS_OF_STATE, *CHECKS_OF_TIME):
        clock = HandClock()
        clock.run(awaited(check, simulated_subscriber(over_http=True, clock=clock, on_call=calls.append)))
    return calls


def distinct(calls: list[HttpCall]) -> list[HttpCall]:
    """One of each kind: same endpoint, same parameters but for ids and amounts."""
    return list({(*endpoint_of(call), *sorted(call.params)): call for call in calls}.values())


def endpoint_of(call: HttpCall) -> tuple[str, str]:
    return call.method, shape(call.path)


def shape(path: str) -> str:
    """The path without the ids in it."""
    return re.sub(r"\{\w+\}|\b(?:sub|in|seti|pm|pi|acct|ch|dp|fee|po|tr|txn)_\w+", "*", path)


def sent_to(url: str, call: HttpCall) -> httpx.Response:
    if call.method == "POST":
        form = {"Content-Type": "application/x-www-form-urlencoded"}  # as the SDK says of an empty body too
        return httpx.post(f"{url}{call.path}", auth=KEY, data=call.params, headers=form)
    return httpx.request(call.method, f"{url}{call.path}", auth=KEY, params=call.params)
