"""No key, e-mail, card number or name comes out of the gateway: not in a value, an error, a traceback or a log."""

from __future__ import annotations

import json
import logging
import pickle
import traceback

import pytest
import stripe

from payflows.errors import PayflowsError
from tests import stripe_json
from tests.gateway_calls import capture, confirm, error_of, gateway_answering
from tests.sockets import a_server_that, stops_half_way
from tests.stripe_json import CANARIES

pytestmark = pytest.mark.anyio


LEAKY = [
    pytest.param(400, stripe_json.BAD_PARAMETER, id="e-mail-in-the-message"),
    pytest.param(400, stripe_json.CARD_SENT, id="card-number-in-the-message"),
    pytest.param(401, stripe_json.WRONG_KEY, id="key-in-the-message"),
    pytest.param(403, stripe_json.FORBIDDEN, id="key-in-quotes"),
    pytest.param(402, stripe_json.DECLINE, id="people-in-the-intent"),
    pytest.param(500, stripe_json.BROKEN, id="e-mail-in-a-500"),
    pytest.param(502, stripe_json.PROXY_PAGE, id="proxy-page"),
    pytest.param(200, json.dumps(stripe_json.paid_intent())[:-1], id="cut-off"),
    pytest.param(200, stripe_json.charge(), id="another-object"),
    pytest.param(200, stripe_json.paid_intent(latest_charge="ch_1"), id="without-its-charge"),
    pytest.param(200, stripe_json.paid_intent(status="settled"), id="unknown-status"),
    pytest.param(200, stripe_json.paid_intent(), id="no-error-at-all"),
]


@pytest.mark.parametrize(("status", "body"), LEAKY)
async def test_no_secret_comes_out_of_an_answer(
    status: int, body: stripe_json.Json | str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = gateway_answering(status, body)
    shown = [repr(gateway)]
    try:
        shown.append(repr(await confirm(gateway)))
    except PayflowsError as error:
        logging.getLogger("shop").exception("the order rests")
        shown += [str(error), repr(error), *traceback.format_exception(error), repr(pickle.dumps(error))]

    everything = "\n".join([*shown, caplog.text])
    assert not [canary for canary in CANARIES if canary in everything]


async def test_no_secret_is_logged_on_the_wire(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async with a_server_that(stops_half_way) as gateway:
        await error_of(confirm, gateway)

    assert "POST" in caplog.text
    assert not [canary for canary in CANARIES if canary in caplog.text]


async def test_a_cause_is_kept_where_it_is_harmless() -> None:
    harmless = await error_of(capture, gateway_answering(404, stripe_json.MISSING))
    leaking = await error_of(capture, gateway_answering(401, stripe_json.WRONG_KEY))

    assert isinstance(harmless.__cause__, stripe.InvalidRequestError)
    assert leaking.__cause__ is None
    assert "Invalid API Key provided: [key]" in str(leaking)
