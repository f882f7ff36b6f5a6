"""How calls travel: on real sockets that break, within the deadline, in one event loop after another, and watched."""

from __future__ import annotations

import asyncio
import logging
import socket

import httpx
import pytest

from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.http import HttpCall
from payflows.stripe.keys import ApiKey
from tests import stripe_json
from tests.gateway_calls import capture, error_of, retrieve
from tests.plugins.stripe_mock import StripeMocks
from tests.sockets import (
    Behaviour,
    a_server_that,
    dribbles,
    hangs_up_after_the_request,
    hangs_up_immediately,
    says_nothing,
    stops_half_way,
)
from tests.stripe_json import KEY, paid_intent, payment_intent


def name_of(behaviour: Behaviour) -> str:
    return behaviour.__name__


@pytest.mark.anyio
@pytest.mark.parametrize("behaviour", [hangs_up_immediately, hangs_up_after_the_request, stops_half_way], ids=name_of)
async def test_a_connection_cut_off_leaves_the_outcome_unknown(behaviour: Behaviour) -> None:
    async with a_server_that(behaviour) as gateway:
        assert type(await error_of(capture, gateway)) is OutcomeUnknown


@pytest.mark.anyio
@pytest.mark.parametrize("behaviour", [says_nothing, dribbles], ids=name_of)
async def test_the_deadline_holds_for_silence_and_for_an_answer_byte_by_byte(behaviour: Behaviour) -> None:
    async with a_server_that(behaviour, timeout_seconds=0.3) as gateway:
        error = await error_of(capture, gateway)

    assert type(error) is OutcomeUnknown
    assert "no answer from Stripe" in str(error)


@pytest.mark.anyio
async def test_a_refused_connection_starts_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken, and not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        async with StripeGateway(ApiKey(KEY), base_url=url) as gateway:
            assert type(await error_of(capture, gateway)) is CallNotSent


@pytest.mark.anyio
async def test_a_cancelled_call_stays_cancelled_and_is_reported() -> None:
    seen: list[HttpCall] = []
    async with a_server_that(says_nothing, on_call=seen.append) as gateway:
        call = asyncio.create_task(gateway.retrieve_payment("pi_1"))
        await asyncio.sleep(0.05)
        call.cancel()

        with pytest.raises(asyncio.CancelledError):
            await call

    assert [(call.status, call.trouble) for call in seen] == [(None, "CancelledError")]


def test_one_gateway_serves_several_event_loops(stripe_mock: StripeMocks) -> None:
    gateway = StripeGateway.on_mock(stripe_mock().url)
    with asyncio.Runner() as one, asyncio.Runner() as other:
        read = [loop.run(gateway.retrieve_payment("pi_1")).id for loop in (one, other, one, other)]
        for loop in (one, other):
            loop.run(gateway.close())

    assert read == ["pi_1"] * 4


@pytest.mark.anyio
async def test_a_closed_gateway_opens_again_at_the_next_call(stripe_mock: StripeMocks) -> None:
    gateway = StripeGateway.on_mock(stripe_mock().url)
    await gateway.close()
    await gateway.retrieve_payment("pi_1")
    await gateway.close()
    await gateway.close()

    assert (await gateway.retrieve_payment("pi_1")).id == "pi_1"
    await gateway.close()


@pytest.mark.anyio
async def test_a_given_client_is_left_open_and_adds_nothing() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=payment_intent())

    http = httpx.AsyncClient(
        transport=httpx.MockTransport(answer),
        auth=("name", "password"),
        headers={"X-Shop": "1"},
        params={"debug": "1"},
        cookies={"session": "1"},
    )
    async with StripeGateway(ApiKey(KEY), http=http) as gateway:
        await gateway.retrieve_payment("pi_1")

    assert not http.is_closed
    assert str(sent[0].url) == "https://api.stripe.com/v1/payment_intents/pi_1?expand[0]=latest_charge"
    assert sent[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "X-Shop" not in sent[0].headers
    assert "Cookie" not in sent[0].headers


@pytest.mark.anyio
async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://elsewhere.example.com/"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer), follow_redirects=True)
    await error_of(retrieve, StripeGateway(ApiKey(KEY), http=http))

    assert asked == ["api.stripe.com"]


@pytest.mark.anyio
async def test_no_proxy_stands_between_us_and_loopback(
    stripe_mock: StripeMocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        assert (await gateway.retrieve_payment("pi_1")).id == "pi_1"


@pytest.mark.anyio
async def test_a_watcher_sees_what_was_sent_and_what_came(stripe_mock: StripeMocks) -> None:
    seen: list[HttpCall] = []
    async with StripeGateway.on_mock(stripe_mock("paid").url, on_call=seen.append) as gateway:
        await gateway.confirm_payment("pi_1", payment_method="pm_card_visa", key="ord_1:confirm-1:1")
        await gateway.search_payments("ord_1")

    confirmed, searched = seen
    assert (confirmed.method, confirmed.path, confirmed.status) == ("POST", "/v1/payment_intents/pi_1/confirm", 200)
    assert confirmed.params == {"payment_method": "pm_card_visa", "expand[0]": "latest_charge"}
    assert confirmed.idempotency_key == "ord_1:confirm-1:1"
    assert confirmed.answer["status"] == "succeeded"
    assert 0 < confirmed.latency_seconds < 20
    assert searched.params["query"] == "metadata['order_id']:'ord_1'"
    assert searched.idempotency_key is None
    assert str(searched).startswith("GET /v1/payment_intents/search -> 200 in ")


@pytest.mark.anyio
async def test_a_watcher_sees_why_no_answer_came() -> None:
    seen: list[HttpCall] = []
    async with a_server_that(hangs_up_after_the_request, on_call=seen.append) as gateway:
        await error_of(capture, gateway)

    assert seen[0].status is None
    assert seen[0].trouble in ("ReadError", "RemoteProtocolError")
    assert seen[0].answer == {}
    assert seen[0].trouble in str(seen[0])


@pytest.mark.anyio
async def test_a_watcher_that_fails_disturbs_nothing(
    stripe_mock: StripeMocks, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(call: HttpCall) -> None:
        raise RuntimeError("no ink")

    caplog.set_level(logging.ERROR)
    async with StripeGateway.on_mock(stripe_mock().url, on_call=fail) as gateway:
        assert (await gateway.retrieve_payment("pi_1")).id == "pi_1"

    assert "no ink" in caplog.text


@pytest.mark.anyio
async def test_on_call_receives_no_key_and_no_personal_data() -> None:
    seen: list[HttpCall] = []
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=paid_intent())))
    await StripeGateway(ApiKey(KEY), http=http, on_call=seen.append).retrieve_payment("pi_1")

    assert not [canary for canary in stripe_json.CANARIES if canary in repr(seen) + str(seen[0])]
