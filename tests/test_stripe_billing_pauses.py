"""Pauses and usage on the SDK: what is asked of Stripe, and how its answers are read."""

from __future__ import annotations

from datetime import datetime

import pytest

from payflows.errors import CallRejected, InvalidPolicy, MerchantMisconfigured, UnreadableAnswer
from payflows.subscriptions.billing import ALREADY_REPORTED, PauseBehavior, PausedCollection, SubscriptionTerms
from tests import stripe_billing_json as shown
from tests.billing_calls import CALLS, PRORATED_AT
from tests.gateway_calls import Post, gateway_answering, gateway_over
from tests.stripe_json import Json

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("call", "path", "params"),
    [
        (
            "pause_collection",
            "",
            {"pause_collection[behavior]": "void", "pause_collection[resumes_at]": "1702000000"},
        ),
        ("resume_collection", "", {"pause_collection": ""}),
        ("pause_subscription", "/pause", {}),
        ("resume_subscription", "/resume", {}),
    ],
)
async def test_pauses_are_asked_for_by_stripes_defaults(call: str, path: str, params: dict[str, str]) -> None:
    post = Post(shown.subscription())

    await CALLS[call](gateway_over(post).billing)

    assert (post.sent[0].method, post.sent[0].url.path) == ("POST", f"/v1/subscriptions/sub_1{path}")
    assert post.sent[0].headers["Idempotency-Key"] == "k"
    assert post.params == [{**params, "expand[0]": "latest_invoice.payments"}]


async def test_a_pause_without_an_end_names_none() -> None:
    post = Post(shown.subscription())
    paused = PausedCollection(PauseBehavior.KEEP_AS_DRAFT)

    await gateway_over(post).billing.pause_collection("sub_1", paused=paused, key="k")

    assert "pause_collection[resumes_at]" not in post.params[0]


async def test_usage_is_reported_under_our_id() -> None:
    post = Post(shown.meter_event())

    assert await CALLS["report_usage"](gateway_over(post).billing) == "usage-1"

    assert (post.sent[0].method, post.sent[0].url.path) == ("POST", "/v1/billing/meter_events")
    assert post.sent[0].headers["Idempotency-Key"] == "k"
    assert post.params == [
        {
            "event_name": "calls",
            "identifier": "usage-1",
            "payload[stripe_customer_id]": "cus_1",
            "payload[value]": "7",
            "timestamp": "1701000000",
        }
    ]


@pytest.mark.parametrize("quantity", [-1, 1.5, True, "7"])
async def test_what_is_no_quantity_is_not_sent(quantity: object) -> None:
    post = Post(shown.meter_event())
    billing = gateway_over(post).billing

    with pytest.raises(CallRejected, match="whole number"):
        await billing.report_usage(
            "usage-1",
            stripe_customer_id="cus_1",
            meter="calls",
            quantity=quantity,  # type: ignore[arg-type]
            used_at=PRORATED_AT,
            key="k",
        )
    assert post.sent == []


async def test_usage_of_a_naive_moment_is_not_sent() -> None:
    """S23: it would be read as local time, and land in another period."""
    post = Post(shown.meter_event())

    with pytest.raises(InvalidPolicy, match="used_at"):
        await gateway_over(post).billing.report_usage(
            "usage-1", stripe_customer_id="cus_1", meter="calls", quantity=1, used_at=datetime(2026, 1, 1), key="k"
        )
    assert post.sent == []


async def test_a_metered_price_is_a_second_item_without_a_quantity() -> None:
    post = Post(shown.subscription())
    terms = SubscriptionTerms("cus_1", "price_pro", quantity=3, metered_price_id="price_usage")

    await gateway_over(post).billing.create_subscription("subs-1", terms, key="k")

    sent = post.params[0]
    assert {name: sent[name] for name in sent if name.startswith("items")} == {
        "items[0][price]": "price_pro",
        "items[0][quantity]": "3",
        "items[1][price]": "price_usage",
    }


# How answers are read


async def test_usage_that_stripe_has_already_is_known_by_a_code_of_ours() -> None:
    with pytest.raises(CallRejected) as caught:
        await CALLS["report_usage"](gateway_answering(400, shown.USAGE_EXISTS).billing)

    assert caught.value.code == ALREADY_REPORTED


async def test_where_there_is_no_such_call_we_are_refused() -> None:
    with pytest.raises(MerchantMisconfigured, match="does not have this call"):
        await CALLS["pause_subscription"](gateway_answering(404, shown.NO_SUCH_CALL).billing)


async def test_a_subscription_that_is_not_there_is_none_of_these() -> None:
    with pytest.raises(CallRejected, match="No such subscription"):
        await CALLS["pause_subscription"](gateway_answering(404, shown.ALREADY_CANCELED).billing)


@pytest.mark.parametrize("fields", [{"livemode": True}, {"object": "billing.meter"}, {"identifier": None}])
async def test_what_is_no_report_of_ours_is_not_believed(fields: Json) -> None:
    with pytest.raises(UnreadableAnswer):
        await CALLS["report_usage"](gateway_answering(200, shown.meter_event(**fields)).billing)


async def test_of_a_renewal_the_period_is_the_one_that_begins() -> None:
    """Whichever line comes first: that of the usage is for the period before."""
    licensed, usage = shown.line(start=shown.END, end=shown.END + 1000), shown.line()
    for lines in ((licensed, usage), (usage, licensed)):
        billing = gateway_answering(200, shown.invoice(lines=shown.listed(*lines))).billing

        assert (await billing.retrieve_invoice("in_1")).period_start.timestamp() == shown.END
