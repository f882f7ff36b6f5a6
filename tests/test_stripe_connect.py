"""What StripeConnect asks of Stripe, what it believes of a list, and what an answer must say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from payflows.errors import CallRejected, MerchantMisconfigured, UnreadableAnswer
from payflows.marketplace.connect import (
    ACCOUNT_INVALID,
    BusinessType,
    CapabilityStatus,
    DestinationCharge,
    SeparateCharge,
    Split,
)
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.money import Money
from payflows.payments.model import CaptureMode
from tests import stripe_json
from tests.gateway_calls import Post, gateway_answering, gateway_over
from tests.stripe_json import Json, page

pytestmark = pytest.mark.anyio

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
CREATED = 1_700_000_000


def account(**fields: object) -> Json:
    return {
        "id": "acct_1",
        "object": "account",
        "capabilities": {"transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "created": CREATED,
        "default_currency": "usd",
        "details_submitted": True,
        "email": stripe_json.EMAIL,
        "metadata": {"vendor_id": "vendor-1"},
        "payouts_enabled": True,
        "requirements": {"currently_due": [], "past_due": [], "current_deadline": None, "disabled_reason": None},
        **fields,
    }


def entry(**fields: object) -> Json:
    return {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": 100,
        "available_on": CREATED,
        "created": CREATED,
        "currency": "usd",
        "fee": 3,
        "net": 97,
        "source": "ch_1",
        "status": "available",
        "type": "charge",
        **fields,
    }


def transfer(**fields: object) -> Json:
    return {
        "id": "tr_1",
        "object": "transfer",
        "amount": 100,
        "amount_reversed": 0,
        "currency": "usd",
        "destination": "acct_1",
        "livemode": False,
        "metadata": {},
        "transfer_group": "group-1",
        **fields,
    }


def payout(**fields: object) -> Json:
    return {
        "id": "po_1",
        "object": "payout",
        "amount": 100,
        "arrival_date": CREATED,
        "currency": "usd",
        "livemode": False,
        "metadata": {"payout_id": "payout-1"},
        "status": "in_transit",
        **fields,
    }


async def test_a_new_account_is_express_and_paid_out_when_we_ask() -> None:
    post = Post(account())

    made = await gateway_over(post).connect.create_account(
        "vendor-1", email="vendor@example.com", country="US", business_type=BusinessType.COMPANY, key="k"
    )

    assert post.sent[0].headers["Idempotency-Key"] == "k"
    assert post.params == [
        {
            "type": "express",
            "email": "vendor@example.com",
            "country": "US",
            "business_type": "company",
            "capabilities[transfers][requested]": "true",
            "capabilities[card_payments][requested]": "true",
            "settings[payouts][debit_negative_balances]": "false",
            "settings[payouts][schedule][interval]": "manual",
            "metadata[vendor_id]": "vendor-1",
        }
    ]
    assert (made.transfers, made.card_payments) == (CapabilityStatus.ACTIVE, CapabilityStatus.UNREQUESTED)


@pytest.mark.parametrize(
    ("split", "sent"),
    [
        (
            DestinationCharge("acct_1", Money(10, "usd")),
            {"transfer_data[destination]": "acct_1", "transfer_group": "order-1", "application_fee_amount": "10"},
        ),
        (
            DestinationCharge("acct_1", Money(0, "usd")),
            {"transfer_data[destination]": "acct_1", "transfer_group": "order-1"},
        ),
        (SeparateCharge("group-1"), {"transfer_group": "group-1"}),
    ],
)
async def test_a_split_payment_says_who_it_is_for(split: Split, sent: dict[str, str]) -> None:
    post = Post(stripe_json.payment_intent())

    await gateway_over(post).connect.create_split_payment(
        "order-1",
        amount=Money(100, "usd"),
        split=split,
        capture=CaptureMode.AUTOMATIC,
        stripe_customer_id=None,
        key="k",
    )

    names = ("transfer_data[destination]", "transfer_group", "application_fee_amount")
    assert {name: value for name, value in post.params[0].items() if name in names} == sent


async def test_what_is_a_vendors_is_asked_for_as_the_vendor() -> None:
    post = Post(payout(), page(entry()), page(entry()))
    connect = gateway_over(post).connect

    await connect.create_payout("acct_1", payout_id="payout-1", amount=Money(100, "usd"), key="k")
    await connect.list_balance_transactions("acct_1", created_from=SINCE, created_before=SINCE)
    await connect.list_balance_transactions(None, created_from=SINCE, created_before=SINCE)

    assert [sent.headers.get("Stripe-Account") for sent in post.sent] == ["acct_1", "acct_1", None]


Call = Callable[[MarketplaceGateway], Awaitable[object]]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda connect: connect.list_transfers("group-2"), transfer()),
        (lambda connect: connect.list_accounts(vendor_id="vendor-2", created_from=SINCE), account()),
        (lambda connect: connect.list_split_refunds("ch_2"), stripe_json.refund(charge="ch_1")),
        (lambda connect: connect.list_payouts("acct_1", created_from=SINCE), payout(amount=-100)),
        (
            lambda connect: connect.list_balance_transactions(
                None, created_from=SINCE, created_before=SINCE, source_id="ch_2"
            ),
            entry(),
        ),
    ],
)
async def test_what_a_list_brings_besides_what_was_asked_for_is_not_believed(call: Call, found: Json) -> None:
    assert await call(gateway_answering(200, page(found)).connect) == ()


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda connect: connect.retrieve_transfer("tr_1"), transfer(livemode=True)),
        (lambda connect: connect.retrieve_transfer("tr_1"), account()),
        (lambda connect: connect.retrieve_account("acct_1"), account(capabilities={"transfers": "paused"})),
        (
            lambda connect: connect.retrieve_balance_transaction(None, balance_transaction_id="txn_1"),
            entry(net=98),
        ),
        (lambda connect: connect.retrieve_payout("acct_1", stripe_payout_id="po_1"), payout(amount=-100)),
        (lambda connect: connect.retrieve_payout("acct_1", stripe_payout_id="po_1"), payout(status="lost")),
    ],
)
async def test_an_answer_that_cannot_be_believed_is_in_doubt(call: Call, answer: Json) -> None:
    with pytest.raises(UnreadableAnswer):
        await call(gateway_answering(200, answer).connect)


async def test_a_closed_account_is_a_rejected_call_and_any_other_403_our_fault() -> None:
    closed = stripe_json.error("invalid_request_error", "No access to account 'acct_1'.", code=ACCOUNT_INVALID)

    with pytest.raises(CallRejected) as rejected:
        await gateway_answering(403, closed).connect.retrieve_account("acct_1")
    with pytest.raises(MerchantMisconfigured):
        await gateway_answering(403, stripe_json.FORBIDDEN).connect.retrieve_account("acct_1")

    assert rejected.value.code == ACCOUNT_INVALID


async def test_all_pages_of_a_balance_are_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        after = request.url.params.get("starting_after")
        number = int(after.partition("_")[2]) if after else 0
        entries = [entry(id=f"txn_{number + step}") for step in range(1, 101)]
        return httpx.Response(200, json=page(*entries, more=number < 2_000, url="/v1/balance_transactions"))

    connect = gateway_over(answer).connect
    found = await connect.list_balance_transactions("acct_1", created_from=SINCE, created_before=SINCE)

    assert [each.id for each in found] == [f"txn_{number}" for number in range(1, 2_101)]


async def test_nothing_personal_comes_out_of_an_account() -> None:
    read = await gateway_answering(200, account()).connect.retrieve_account("acct_1")

    assert stripe_json.EMAIL not in repr(read)
