"""Who wrote a webhook: the secret is never shown, and only who knows it gets in, lately and with this very body."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import InvalidPolicy, InvalidWebhookSecret
from payflows.stripe.webhooks.endpoint import WebhookSettings
from payflows.stripe.webhooks.response import ResponseCode
from payflows.stripe.webhooks.signature import SECRET_VARIABLE, WebhookSecret
from tests.malformed_webhooks import GOOD, RIGHT, SENT_AT
from tests.webhook_posts import (
    OTHER_SECRET,
    SECRET,
    SECRET_TEXT,
    SETTINGS,
    headers_with,
    receive,
    seconds_from_now,
    signed,
)

CANARY = "canaryOfTheSecret"

REFUSED = [
    pytest.param(f"sk_test_{CANARY}", "an API key", id="api-key"),
    pytest.param(f"rk_live_{CANARY}", "an API key", id="live-key"),
    pytest.param(f"pk_test_{CANARY}", "a publishable key", id="publishable"),
    pytest.param("whsec_short", "too short", id="short"),
    pytest.param("whsec_" + CANARY * 20, "too long", id="long"),
    pytest.param(f"whsec_{CANARY}\n", "other characters", id="line-break"),
    pytest.param(f"whsec_{CANARY}é", "other characters", id="not-ascii"),
    pytest.param(f" whsec_{CANARY}", "something else", id="space"),
    pytest.param(f"WHSEC_{CANARY}", "something else", id="capitals"),
    pytest.param("", "an empty one", id="empty"),
    pytest.param(None, "a value of type NoneType", id="none"),
    pytest.param(CANARY.encode(), "a value of type bytes", id="bytes"),
]


@pytest.mark.parametrize(("secret", "kind"), REFUSED)
def test_anything_but_a_webhook_secret_is_refused_without_repeating_it(secret: str, kind: str) -> None:
    with pytest.raises(InvalidWebhookSecret) as refused:
        WebhookSecret(secret)

    assert kind in str(refused.value)
    assert CANARY not in repr(refused.value)


def test_a_secret_is_taken_and_not_shown() -> None:
    """B12: nor by the settings that hold it."""
    secret = WebhookSecret(f"whsec_{CANARY}")
    policy = WebhookSettings(secrets=(secret,))

    assert [repr(secret), str(secret), f"{secret}"] == ["WebhookSecret(whsec_...)"] * 3
    assert CANARY not in repr(policy)


def test_a_secret_leaves_no_trace_in_a_pickle_or_a_copy() -> None:
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            leak(SECRET)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(SETTINGS)
    assert not hasattr(SECRET, "__dict__")


def test_the_secret_comes_from_the_environment() -> None:
    found = WebhookSecret.from_environment({SECRET_VARIABLE: SECRET_TEXT})

    assert found.signature(SENT_AT, GOOD) == RIGHT


@pytest.mark.parametrize("environment", [{}, {SECRET_VARIABLE: ""}], ids=["not-set", "empty"])
def test_a_missing_secret_is_said_by_the_variables_name(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidWebhookSecret, match="STRIPE_WEBHOOK_SECRET is not set"):
        WebhookSecret.from_environment(environment)


# Who gets in

BY_THE_OTHER = OTHER_SECRET.signature(SENT_AT, GOOD)


@pytest.mark.parametrize("name", ["Stripe-Signature", "stripe-signature", "STRIPE-SIGNATURE"])
def test_headers_are_found_in_any_spelling(name: str) -> None:
    assert receive(GOOD, {"Host": "shop.example.com", name: f"t={SENT_AT},v1={RIGHT}"}).status == 200


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f"t={SENT_AT},v1={'0' * 64},v1={RIGHT}", id="beside-one-of-another-secret"),
        pytest.param(f"v1={RIGHT},t={SENT_AT}", id="signature-first"),
        pytest.param(f"t={SENT_AT},v0={'0' * 64},v1={RIGHT}", id="beside-the-scheme-for-tests"),
        pytest.param(f"t={SENT_AT},v1={RIGHT},v2=what-is-to-come", id="beside-a-scheme-to-come"),
        pytest.param(f"t={SENT_AT},v1={RIGHT},v1=é", id="beside-one-that-is-none"),
        pytest.param(f"t={SENT_AT},v1={RIGHT},,flag", id="beside-what-has-no-value"),
    ],
)
def test_one_right_signature_is_enough(header: str) -> None:
    assert receive(GOOD, headers_with(header)).status == 200


@pytest.mark.parametrize("secrets", [(SECRET, OTHER_SECRET), (OTHER_SECRET, SECRET)], ids=["new-first", "old-first"])
@pytest.mark.parametrize("signature", [RIGHT, BY_THE_OTHER], ids=["by-the-one", "by-the-other"])
def test_while_the_secret_is_changed_both_are_known(secrets: tuple[WebhookSecret, ...], signature: str) -> None:
    both = WebhookSettings(secrets=secrets)

    assert receive(GOOD, headers_with(f"t={SENT_AT},v1={signature}"), settings=both).status == 200


def test_once_it_is_changed_the_old_one_is_worth_nothing() -> None:
    """B1: without the secret in force, writing "payment_intent.succeeded" gets no goods."""
    assert receive(GOOD, headers_with(f"t={SENT_AT},v1={BY_THE_OTHER}")).code is ResponseCode.WRONG_SIGNATURE


@pytest.mark.parametrize(
    ("age_seconds", "code"),
    [
        (301, ResponseCode.TOO_OLD),
        (300.5, ResponseCode.TOO_OLD),
        (300, ResponseCode.STORED),
        (0, ResponseCode.STORED),
        (-61, ResponseCode.STORED),
        (-300, ResponseCode.STORED),
        (-300.5, ResponseCode.FROM_THE_FUTURE),
        (-301, ResponseCode.FROM_THE_FUTURE),
    ],
)
def test_a_webhook_is_young_and_not_from_the_future(age_seconds: float, code: ResponseCode) -> None:
    assert receive(GOOD, signed(GOOD), now=seconds_from_now(age_seconds)).code is code


@pytest.mark.parametrize("place", range(0, len(GOOD), 97))
def test_a_body_changed_anywhere_is_refused(place: int) -> None:
    """B1."""
    changed = GOOD[:place] + bytes([GOOD[place] ^ 1]) + GOOD[place + 1 :]

    assert receive(changed, signed(GOOD)).code is ResponseCode.WRONG_SIGNATURE


HEADERS = st.lists(st.sampled_from([f"t={SENT_AT}", f"v1={'0' * 64}", "v1=", "t=", "=", "v0=1", "é"]) | st.text())


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(header=HEADERS.map(",".join))
def test_no_header_is_an_error_or_gets_in_by_luck(header: str) -> None:
    assert receive(GOOD, headers_with(header)).status == 400


# Which settings are refused


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ({"secrets": ()}, "secrets must be one, or two different ones, got 0"),
        ({"secrets": (SECRET, SECRET)}, "secrets must be one, or two different ones"),
        ({"secrets": (SECRET, OTHER_SECRET, WebhookSecret("whsec_" + "3" * 20))}, "or two different ones, got 3"),
        ({"secrets": SECRET}, "secrets must be a tuple of WebhookSecret, got WebhookSecret"),
        ({"secrets": (SECRET_TEXT,)}, "secrets must be a tuple of WebhookSecret"),
        ({"account": "acct_"}, "account must be written like"),
        ({"account": 7}, "account must be written like"),
        ({"retry": None}, "retry must be a RetryPolicy"),
        ({"age_seconds": 0}, "age_seconds must be a whole number from 1"),
        ({"age_seconds": 300.0}, "age_seconds must be a whole number"),
        ({"ahead_seconds": -1}, "ahead_seconds must be a whole number"),
        ({"ahead_seconds": True}, "ahead_seconds must be a whole number"),
        ({"max_body_bytes": 10}, "max_body_bytes must be a whole number"),
    ],
)
def test_settings_that_cannot_be_are_refused(bad: dict[str, object], what: str) -> None:
    good: dict[str, object] = {"secrets": (SECRET,)}

    with pytest.raises(InvalidPolicy, match=what) as refused:
        WebhookSettings(**(good | bad))  # type: ignore[arg-type]

    assert SECRET_TEXT not in str(refused.value)
