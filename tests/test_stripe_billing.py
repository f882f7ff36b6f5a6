"""What StripeBilling asks of Stripe, what it believes of a list, and what each answer says of its call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from payflows.errors import CallNotSent, CallRejected, PayflowsError, PaymentDeclined, ServerFailed
from payflows.kernel.ports import methods_of
from payflows.payments.invoice_payable import ACTION_REQUIRED
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.http import HttpCall
from payflows.stripe.keys import ApiKey
from payflows.subscriptions.billing import SubscriptionTerms, TrialEnd
from payflows.subscriptions.gateway import BillingGateway
from tests import stripe_billing_json as shown
from tests import stripe_json
from tests.billing_calls import CALLS, TERMS, answer_to
from tests.gateway_calls import Post, gateway_answering, gateway_over
from tests.stripe_json import page

pytestmark = pytest.mark.anyio

OF_SUBSCRIPTION = {"expand[0]": "latest_invoice.payments"}
OF_INVOICE = {"expand[0]": "payments"}


async def error_of(call: str, status: int, body: stripe_json.Json | str) -> PayflowsError:
    with pytest.raises(PayflowsError) as caught:
        await CALLS[call](gateway_answering(status, body).billing)
    return caught.value


def test_every_call_of_the_port_is_tried() -> None:
    assert set(CALLS) == set(methods_of(BillingGateway))


# What is sent


async def test_a_new_subscription_is_unpaid_and_tells_stripe_our_id_and_nothing_of_the_customer() -> None:
    post = Post(shown.subscription())

    await gateway_over(post).billing.create_subscription("subs-1", TERMS, key="subs-1:create:1")

    assert (post.sent[0].method, post.sent[0].url.path) == ("POST", "/v1/subscriptions")
    assert post.sent[0].headers["Idempotency-Key"] == "subs-1:create:1"
    assert post.params == [
        {
            "customer": "cus_1",
            "items[0][price]": "price_pro",
            "items[0][quantity]": "3",
            "payment_behavior": "default_incomplete",
            "payment_settings[save_default_payment_method]": "on_subscription",
            "metadata[subscription_id]": "subs-1",
        }
        | OF_SUBSCRIPTION
    ]


async def test_a_trial_says_what_happens_at_its_end_without_a_card() -> None:
    post = Post(shown.subscription())
    terms = SubscriptionTerms("cus_1", "price_pro", trial_days=14, trial_end=TrialEnd.PAUSE)

    await gateway_over(post).billing.create_subscription("subs-1", terms, key="k")

    assert post.params[0]["trial_period_days"] == "14"
    assert post.params[0]["trial_settings[end_behavior][missing_payment_method]"] == "pause"


SENT: dict[str, tuple[str, str, stripe_json.Json]] = {
    "retrieve_subscription": ("GET", "/v1/subscriptions/sub_1", OF_SUBSCRIPTION),
    "list_subscriptions": (
        "GET",
        "/v1/subscriptions",
        {"customer": "cus_1", "status": "all", "limit": "100", "expand[0]": "data.latest_invoice.payments"},
    ),
    "set_default_payment_method": (
        "POST",
        "/v1/subscriptions/sub_1",
        {"default_payment_method": "pm_1"} | OF_SUBSCRIPTION,
    ),
    "set_cancel_at_period_end": (
        "POST",
        "/v1/subscriptions/sub_1",
        {"cancel_at_period_end": "true"} | OF_SUBSCRIPTION,
    ),
    "cancel_subscription": (
        "DELETE",
        "/v1/subscriptions/sub_1",
        {"prorate": "true", "invoice_now": "true"} | OF_SUBSCRIPTION,
    ),
    "preview_change": (
        "POST",
        "/v1/invoices/create_preview",
        {
            "subscription": "sub_1",
            "subscription_details[items][0][id]": "si_1",
            "subscription_details[items][0][price]": "price_max",
            "subscription_details[items][0][quantity]": "5",
            "subscription_details[proration_behavior]": "always_invoice",
            "subscription_details[proration_date]": "1701000000",
        },
    ),
    "change_items": (
        "POST",
        "/v1/subscriptions/sub_1",
        {
            "items[0][id]": "si_1",
            "items[0][price]": "price_max",
            "items[0][quantity]": "5",
            "proration_behavior": "always_invoice",
            "proration_date": "1701000000",
            "payment_behavior": "pending_if_incomplete",
        }
        | OF_SUBSCRIPTION,
    ),
    "attach_payment_method": ("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": "cus_1"}),
    "confirm_setup": ("POST", "/v1/setup_intents/seti_1/confirm", {"payment_method": "pm_1"}),
    "retrieve_setup": ("GET", "/v1/setup_intents/seti_1", {}),
    "retrieve_setup_action": ("GET", "/v1/setup_intents/seti_1", {}),
    "retrieve_invoice": ("GET", "/v1/invoices/in_1", OF_INVOICE),
    "list_invoices": (
        "GET",
        "/v1/invoices",
        {"subscription": "sub_1", "limit": "100", "expand[0]": "data.payments"},
    ),
    "finalize_invoice": ("POST", "/v1/invoices/in_1/finalize", {"auto_advance": "false"} | OF_INVOICE),
    "pay_invoice": ("POST", "/v1/invoices/in_1/pay", {"payment_method": "pm_1"} | OF_INVOICE),
    "void_invoice": ("POST", "/v1/invoices/in_1/void", OF_INVOICE),
    "credit_invoice": (
        "POST",
        "/v1/credit_notes",
        {"invoice": "in_1", "amount": "1500", "refund_amount": "1500", "metadata[subscription_id]": "subs-1"},
    ),
    "list_credit_notes": ("GET", "/v1/credit_notes", {"invoice": "in_1", "limit": "100"}),
}


@pytest.mark.parametrize("call", SENT)
async def test_calls_are_keyed_and_say_no_more_than_they_must(call: str) -> None:
    post = Post(answer_to(call))

    await CALLS[call](gateway_over(post).billing)

    ((request,), verb) = post.sent, SENT[call][0]
    assert (request.method, request.url.path, post.params[0]) == SENT[call]
    if call != "preview_change":  # a POST that only reads: the SDK draws a key for it
        assert request.headers.get("Idempotency-Key") == (None if verb == "GET" else "k")


async def test_an_invoice_is_paid_by_the_card_where_stripe_looks_first_unless_one_is_named() -> None:
    post = Post(shown.paid_invoice())

    await gateway_over(post).billing.pay_invoice("in_1", payment_method=None, key="k")

    assert post.params == [OF_INVOICE]


async def test_without_proration_the_unused_time_is_left() -> None:
    post = Post(shown.subscription(status="canceled"))

    await gateway_over(post).billing.cancel_subscription("sub_1", prorate=False, invoice_now=False, key="k")

    assert (post.params[0]["prorate"], post.params[0]["invoice_now"]) == ("false", "false")


Pay = Callable[[BillingGateway, str], Awaitable[object]]

WITH_A_CARD: list[Pay] = [
    lambda billing, card: billing.set_default_payment_method("sub_1", payment_method=card, key="k"),
    lambda billing, card: billing.attach_payment_method(card, stripe_customer_id="cus_1", key="k"),
    lambda billing, card: billing.confirm_setup("seti_1", payment_method=card, key="k"),
    lambda billing, card: billing.pay_invoice("in_1", payment_method=card, key="k"),
]


@pytest.mark.parametrize("payment_method", [stripe_json.CARD, "card_1", "pm_", "", "pm_1/../../customers"])
async def test_a_card_number_is_not_sent_and_not_repeated(payment_method: str) -> None:
    post = Post()

    for pay in WITH_A_CARD:
        with pytest.raises(CallRejected) as refused:
            await pay(gateway_over(post).billing, payment_method)
        assert stripe_json.CARD not in str(refused.value)

    assert post.sent == []


async def test_billing_shares_the_gateways_connections_and_its_observer() -> None:
    seen: list[HttpCall] = []
    http = httpx.AsyncClient(transport=httpx.MockTransport(Post(shown.invoice(), stripe_json.payment_intent())))
    gateway = StripeGateway(ApiKey(stripe_json.KEY), http=http, on_call=seen.append)

    await gateway.billing.retrieve_invoice("in_1")
    await gateway.retrieve_payment("pi_1")

    assert [call.path for call in seen] == ["/v1/invoices/in_1", "/v1/payment_intents/pi_1"]


# What is found


async def test_subscriptions_are_those_that_name_ours_newest_first_from_every_page() -> None:
    old, new = shown.subscription(id="sub_old", created=1), shown.subscription(id="sub_new", created=2)
    another, nameless = shown.subscription(metadata={"subscription_id": "subs-2"}), shown.subscription(metadata={})
    unreadable = shown.subscription(metadata={}, items=shown.listed())
    post = Post(page(old, another, unreadable, nameless, more=True), page(new))

    found = await gateway_over(post).billing.list_subscriptions("cus_1", subscription_id="subs-1")

    assert [subscription.id for subscription in found] == ["sub_new", "sub_old"]
    assert post.params[1] == post.params[0] | {"starting_after": "sub_1"}


async def test_invoices_are_the_subscriptions_own_drafts_and_open_ones_newest_first() -> None:
    others = shown.invoice(id="in_other", parent=None)
    settled = [shown.invoice(id=f"in_{status}", status=status) for status in ("paid", "void", "uncollectible")]
    draft = shown.invoice(id="in_draft", status="draft", payments=shown.listed(), created=shown.START + 9_999)
    post = Post(page(*settled, shown.invoice(), others, draft))

    found = await gateway_over(post).billing.list_invoices("sub_1")

    assert [invoice.id for invoice in found] == ["in_draft", "in_1"]


async def test_credit_notes_are_the_invoices_own_newest_first() -> None:
    old, new = shown.credit_note(id="cn_old", created=1), shown.credit_note(id="cn_new", created=2)
    post = Post(page(old, shown.credit_note(id="cn_other", invoice="in_2"), new))

    found = await gateway_over(post).billing.list_credit_notes("in_1")

    assert [note.id for note in found] == ["cn_new", "cn_old"]


# What an answer says of its call


@pytest.mark.parametrize("call", CALLS)
async def test_only_what_tries_a_card_can_be_declined(call: str) -> None:
    error = await error_of(call, 402, stripe_json.DECLINE)

    if call in ("attach_payment_method", "confirm_setup", "pay_invoice"):
        assert isinstance(error, PaymentDeclined)
        assert error.args == ("card_declined", "insufficient_funds", "ch_declined")
    else:
        assert isinstance(error, CallRejected)
        assert error.code == "card_declined"


async def test_an_invoice_whose_customer_must_authenticate_says_so_by_its_code() -> None:
    error = await error_of("pay_invoice", 402, shown.ACTION_REQUIRED)

    assert isinstance(error, PaymentDeclined)
    assert error.code == ACTION_REQUIRED


async def test_a_set_up_that_is_declined_has_no_charge() -> None:
    error = await error_of("confirm_setup", 402, shown.SETUP_DECLINED)

    assert isinstance(error, PaymentDeclined)
    assert error.args == ("card_declined", "generic_decline", None)


async def test_a_second_cancellation_is_rejected() -> None:
    """Stripe keeps no key of a DELETE: where the first answer was lost, this is what a retry hears."""
    error = await error_of("cancel_subscription", 404, shown.ALREADY_CANCELED)

    assert isinstance(error, CallRejected)
    assert error.code == "resource_missing"


@pytest.mark.parametrize("call", CALLS)
async def test_errors_are_ours_and_name_the_call(call: str) -> None:
    assert type(await error_of(call, 429, stripe_json.RATE_LIMIT)) is CallNotSent
    assert type(await error_of(call, 500, stripe_json.BROKEN)) is ServerFailed
    assert call in str(await error_of(call, 404, stripe_json.MISSING))


@pytest.mark.parametrize("call", CALLS)
async def test_nothing_of_a_person_is_in_what_is_read(call: str) -> None:
    read = await CALLS[call](gateway_answering(200, answer_to(call)).billing)

    assert not [canary for canary in stripe_json.CANARIES if canary in repr(read)]
