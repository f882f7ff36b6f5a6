"""Beside Stripe's own SDK: the same events where they are right, and what it takes or stumbles over that we refuse."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
import stripe

from payflows.stripe.webhooks.endpoint import read_webhook
from payflows.stripe.webhooks.event_types import OBJECT_OF
from payflows.stripe.webhooks.response import ResponseCode
from tests.malformed_webhooks import GOOD, MALFORMED, Malformed
from tests.webhook_posts import ABOUT, NOW, SECRET, SECRET_TEXT, SETTINGS, body_of, event, receive, signed

SDK_ACCEPTS = [
    "KEY_TWICE: two ids",
    "NOT_JSON: NaN",
    "BAD_ID: none",
    "BAD_TYPE: none",
    "BAD_CREATED: text",
    "BAD_OBJECT: no data",
    "TOO_LARGE: a byte too much",
    "FROM_THE_FUTURE: of next year",
    "NUMBER_OUT_OF_RANGE: more than a float holds",
]
SDK_FAILS = ["NOT_AN_EVENT: a list", "NOT_UTF8: Latin-1", "TOO_DEEP: a hundred thousand levels"]
ROWS: Mapping[str, Malformed] = {f"{row.code.name}: {row.name}": row for row in MALFORMED}


def by_the_sdk(row: Malformed) -> stripe.Event:
    """The same row through the SDK, which asks the clock on the wall."""
    year_ahead = 365 * 86_400 if row.code is ResponseCode.FROM_THE_FUTURE else 0
    seconds = int(time.time()) + year_ahead
    signature = f"t={seconds},v1={SECRET.signature(seconds, row.raw_body)}"
    parsed: stripe.Event = stripe.Webhook.construct_event(row.raw_body, signature, SECRET_TEXT)
    return parsed


@pytest.mark.parametrize("event_type", OBJECT_OF)
def test_both_read_the_same_from_a_right_event(event_type: str) -> None:
    raw_body = body_of(event(event_type, ABOUT[OBJECT_OF[event_type]]))

    theirs = by_the_sdk(Malformed(ResponseCode.STORED, "", raw_body, {}))
    ours = read_webhook(raw_body, signed(raw_body), NOW, SETTINGS)

    assert (ours.event_id, ours.type, ours.created_seconds) == (theirs.id, theirs.type, theirs.created)
    assert ours.livemode is theirs.livemode
    assert ours.object_id == theirs.data.object["id"]


@pytest.mark.parametrize("age_seconds", [0, 150, 290])
def test_what_we_sign_the_sdk_accepts(age_seconds: int) -> None:
    seconds = int(time.time()) - age_seconds
    header = f"t={seconds},v1={SECRET.signature(seconds, GOOD)}"

    assert stripe.Webhook.construct_event(GOOD, header, SECRET_TEXT).to_dict() == event()


@pytest.mark.parametrize("seconds", [1, 1_795_176_000, 99_999_999_999])
@pytest.mark.parametrize("text", ["", "{}", "naïve \u2603 \U0001f4b8", "\x00\r\n"])
def test_our_signature_is_the_sdks(seconds: int, text: str) -> None:
    theirs = stripe.WebhookSignature.generate_signature_header(text, SECRET_TEXT, seconds)

    assert theirs == f"t={seconds},v1={SECRET.signature(seconds, text.encode())}"


@pytest.mark.parametrize("name", SDK_ACCEPTS)
def test_the_sdk_accepts_what_we_refuse(name: str) -> None:
    assert isinstance(by_the_sdk(ROWS[name]), stripe.Event)
    assert receive(ROWS[name].raw_body, ROWS[name].headers).code is ROWS[name].code


@pytest.mark.parametrize("name", SDK_FAILS)
def test_the_sdk_ends_in_an_error_of_python_where_we_answer(name: str) -> None:
    with pytest.raises((AttributeError, UnicodeDecodeError, RecursionError, TypeError)):
        by_the_sdk(ROWS[name])
    assert receive(ROWS[name].raw_body, ROWS[name].headers).code is ROWS[name].code


def test_the_sdk_hands_on_real_money_and_foreign_accounts_which_we_ignore() -> None:
    foreign = event(livemode=True, account="acct_1Foreign")

    theirs = by_the_sdk(Malformed(ResponseCode.IGNORED, "", body_of(foreign), {}))

    assert theirs.livemode
    assert receive(body_of(foreign)).code is ResponseCode.IGNORED
