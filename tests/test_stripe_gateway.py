"""What StripeGateway asks of Stripe, what it believes of a search, and that stripe-mock accepts all of it."""

from __future__ import annotations

import pickle

import pytest

from payflows.errors import CallRejected, InvalidPolicy, OutcomeUnknown
from payflows.money import Money
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, Payment, PaymentStatus, RefundStatus
from payflows.stripe.calls import MOST_FOUND
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.keys import ApiKey
from tests import stripe_json
from tests.gateway_calls import CALLS, Post, error_of, gateway_answering, gateway_over, search
from tests.plugins.stripe_mock import StripeMocks
from tests.stripe_json import KEY, page, paid_intent, payment_intent, search_page

pytestmark = pytest.mark.anyio

USD_49_99 = Money(4999, "usd")
EXPANDED = {"expand[0]": "latest_charge"}


async def create(gateway: PaymentGateway, amount: Money = USD_49_99, customer: str | None = None) -> Payment:
    return await gateway.create_payment(
        "ord_1", amount=amount, capture=CaptureMode.MANUAL, stripe_customer_id=customer, key="ord_1:create:1"
    )


# What is sent


async def test_a_new_payment_tells_stripe_the_order_id_and_nothing_of_the_customer() -> None:
    post = Post(payment_intent())

    await create(gateway_over(post))

    assert post.sent[0].url.path == "/v1/payment_intents"
    assert post.sent[0].headers["Idempotency-Key"] == "ord_1:create:1"
    assert post.params == [
        {
            "amount": "4999",
            "currency": "usd",
            "capture_method": "manual",
            "automatic_payment_methods[enabled]": "true",
            "automatic_payment_methods[allow_redirects]": "never",
            "metadata[order_id]": "ord_1",
        }
        | EXPANDED
    ]


async def test_a_saved_cards_owner_goes_along_by_stripes_own_id() -> None:
    post = Post(payment_intent())

    await create(gateway_over(post), customer="cus_1")

    assert post.params[0]["customer"] == "cus_1"


async def test_steps_are_keyed_and_say_no_more_than_they_must() -> None:
    post = Post(payment_intent(), paid_intent(), payment_intent(status="canceled"), stripe_json.refund())
    gateway = gateway_over(post)

    await gateway.confirm_payment("pi_1", payment_method="pm_card_visa", key="k1")
    await gateway.capture_payment("pi_1", key="k2")
    await gateway.cancel_payment("pi_1", key="k3")
    await gateway.refund_payment("pi_1", order_id="ord_1", key="k4")

    assert [(request.url.path, request.headers["Idempotency-Key"]) for request in post.sent] == [
        ("/v1/payment_intents/pi_1/confirm", "k1"),
        ("/v1/payment_intents/pi_1/capture", "k2"),
        ("/v1/payment_intents/pi_1/cancel", "k3"),
        ("/v1/refunds", "k4"),
    ]
    assert post.params == [
        {"payment_method": "pm_card_visa"} | EXPANDED,
        EXPANDED,
        EXPANDED,
        {"payment_intent": "pi_1", "metadata[order_id]": "ord_1"},
    ]


async def test_no_telemetry_goes_along() -> None:
    post = Post(payment_intent(), payment_intent())
    gateway = gateway_over(post)

    await create(gateway)
    await create(gateway)

    for request in post.sent:
        assert "X-Stripe-Client-Telemetry" not in request.headers
        assert "telemetry_id" not in request.headers["X-Stripe-Client-User-Agent"]


@pytest.mark.parametrize("payment_method", [stripe_json.CARD, "card_1", "pm_", "", "pm_1/../../customers"])
async def test_a_card_number_is_not_sent_and_not_repeated(payment_method: str) -> None:
    post = Post()

    with pytest.raises(CallRejected) as refused:
        await gateway_over(post).confirm_payment("pi_1", payment_method=payment_method, key="k")

    assert post.sent == []
    assert stripe_json.CARD not in str(refused.value)


# What is found


async def test_a_search_believes_only_what_names_the_order() -> None:
    other, nameless = payment_intent(id="pi_2", metadata={"order_id": "ord_2"}), payment_intent(metadata={})
    strange = payment_intent(id="pi_3", metadata={}, currency="xau", status="settled")
    post = Post(search_page(other, nameless, strange, payment_intent()))

    found = await gateway_over(post).search_payments("ord_1")

    assert [payment.id for payment in found] == ["pi_1"]
    assert post.params == [{"query": "metadata['order_id']:'ord_1'", "limit": "100", "expand[0]": "data.latest_charge"}]


async def test_a_search_quotes_the_order_id() -> None:
    post = Post(search_page())

    await gateway_over(post).search_payments("it's \\ 'mine' OR status:'succeeded'")

    assert post.params[0]["query"] == r"metadata['order_id']:'it\'s \\ \'mine\' OR status:\'succeeded\''"


async def test_a_search_turns_every_page() -> None:
    post = Post(
        search_page(payment_intent(id="pi_1"), more=True, next_page="page_2"),
        search_page(payment_intent(id="pi_2")),
    )

    found = await gateway_over(post).search_payments("ord_1")

    assert [payment.id for payment in found] == ["pi_1", "pi_2"]
    assert post.params[1] == post.params[0] | {"page": "page_2"}


async def test_a_search_without_end_is_given_up() -> None:
    endless = search_page(*[payment_intent()] * 100, more=True, next_page="again")

    error = await error_of(search, gateway_answering(200, endless))

    assert type(error) is OutcomeUnknown
    assert f"more than {MOST_FOUND:,}" in str(error)


async def test_refunds_are_the_orders_own_newest_first_from_every_page() -> None:
    elsewhere = stripe_json.refund(id="re_dashboard", metadata={})
    other_payment = stripe_json.refund(id="re_other", payment_intent="pi_2")
    post = Post(
        page(stripe_json.refund(id="re_old", created=1), elsewhere, other_payment, more=True),
        page(stripe_json.refund(id="re_new", created=2, payment_intent=payment_intent())),
    )

    refunds = await gateway_over(post).list_refunds("pi_1", order_id="ord_1")

    assert [refund.id for refund in refunds] == ["re_new", "re_old"]
    assert post.params[0] == {"payment_intent": "pi_1", "limit": "100"}
    assert post.params[1] == post.params[0] | {"starting_after": "re_other"}


# On stripe-mock


async def test_stripe_mock_accepts_every_call(stripe_mock: StripeMocks) -> None:
    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        await create(gateway, customer="cus_1")
        for call in CALLS:
            await call(gateway)


async def test_stripe_mocks_default_intent_looks_declined_and_is_not(stripe_mock: StripeMocks) -> None:
    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        made = await create(gateway, Money(1050, "jpy"))
        read = await gateway.retrieve_payment("pi_77")

    assert (made.amount, made.status) == (Money(1050, "jpy"), PaymentStatus.REQUIRES_PAYMENT_METHOD)
    assert made.decline is None
    assert made.order_id is None  # stripe-mock reflects no metadata
    assert (read.id, read.decline) == ("pi_77", None)


async def test_what_stripe_mock_finds_is_not_believed(stripe_mock: StripeMocks) -> None:
    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        assert await gateway.search_payments("ord_1") == ()
        assert await gateway.list_refunds("pi_1", order_id="ord_1") == ()
        assert await gateway.list_disputes("pi_1") == ()


async def test_a_paid_world_covers_the_order(stripe_mock: StripeMocks) -> None:
    mock = stripe_mock("paid", amount_minor=4999, currency="usd")
    async with StripeGateway.on_mock(mock.url) as gateway:
        payment = await gateway.retrieve_payment("pi_1")
        refund = await gateway.refund_payment("pi_1", order_id="ord_1", key="k")

    assert payment.covers(USD_49_99)
    assert (refund.payment_id, refund.amount, refund.status) == ("pi_1", USD_49_99, RefundStatus.SUCCEEDED)


@pytest.mark.parametrize(
    ("world", "status"),
    [("authorised", PaymentStatus.REQUIRES_CAPTURE), ("requires_action", PaymentStatus.REQUIRES_ACTION)],
)
async def test_other_worlds_are_read_as_they_are(stripe_mock: StripeMocks, world: str, status: PaymentStatus) -> None:
    mock = stripe_mock(world, amount_minor=4999, currency="usd")
    async with StripeGateway.on_mock(mock.url) as gateway:
        payment = await gateway.confirm_payment("pi_1", payment_method="pm_card_visa", key="k")

    assert (payment.status, payment.received, payment.decline) == (status, Money(0, "usd"), None)


# How it is made

ALLOWED = [
    "https://api.stripe.com",
    "https://[::1]:8443/",
    "http://127.0.0.1:12111",
    "http://localhost:1",
    "http://[::1]",
]
NOT_ALLOWED = [
    "http://api.stripe.com",
    "http://10.0.0.1",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "ftp://127.0.0.1",
    "https://",
    "api.stripe.com",
    "https://user:canary@api.stripe.com",
    "http://127.0.0.1:1@example.com",
    "https://api.stripe.com/canary",
    "https://api.stripe.com?canary",
    "http://[canary",
    "http://127.0.0.1:canary",
]


@pytest.mark.parametrize("url", ALLOWED)
def test_the_key_travels_encrypted_or_stays_on_this_machine(url: str) -> None:
    StripeGateway(ApiKey(KEY), base_url=url)


@pytest.mark.parametrize("url", NOT_ALLOWED)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidPolicy, match="base_url must be https://host, or http:// on loopback") as refused:
        StripeGateway(ApiKey(KEY), base_url=url)

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), True, 301, "20"])
def test_a_deadline_is_a_number_of_seconds(seconds: float) -> None:
    with pytest.raises(InvalidPolicy, match="timeout_seconds"):
        StripeGateway(ApiKey(KEY), timeout_seconds=seconds)


def test_it_shows_where_it_calls_and_no_key() -> None:
    assert repr(StripeGateway(ApiKey(KEY))) == "StripeGateway(api.stripe.com)"
    assert repr(StripeGateway.on_mock("http://127.0.0.1:12111")) == "StripeGateway(127.0.0.1:12111)"


def test_it_is_not_pickled_for_it_holds_the_key() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(StripeGateway(ApiKey(KEY)))
