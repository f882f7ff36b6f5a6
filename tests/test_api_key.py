"""Only test keys, never shown, never pickled."""

from __future__ import annotations

import copy
import pickle

import pytest

from payflows.errors import InvalidApiKey
from payflows.stripe.keys import KEY_VARIABLE, ApiKey

CANARY = "canaryOfTheKey"

REFUSED = [
    pytest.param(f"sk_live_{CANARY}", "a live key", id="live"),
    pytest.param(f"rk_live_{CANARY}", "a live key", id="restricted-live"),
    pytest.param(f"pk_test_{CANARY}", "a publishable key", id="publishable"),
    pytest.param(f"whsec_{CANARY}", "a webhook secret", id="webhook-secret"),
    pytest.param(f"SK_TEST_{CANARY}", "something else", id="capitals"),
    pytest.param(f"sk_test_{CANARY}\n", "something else", id="line-break"),
    pytest.param(f" sk_test_{CANARY}", "something else", id="space"),
    pytest.param(f"sk_test_{CANARY}\r\nX-Evil: 1", "something else", id="header"),
    pytest.param(f"sk_test_{CANARY}é", "something else", id="not-ascii"),
    pytest.param("sk_test_", "something else", id="prefix-only"),
    pytest.param("sk_test_" + CANARY * 100, "something else", id="too-long"),
    pytest.param("", "an empty one", id="empty"),
    pytest.param(None, "a value of type NoneType", id="none"),
    pytest.param(CANARY.encode(), "a value of type bytes", id="bytes"),
]


@pytest.mark.parametrize(("key", "kind"), REFUSED)
def test_anything_but_a_test_key_is_refused_without_repeating_it(key: str, kind: str) -> None:
    with pytest.raises(InvalidApiKey) as refused:
        ApiKey(key)

    assert kind in str(refused.value)
    assert CANARY not in repr(refused.value)


@pytest.mark.parametrize("prefix", ["sk_test_", "rk_test_"])
def test_a_test_key_is_taken_and_not_shown(prefix: str) -> None:
    key = ApiKey(prefix + CANARY)

    assert key.reveal() == prefix + CANARY
    assert [repr(key), str(key), f"{key}"] == [f"ApiKey({prefix}...)"] * 3


def test_a_key_leaves_no_trace_in_a_pickle_or_a_copy() -> None:
    key = ApiKey(f"sk_test_{CANARY}")

    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            leak(key)
    assert not hasattr(key, "__dict__")


def test_the_key_comes_from_the_environment() -> None:
    assert ApiKey.from_environment({KEY_VARIABLE: f"rk_test_{CANARY}"}).reveal() == f"rk_test_{CANARY}"


@pytest.mark.parametrize("environment", [{}, {KEY_VARIABLE: ""}], ids=["not-set", "empty"])
def test_a_missing_key_is_said_by_the_variables_name(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidApiKey, match="STRIPE_API_KEY is not set"):
        ApiKey.from_environment(environment)


def test_a_live_key_in_the_environment_is_refused() -> None:
    with pytest.raises(InvalidApiKey, match="a live key"):
        ApiKey.from_environment({KEY_VARIABLE: f"sk_live_{CANARY}"})
