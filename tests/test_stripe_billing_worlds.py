"""Stripe-mock accepts every call of billing, and tells one story of a subscription in each of our worlds."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from payflows.errors import MerchantMisconfigured, UnreadableAnswer
from payflows.money import Money
from payflows.payments.model import Decline, PaymentStatus
from payflows.stripe.gateway import StripeGateway
from payflows.subscriptions.billing import InvoiceStatus, SetupStatus
from tests.billing_calls import CALLS
from tests.plugins.stripe_mock import StripeMocks
from tests.stripe_openapi import validator_of

pytestmark = pytest.mark.anyio

EUR_20, NOTHING = Money(2000, "eur"), Money(0, "eur")
NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
NOT_ON_STRIPE_MOCK = ("pause_subscription", "resume_subscription")
KEY = ("sk_test_ours", "")


async def test_stripe_mock_accepts_every_call(stripe_mock: StripeMocks) -> None:
    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        for name, call in CALLS.items():
            if name not in NOT_ON_STRIPE_MOCK:
                await call(gateway.billing)


async def test_a_subscription_is_not_paused_on_stripe_mock_and_that_is_said(stripe_mock: StripeMocks) -> None:
    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        with pytest.raises(MerchantMisconfigured, match="does not have this call"):
            await CALLS["pause_subscription"](gateway.billing)


async def test_what_stripe_mock_answers_to_a_resumption_is_not_taken_for_a_subscription(
    stripe_mock: StripeMocks,
) -> None:
    """It accepts the request, and says that the object is a "sub_1"."""
    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        with pytest.raises(UnreadableAnswer, match="not a Subscription"):
            await CALLS["resume_subscription"](gateway.billing)


async def test_what_stripe_mock_lists_is_not_believed(stripe_mock: StripeMocks) -> None:
    async with StripeGateway.on_mock(stripe_mock("subscription_past_due").url) as gateway:
        assert await gateway.billing.list_subscriptions("cus_1", subscription_id="subs-1") == ()
        assert await gateway.billing.list_invoices("sub_1") == ()
        assert await gateway.billing.list_credit_notes("in_1") == ()


async def test_stripe_mocks_own_subscription_says_what_no_subscription_can(stripe_mock: StripeMocks) -> None:
    """Active, though it ended in 2009; of an unpaid invoice that a quote made."""
    async with StripeGateway.on_mock(stripe_mock().url) as gateway:
        made = await gateway.billing.retrieve_subscription("sub_77")

    assert (made.id, made.status, made.owner_id) == ("sub_77", "active", None)
    assert made.ended_at is not None
    assert made.latest_invoice is not None
    assert made.latest_invoice.stripe_subscription_id is None


WORLDS = [
    ("subscription_incomplete", "incomplete", InvoiceStatus.OPEN, False, "subscription_create"),
    ("subscription_active", "active", InvoiceStatus.PAID, True, "subscription_create"),
    ("subscription_past_due", "past_due", InvoiceStatus.OPEN, True, "subscription_cycle"),
    ("subscription_canceled", "canceled", InvoiceStatus.PAID, True, "subscription_create"),
]


@pytest.mark.parametrize(("world", "status", "invoice_status", "attempted", "reason"), WORLDS)
async def test_a_subscription_tells_its_world(
    stripe_mock: StripeMocks, world: str, status: str, invoice_status: InvoiceStatus, attempted: bool, reason: str
) -> None:
    async with StripeGateway.on_mock(stripe_mock(world, amount_minor=2000, currency="eur").url) as gateway:
        read = await gateway.billing.retrieve_subscription("sub_ours")
        invoice = read.latest_invoice
        assert invoice is not None
        assert invoice.payment_id is not None
        payment = await gateway.retrieve_payment(invoice.payment_id)

    assert (read.status, read.ended_at is None) == (status, status != "canceled")
    assert (read.period_start, read.period_end, read.trial_end, read.cancel_at) == (NOVEMBER, DECEMBER, None, None)
    assert (invoice.status, invoice.billing_reason, invoice.attempted) == (invoice_status, reason, attempted)
    assert (invoice.stripe_subscription_id, invoice.period_end) == ("sub_ours", DECEMBER)
    assert (invoice.total, invoice.amount_due) == (EUR_20, EUR_20)
    assert payment.covers(invoice.amount_paid) is (invoice_status is InvoiceStatus.PAID)


async def test_a_trials_invoice_is_for_nothing_and_a_card_is_to_be_set_up(stripe_mock: StripeMocks) -> None:
    mock = stripe_mock("subscription_trialing", amount_minor=2000, currency="eur")
    async with StripeGateway.on_mock(mock.url) as gateway:
        read = await gateway.billing.retrieve_subscription("sub_ours")
        setup = await gateway.billing.retrieve_setup(read.setup_id or "")

    assert (read.status, read.trial_end, read.payment_method) == ("trialing", DECEMBER, None)
    invoice = read.latest_invoice
    assert invoice is not None
    assert (invoice.status, invoice.total, invoice.amount_due) == (InvoiceStatus.PAID, NOTHING, NOTHING)
    assert invoice.payment_id is None
    assert (setup.status, setup.payment_method) == (SetupStatus.REQUIRES_PAYMENT_METHOD, None)


async def test_a_renewal_past_due_says_why_the_card_was_declined(stripe_mock: StripeMocks) -> None:
    async with StripeGateway.on_mock(stripe_mock("subscription_past_due").url) as gateway:
        payment = await gateway.retrieve_payment("pi_ours")

    assert payment.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert payment.decline == Decline("card_declined", "insufficient_funds")


@pytest.mark.parametrize("world", ["subscription_trialing", *(name for name, *_ in WORLDS)])
@pytest.mark.parametrize("kind", ["subscription", "invoice", "setup_intent", "credit_note"])
def test_what_a_world_says_is_of_stripes_form(stripe_mock: StripeMocks, world: str, kind: str) -> None:
    mock = stripe_mock(world, amount_minor=2000, currency="eur")

    answer = httpx.get(
        f"{mock.url}/v1/{kind}s/x_ours", auth=KEY, params={"expand[]": "payments"} if kind == "invoice" else {}
    )

    validator_of(kind).validate(answer.json())
