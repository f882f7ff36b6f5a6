"""What each answer of Stripe's, and each lack of one, says of the call."""

from __future__ import annotations

import json
import pickle

import httpx
import pytest
import stripe

from payflows.errors import CallNotSent, CallRejected, MerchantMisconfigured, OutcomeUnknown, PaymentDeclined
from payflows.stripe.gateway import StripeGateway
from tests import stripe_json
from tests.gateway_calls import CALLS, Call, capture, confirm, error_of, gateway_answering, gateway_over, retrieve

pytestmark = pytest.mark.anyio


async def test_a_decline_names_the_reason_and_the_failed_charge() -> None:
    declined = await error_of(confirm, gateway_answering(402, stripe_json.DECLINE))

    assert isinstance(declined, PaymentDeclined)
    assert declined.args == ("card_declined", "insufficient_funds", "ch_declined")


async def test_a_decline_for_want_of_authentication_finds_its_charge_in_the_intent() -> None:
    declined = await error_of(confirm, gateway_answering(402, stripe_json.AUTHENTICATION_REQUIRED))

    assert isinstance(declined, PaymentDeclined)
    assert declined.args == ("authentication_required", "authentication_required", "ch_unauthenticated")


async def test_a_decline_without_details_is_still_one() -> None:
    declined = await error_of(confirm, gateway_answering(402, stripe_json.error("card_error", "No.")))

    assert isinstance(declined, PaymentDeclined)
    assert declined.args == ("card_declined", None, None)


@pytest.mark.parametrize("call", [call for call in CALLS if call is not confirm], ids=lambda call: call.__name__)
async def test_only_a_confirmation_tries_a_card(call: Call) -> None:
    refused = await error_of(call, gateway_answering(402, stripe_json.DECLINE))

    assert isinstance(refused, CallRejected)
    assert refused.code == "card_declined"


REFUSED = [
    pytest.param(400, stripe_json.BAD_PARAMETER, "email_invalid", id="parameter"),
    pytest.param(400, stripe_json.UNEXPECTED_STATE, "payment_intent_unexpected_state", id="state"),
    pytest.param(400, stripe_json.OTHER_PARAMETERS, None, id="key-with-other-parameters"),
    pytest.param(402, stripe_json.error("invalid_request_error", "No."), None, id="402-of-no-card"),
    pytest.param(404, stripe_json.MISSING, "resource_missing", id="missing"),
]


@pytest.mark.parametrize(("status", "body", "code"), REFUSED)
async def test_what_stripe_refuses_did_nothing(status: int, body: stripe_json.Json, code: str | None) -> None:
    for call in CALLS:
        refused = await error_of(call, gateway_answering(status, body))

        assert isinstance(refused, CallRejected)
        assert refused.code == code


async def test_a_refusal_says_what_was_asked_and_answered() -> None:
    refused = await error_of(retrieve, gateway_answering(404, stripe_json.MISSING))

    assert str(refused) == (
        "retrieve_payment pi_1: Stripe answered 404, request req_1: No such payment_intent: 'pi_1' [intent] "
        "(resource_missing)"
    )


WE_ARE_REFUSED = [
    pytest.param(401, stripe_json.WRONG_KEY, id="unknown-key"),
    pytest.param(403, stripe_json.FORBIDDEN, id="forbidden"),
    pytest.param(400, stripe_json.error("invalid_request_error", "No.", code="parameter_unknown"), id="our-request"),
]


@pytest.mark.parametrize(("status", "body"), WE_ARE_REFUSED)
async def test_that_we_are_refused_is_no_refusal_of_this_order(status: int, body: stripe_json.Json) -> None:
    for call in CALLS:
        refused = await error_of(call, gateway_answering(status, body))

        assert isinstance(refused, MerchantMisconfigured)
        assert f"Stripe answered {status}" in str(refused)


NOT_STARTED = [
    pytest.param(429, stripe_json.RATE_LIMIT, id="rate-limit"),
    pytest.param(429, stripe_json.LOCKED, id="locked"),
    pytest.param(400, stripe_json.RATE_LIMIT, id="rate-limit-of-old"),
]


@pytest.mark.parametrize(("status", "body"), NOT_STARTED)
async def test_a_call_turned_away_was_not_started(status: int, body: stripe_json.Json) -> None:
    for call in CALLS:
        assert type(await error_of(call, gateway_answering(status, body))) is CallNotSent


UNKNOWN = [
    pytest.param(409, stripe_json.KEY_IN_USE, id="key-in-use"),
    pytest.param(409, stripe_json.LOCKED, id="lock"),
    pytest.param(424, stripe_json.BROKEN, id="dependency"),
    pytest.param(500, stripe_json.BROKEN, id="500"),
    pytest.param(503, stripe_json.BROKEN, id="503"),
    pytest.param(502, stripe_json.PROXY_PAGE, id="proxy-page"),
    pytest.param(403, stripe_json.PROXY_PAGE, id="proxy-forbids"),
    pytest.param(429, stripe_json.PROXY_PAGE, id="proxy-limits"),
    pytest.param(302, "", id="redirect"),
    pytest.param(500, {"error": None}, id="error-null"),
    pytest.param(503, {"error": "Service Unavailable"}, id="error-text"),
    pytest.param(400, {"error": "invalid_client"}, id="oauth-error"),
    pytest.param(500, {"error": {"type": 7, "message": [], "payment_intent": "pi_1"}}, id="error-of-wrong-types"),
    pytest.param(200, json.dumps(stripe_json.payment_intent())[:200], id="cut-off"),
    pytest.param(200, "Welcome to the hotel's Wi-Fi", id="not-json"),
    pytest.param(200, "", id="empty"),
    pytest.param(200, "null", id="null"),
    pytest.param(200, [], id="list"),
    pytest.param(200, "[" * 100_000, id="too-deep"),
    pytest.param(200, {}, id="nothing-in-it"),
    pytest.param(200, {"object": "payment_intent", "id": "pi_1"}, id="half-an-intent"),
    pytest.param(200, {"object": "charge", "id": "ch_1"}, id="another-object"),
]


@pytest.mark.parametrize(("status", "body"), UNKNOWN)
async def test_an_answer_that_proves_nothing_leaves_the_outcome_unknown(
    status: int, body: stripe_json.Json | str
) -> None:
    for call in CALLS:
        assert isinstance(await error_of(call, gateway_answering(status, body)), OutcomeUnknown)


@pytest.mark.parametrize(("status", "body"), [(409, stripe_json.KEY_IN_USE), (500, stripe_json.BROKEN)])
async def test_nothing_is_repeated_here(status: int, body: stripe_json.Json) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json=body, headers={"Stripe-Should-Retry": "true"})

    error = await error_of(capture, gateway_over(answer))

    assert len(asked) == 1
    assert f"Stripe answered {status}" in str(error)


def failing(error: Exception) -> StripeGateway:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return gateway_over(answer)


NEVER_SENT = [
    httpx.ConnectError("[Errno -2] Name or service not known"),
    httpx.ConnectTimeout(""),
    httpx.PoolTimeout(""),
    httpx.ProxyError("403 Forbidden"),
    httpx.UnsupportedProtocol(""),
]
LOST = [
    httpx.ReadTimeout(""),
    httpx.WriteTimeout(""),
    httpx.ReadError(""),
    httpx.WriteError(""),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.DecodingError("Error -3 while decompressing data"),
    TimeoutError(),
]


@pytest.mark.parametrize("error", NEVER_SENT, ids=lambda error: type(error).__name__)
async def test_without_a_connection_nothing_was_started(error: Exception) -> None:
    caught = await error_of(capture, failing(error))

    assert type(caught) is CallNotSent
    assert isinstance(caught.__cause__, stripe.APIConnectionError)
    assert caught.__cause__.__cause__ is error


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
async def test_with_a_connection_a_lost_answer_leaves_the_outcome_unknown(error: Exception) -> None:
    caught = await error_of(capture, failing(error))

    assert type(caught) is OutcomeUnknown
    assert isinstance(caught.__cause__, stripe.APIConnectionError)
    assert caught.__cause__.__cause__ is error
    assert str(caught) == f"capture_payment pi_1: no answer from Stripe ({type(error).__name__})"


@pytest.mark.parametrize(
    ("status", "body"),
    [(402, stripe_json.DECLINE), (404, stripe_json.MISSING), (429, stripe_json.LOCKED), (500, stripe_json.BROKEN)],
)
async def test_every_error_can_be_rebuilt_from_its_args(status: int, body: stripe_json.Json) -> None:
    error = await error_of(confirm, gateway_answering(status, body))

    rebuilt = pickle.loads(pickle.dumps(error))

    assert (type(rebuilt), rebuilt.args, str(rebuilt)) == (type(error), error.args, str(error))
