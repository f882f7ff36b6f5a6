"""How Stripe's objects are read: payments and refunds as the flows see them, and what is not to be believed."""

from __future__ import annotations

import pytest

from payflows.errors import OutcomeUnknown, UnreadableAnswer
from payflows.money import Money
from payflows.payments.model import Decline, Dispute, DisputeStatus, Payment, PaymentStatus, Refund, RefundStatus
from tests import stripe_json
from tests.gateway_calls import capture, confirm, error_of, gateway_answering
from tests.stripe_json import Json, charge, paid_intent, payment_intent

pytestmark = pytest.mark.anyio

USD_49_99 = Money(4999, "usd")


async def payment(**fields: object) -> Payment:
    return await gateway_answering(200, payment_intent(**fields)).retrieve_payment("pi_1")


@pytest.mark.parametrize("status", PaymentStatus)
async def test_every_status_is_known(status: PaymentStatus) -> None:
    assert (await payment(status=status.value)).status is status


async def test_a_paid_payment_tells_what_came_in_and_what_went_back() -> None:
    refunded = charge(amount_refunded=1000, disputed=True)
    gateway = gateway_answering(200, paid_intent(latest_charge=refunded))

    assert await gateway.retrieve_payment("pi_1") == Payment(
        id="pi_1",
        order_id="ord_1",
        status=PaymentStatus.SUCCEEDED,
        amount=USD_49_99,
        received=USD_49_99,
        returned=Money(1000, "usd"),
        disputed=True,
        charge_id="ch_1",
    )


async def test_what_was_released_when_a_part_was_captured_has_not_been_returned() -> None:
    """Stripe's charge counts it as refunded: it is what was authorised, less what was captured."""
    part = paid_intent(amount_received=1000, latest_charge=charge(amount_captured=1000, amount_refunded=3999 + 400))

    read = await gateway_answering(200, part).retrieve_payment("pi_1")

    assert (read.received, read.returned) == (Money(1000, "usd"), Money(400, "usd"))


async def test_amounts_carry_the_payments_currency() -> None:
    read = await payment(amount=1050, currency="jpy")

    assert (read.amount, read.received, read.returned) == (Money(1050, "jpy"), Money(0, "jpy"), Money(0, "jpy"))


async def test_a_charge_that_took_no_money_may_stay_an_id() -> None:
    assert (await payment(latest_charge="ch_declined")).charge_id == "ch_declined"


async def test_money_received_without_its_charge_is_not_called_paid() -> None:
    error = await error_of(capture, gateway_answering(200, paid_intent(latest_charge="ch_1")))

    assert type(error) is UnreadableAnswer
    assert "without its charge" in str(error)


async def test_a_payment_in_live_mode_is_not_ours() -> None:
    error = await error_of(capture, gateway_answering(200, paid_intent(livemode=True)))

    assert type(error) is UnreadableAnswer
    assert "live mode" in str(error)


DECLINES = [
    pytest.param(None, None, id="none"),
    pytest.param(
        {"type": "card_error", "code": "card_declined", "decline_code": "lost_card"},
        Decline("card_declined", "lost_card"),
        id="by-the-issuer",
    ),
    pytest.param({"type": "card_error", "code": "expired_card"}, Decline("expired_card"), id="without-reason"),
    pytest.param(
        {"type": "card_error", "code": "", "decline_code": "generic_decline"},
        Decline("card_declined", "generic_decline"),
        id="empty-code",
    ),
    pytest.param(
        {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"},
        Decline("payment_intent_authentication_failure"),
        id="failed-3-d-secure",
    ),
    pytest.param({"type": "idempotency_error"}, None, id="stripe-mock's"),
    pytest.param({"type": "api_error", "code": "processing_error"}, None, id="stripes-own-trouble"),
    pytest.param({"type": "invalid_request_error", "code": "parameter_missing"}, None, id="our-mistake"),
]


@pytest.mark.parametrize(("last_payment_error", "decline"), DECLINES)
async def test_only_a_cards_failure_is_a_decline(last_payment_error: Json | None, decline: Decline | None) -> None:
    assert (await payment(last_payment_error=last_payment_error)).decline == decline


UNREADABLE = [
    pytest.param(payment_intent(status="settled"), "payment pi_1 has the unknown status 'settled'", id="status"),
    pytest.param(payment_intent(status=None), "payment pi_1 has the unknown status None", id="no-status"),
    pytest.param(payment_intent(currency="xau"), "could not be read (InvalidMoney)", id="currency"),
    pytest.param(payment_intent(amount="4999"), "could not be read (InvalidMoney)", id="amount-as-text"),
    pytest.param(payment_intent(amount=-1), "could not be read (InvalidMoney)", id="negative-amount"),
    pytest.param(charge(), "Stripe's answer is a Charge, not a payment intent", id="a-charge"),
]


@pytest.mark.parametrize(("body", "said"), UNREADABLE)
async def test_what_cannot_be_understood_is_unknown_and_says_so(body: Json, said: str) -> None:
    for call in (confirm, capture):
        error = await error_of(call, gateway_answering(200, body))

        assert isinstance(error, OutcomeUnknown)
        assert said in str(error)


@pytest.mark.parametrize("status", RefundStatus)
async def test_a_refund_is_read_with_any_status(status: RefundStatus) -> None:
    gateway = gateway_answering(200, stripe_json.refund(status=status.value))

    refund = await gateway.refund_payment("pi_1", order_id="ord_1", key="k")

    assert refund == Refund("re_1", "pi_1", USD_49_99, status)


@pytest.mark.parametrize("status", DisputeStatus)
async def test_a_dispute_is_read_with_any_status(status: DisputeStatus) -> None:
    gateway = gateway_answering(200, stripe_json.page(stripe_json.dispute(status=status.value)))

    assert await gateway.list_disputes("pi_1") == (Dispute("dp_1", "pi_1", USD_49_99, status),)


@pytest.mark.parametrize(
    ("moved", "lost_minor"),
    [
        ([], 4_999),
        ([-4_999], 4_999),
        ([-4_999, 1_000], 3_999),
        pytest.param([-9_998, 2_000], 3_999, id="balance in another currency"),
        pytest.param([-4_999, 4_999, -4_999], 4_999, id="won, and lost again"),
    ],
)
async def test_of_a_dispute_that_is_lost_a_part_may_have_come_back(moved: list[int], lost_minor: int) -> None:
    entries = [{"object": "balance_transaction", "amount": amount, "fee": 1_500} for amount in moved]
    lost = stripe_json.dispute(status="lost", balance_transactions=entries)

    [dispute] = await gateway_answering(200, stripe_json.page(lost)).list_disputes("pi_1")

    assert dispute.lost_minor == lost_minor


async def test_disputes_are_the_payments_own_newest_first() -> None:
    old, new = stripe_json.dispute(id="dp_old", created=1, status="lost"), stripe_json.dispute(id="dp_new", created=2)
    of_another = stripe_json.dispute(id="dp_other", payment_intent="pi_2")

    disputes = await gateway_answering(200, stripe_json.page(old, of_another, new)).list_disputes("pi_1")

    assert [dispute.id for dispute in disputes] == ["dp_new", "dp_old"]


@pytest.mark.parametrize("fields", [{"status": "tied"}, {"status": None}, {"amount": "all"}])
async def test_a_dispute_that_cannot_be_understood_is_unknown(fields: Json) -> None:
    gateway = gateway_answering(200, stripe_json.page(stripe_json.dispute(**fields)))

    with pytest.raises(OutcomeUnknown):
        await gateway.list_disputes("pi_1")


@pytest.mark.parametrize("fields", [{"status": "lost"}, {"status": None}, {"payment_intent": None}])
async def test_a_refund_that_cannot_be_understood_is_unknown(fields: Json) -> None:
    gateway = gateway_answering(200, stripe_json.refund(**fields))

    with pytest.raises(UnreadableAnswer):
        await gateway.refund_payment("pi_1", order_id="ord_1", key="k")
