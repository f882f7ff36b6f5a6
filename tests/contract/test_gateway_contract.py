"""What every `PaymentGateway` promises: the simulated Stripe, called and over HTTP, stripe-mock and Stripe's test mode.

`pytest --gateway simulated`, `--gateway wire`, `--gateway stripe-mock`, `--gateway stripe-test` (with your own
`sk_test_` key in `STRIPE_API_KEY`; it makes payments in your test account). A test that `needs` something is put only
to those that can.
"""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import CaptureMode, Decline, PaymentStatus, Refund, RefundStatus
from tests.gateway_customer import DECLINED, PRICE, VISA, Customer

pytestmark = pytest.mark.anyio

remembers = pytest.mark.needs("remember")
UNKNOWN = "pi_000000000000000000000000"


# Of every gateway


@pytest.mark.parametrize("capture", CaptureMode)
async def test_a_new_payment_waits_for_a_card_and_has_moved_no_money(customer: Customer, capture: CaptureMode) -> None:
    payment = await customer.create(capture=capture)

    assert payment.id.startswith("pi_")
    assert payment.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert (payment.amount, payment.received, payment.returned) == (PRICE, Money(0, "usd"), Money(0, "usd"))
    assert payment.decline is None
    assert not payment.disputed


@pytest.mark.parametrize("amount", [Money(50, "usd"), Money(500, "jpy"), Money(99_999_999, "eur")], ids=str)
async def test_amount_and_currency_arrive_as_they_were_sent(customer: Customer, amount: Money) -> None:
    payment = await customer.create(amount=amount)

    assert payment.amount == amount
    assert payment.received.currency == payment.returned.currency == amount.currency


async def test_a_payment_names_our_order_or_none(customer: Customer) -> None:
    payment = await customer.create()

    assert payment.order_id in (customer.order_id, None)


async def test_every_answer_is_about_the_payment_that_was_asked_for(customer: Customer) -> None:
    payment_id = (await customer.create(capture=CaptureMode.MANUAL)).id
    other_id = (await customer.create()).id

    assert (await customer.read(payment_id)).id == payment_id
    assert (await customer.confirm(payment_id)).id == payment_id
    assert (await customer.capture(payment_id)).id == payment_id
    assert (await customer.cancel(other_id)).id == other_id


async def test_a_refund_names_its_payment(customer: Customer) -> None:
    payment = await customer.paid()

    refund = await customer.refund(payment.id)

    assert refund.id.startswith("re_")
    assert refund.payment_id == payment.id
    assert refund.status in RefundStatus


async def test_search_and_list_bring_only_what_is_ours(customer: Customer) -> None:
    payment = await customer.create()

    assert all(found.order_id == customer.order_id for found in await customer.search())
    assert all(isinstance(refund, Refund) for refund in await customer.refunds(payment.id))


@pytest.mark.parametrize("nonsense", ["4242424242424242", "visa", ""])
async def test_what_is_no_payment_method_is_refused(customer: Customer, nonsense: str) -> None:
    payment = await customer.create()

    with pytest.raises(CallRejected):
        await customer.confirm(payment.id, nonsense)


# Of those that remember: one payment's life


@remembers
async def test_a_good_card_pays_the_whole(customer: Customer) -> None:
    payment = await customer.paid()

    assert payment.still_covers(PRICE)
    assert payment.charge_id is not None
    assert payment.order_id == customer.order_id
    assert await customer.read(payment.id) == payment


@remembers
async def test_authorised_first_and_captured_later(customer: Customer) -> None:
    held = await customer.authorised()
    assert (held.status, held.received.minor) == (PaymentStatus.REQUIRES_CAPTURE, 0)

    taken = await customer.capture(held.id)

    assert taken.still_covers(PRICE)
    assert taken.charge_id == held.charge_id


@remembers
@pytest.mark.parametrize(
    ("card", "decline"),
    [
        ("pm_card_visa_chargeDeclined", Decline("card_declined", "generic_decline")),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", Decline("card_declined", "insufficient_funds")),
        ("pm_card_visa_chargeDeclinedLostCard", Decline("card_declined", "lost_card")),
        ("pm_card_visa_chargeDeclinedStolenCard", Decline("card_declined", "stolen_card")),
    ],
)
async def test_a_decline_is_told_and_stays_readable(customer: Customer, card: str, decline: Decline) -> None:
    payment = await customer.create()

    declined = await customer.declined(payment.id, card)

    after = await customer.read(payment.id)
    assert Decline(declined.code, declined.decline_code) == after.decline == decline
    assert declined.charge_id == after.charge_id is not None
    assert (after.status, after.received.minor) == (PaymentStatus.REQUIRES_PAYMENT_METHOD, 0)


@remembers
@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
    ],
)
async def test_some_declines_have_a_code_of_their_own(customer: Customer, card: str, code: str) -> None:
    payment = await customer.create()

    declined = await customer.declined(payment.id, card)

    assert declined.code == code


@remembers
async def test_after_a_decline_another_card_pays_with_another_charge(customer: Customer) -> None:
    payment = await customer.create()
    declined = await customer.declined(payment.id)

    paid = await customer.confirm(payment.id, VISA)

    assert paid.still_covers(PRICE)
    assert paid.decline is None
    assert paid.charge_id != declined.charge_id


@remembers
async def test_3d_secure_waits_for_the_customer_without_a_charge(customer: Customer) -> None:
    payment = await customer.paid("pm_card_threeDSecure2Required")

    assert (payment.status, payment.charge_id) == (PaymentStatus.REQUIRES_ACTION, None)
    assert (await customer.cancel(payment.id)).status is PaymentStatus.CANCELED


@remembers
async def test_a_cancelled_payment_can_never_take_money(customer: Customer) -> None:
    held = await customer.authorised()
    cancelled = await customer.cancel(held.id)
    assert cancelled.status is PaymentStatus.CANCELED

    for attempt in (customer.confirm, customer.capture, customer.cancel):
        with pytest.raises(CallRejected) as refused:
            await attempt(held.id)
        assert refused.value.code == "payment_intent_unexpected_state"

    assert (await customer.read(held.id)).received.minor == 0


@remembers
async def test_a_paid_one_can_be_neither_cancelled_nor_paid_again(customer: Customer) -> None:
    payment = await customer.paid()

    for attempt in (customer.confirm, customer.capture, customer.cancel):
        with pytest.raises(CallRejected) as refused:
            await attempt(payment.id)
        assert refused.value.code == "payment_intent_unexpected_state"

    assert await customer.read(payment.id) == payment


@remembers
async def test_a_refund_returns_the_whole_and_only_once(customer: Customer) -> None:
    payment = await customer.paid()

    refund = await customer.refund(payment.id)

    assert (refund.amount, refund.status) == (PRICE, RefundStatus.SUCCEEDED)
    assert (await customer.read(payment.id)).returned == PRICE
    assert await customer.refunds(payment.id) == (refund,)
    with pytest.raises(CallRejected) as refused:
        await customer.refund(payment.id)
    assert refused.value.code == "charge_already_refunded"


@remembers
async def test_what_was_never_taken_cannot_be_refunded(customer: Customer) -> None:
    payment = await customer.create()

    with pytest.raises(CallRejected):
        await customer.refund(payment.id)


@remembers
async def test_an_unknown_payment_is_missing(customer: Customer) -> None:
    for call in (customer.read, customer.confirm, customer.capture, customer.cancel, customer.refund):
        with pytest.raises(CallRejected) as refused:
            await call(UNKNOWN)
        assert refused.value.code == "resource_missing"


@remembers
async def test_an_unknown_card_is_missing(customer: Customer) -> None:
    payment = await customer.create()

    with pytest.raises(CallRejected) as refused:
        await customer.confirm(payment.id, "pm_card_of_nobody_at_all")

    assert refused.value.code == "resource_missing"


@remembers
async def test_less_than_stripes_least_is_refused(customer: Customer) -> None:
    with pytest.raises(CallRejected) as refused:
        await customer.create(amount=Money(10, "usd"))

    assert refused.value.code == "amount_too_small"


# Of those that remember: idempotency keys


@remembers
async def test_the_same_key_makes_one_payment(customer: Customer) -> None:
    first = await customer.create(key=f"{customer.order_id}:create")

    assert await customer.create(key=f"{customer.order_id}:create") == first
    assert (await customer.create()).id != first.id


@remembers
async def test_the_same_key_charges_once(customer: Customer) -> None:
    payment = await customer.create()
    key = f"{customer.order_id}:confirm"

    assert await customer.confirm(payment.id, key=key) == await customer.confirm(payment.id, key=key)


@remembers
async def test_a_decline_is_repeated_without_a_second_charge(customer: Customer) -> None:
    payment = await customer.create()
    key = f"{customer.order_id}:confirm"

    first = await customer.declined(payment.id, DECLINED, key=key)
    again = await customer.declined(payment.id, DECLINED, key=key)

    assert again.args == first.args
    assert (await customer.read(payment.id)).charge_id == first.charge_id


@remembers
async def test_a_key_with_other_parameters_is_refused(customer: Customer) -> None:
    key = f"{customer.order_id}:create"
    first = await customer.create(key=key)

    with pytest.raises(CallRejected):
        await customer.create(amount=Money(5000, "usd"), key=key)
    with pytest.raises(CallRejected):
        await customer.confirm(first.id, key=key)
