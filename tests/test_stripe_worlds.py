"""What a stripe-mock's answers tell in each of our worlds: intent, charge and refund, one story."""

from __future__ import annotations

from typing import cast

import httpx
import pytest

from payflows.testing.stripe_mock.billing_fixtures import JsonObject
from payflows.testing.stripe_mock.mock import VERSION, WORLDS, BadWorld, StripeMock
from payflows.testing.stripe_mock.mock import stripe_mock as begin
from tests.plugins.stripe_mock import StripeMocks

KEY = ("sk_test_ours", "")


@pytest.mark.parametrize(
    ("world", "status", "received", "capturable", "next_action"),
    [
        ("authorised", "requires_capture", 0, 4999, None),
        ("paid", "succeeded", 4999, 0, None),
        ("requires_action", "requires_action", 0, 0, "redirect_to_url"),
    ],
)
def test_an_intent_tells_its_world(
    stripe_mock: StripeMocks, world: str, status: str, received: int, capturable: int, next_action: str | None
) -> None:
    intent = read_intent(stripe_mock(world, amount_minor=4999, currency="eur"))

    assert (intent["status"], intent["amount"], intent["currency"]) == (status, 4999, "eur")
    assert (intent["amount_received"], intent["amount_capturable"]) == (received, capturable)
    assert (intent["last_payment_error"], intent["canceled_at"]) == (None, None)
    assert (intent["next_action"] and part(intent, "next_action")["type"]) == next_action


@pytest.mark.parametrize(
    ("world", "charge_status", "paid", "captured"),
    [
        ("authorised", "succeeded", True, 0),
        ("paid", "succeeded", True, 4999),
        ("requires_action", "pending", False, 0),
    ],
)
def test_a_charge_tells_the_same_story_as_its_intent(
    stripe_mock: StripeMocks, world: str, charge_status: str, paid: bool, captured: int
) -> None:
    intent = read_intent(stripe_mock(world, amount_minor=4999, currency="eur"), expand="latest_charge")
    charge = part(intent, "latest_charge")

    assert (charge["status"], charge["paid"]) == (charge_status, paid)
    assert (charge["captured"], charge["amount_captured"]) == (captured > 0, captured)
    assert (charge["refunded"], charge["amount_refunded"], charge["disputed"]) == (False, 0, False)
    for field in ("amount", "currency", "payment_method"):
        assert charge[field] == intent[field]
    assert charge["payment_intent"] == intent["id"]


@pytest.mark.parametrize("world", ["authorised", "paid"])
def test_a_charged_intent_names_its_charge(stripe_mock: StripeMocks, world: str) -> None:
    paid = stripe_mock(world, amount_minor=4999, currency="eur")

    charge = part(read_intent(paid, expand="latest_charge"), "latest_charge")

    assert read_intent(paid)["latest_charge"] == charge["id"]


def test_an_intent_without_a_charge_names_none(stripe_mock: StripeMocks) -> None:
    intent = read_intent(stripe_mock("requires_action", amount_minor=4999, currency="eur"))

    assert intent["latest_charge"] is None


def test_a_whole_refund_has_the_payments_amount(stripe_mock: StripeMocks) -> None:
    paid = stripe_mock("paid", amount_minor=4999, currency="eur")

    refund = answer(httpx.post(f"{paid.url}/v1/refunds", auth=KEY, data={"payment_intent": "pi_ours"}))

    assert (refund["amount"], refund["currency"], refund["payment_intent"]) == (4999, "eur", "pi_ours")


def test_the_default_world_looks_declined_and_is_not(stripe_mock: StripeMocks) -> None:
    intent = read_intent(stripe_mock())

    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"] == {"type": "idempotency_error"}
    assert intent["amount"] == 1099


def test_the_default_world_can_have_any_amount(stripe_mock: StripeMocks) -> None:
    intent = read_intent(stripe_mock(amount_minor=1, currency="jpy"))

    assert (intent["amount"], intent["currency"]) == (1, "jpy")
    assert intent["status"] == "requires_payment_method"


def test_every_world_says_what_it_is() -> None:
    assert [world.name for world in WORLDS.values()] == list(WORLDS)
    assert list(WORLDS) == [
        "default",
        "authorised",
        "paid",
        "requires_action",
        "subscription_incomplete",
        "subscription_trialing",
        "subscription_active",
        "subscription_past_due",
        "subscription_canceled",
    ]
    assert all(world.sentence.endswith(".") for world in WORLDS.values())


@pytest.mark.parametrize("amount_minor", [0, -1, True, 49.99])
def test_no_payment_has_that_amount(amount_minor: int) -> None:
    assert "must be a positive integer" in refusal("paid", amount_minor=amount_minor)


@pytest.mark.parametrize("currency", ["", "us", "USD", "u1d", "euro"])
def test_no_payment_has_that_currency(currency: str) -> None:
    assert "must be three lower-case letters" in refusal("paid", currency=currency)


def test_an_unknown_world_is_refused_with_the_known_ones() -> None:
    assert f"one of {', '.join(WORLDS)}; got 'refunded'" in refusal("refunded")


def test_several_run_concurrently(stripe_mock: StripeMocks) -> None:
    mocks = [stripe_mock(world, amount_minor=4999, currency="eur") for world in ("authorised", "paid")]

    assert [mock.world for mock in mocks] == ["authorised", "paid"]
    assert [read_intent(mock)["status"] for mock in mocks] == ["requires_capture", "succeeded"]
    assert {mock.version for mock in mocks} == {VERSION}


def refusal(world: str, *, amount_minor: int | None = None, currency: str | None = None) -> str:
    with pytest.raises(BadWorld) as refused, begin(world, amount_minor=amount_minor, currency=currency):
        raise AssertionError("it was started")
    return str(refused.value)


def answer(response: httpx.Response) -> JsonObject:
    assert response.status_code == 200, response.text
    return cast(JsonObject, response.json())


def read_intent(mock: StripeMock, expand: str | None = None) -> JsonObject:
    asked = {"expand[]": expand} if expand else {}
    return answer(httpx.get(f"{mock.url}/v1/payment_intents/pi_ours", auth=KEY, params=asked))


def part(whole: JsonObject, name: str) -> JsonObject:
    found = whole[name]
    assert isinstance(found, dict)
    return found
