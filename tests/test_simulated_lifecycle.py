"""In which status a payment at the simulated Stripe allows what: Stripe's table, asked one by one."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment, PaymentStatus
from payflows.testing.gateway_customer import PRICE
from simulations.stripe.payments.lifecycle import MAY
from tests.stripe_fixture import ORDER, STATUSES, StripeFixture


@pytest.fixture
def account() -> StripeFixture:
    return StripeFixture()


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("act", ["confirm", "capture", "cancel"])
def test_what_a_status_does_not_allow_is_refused_and_changes_nothing(
    account: StripeFixture, act: str, status: PaymentStatus
) -> None:
    payment = account.in_status(status)
    assert payment.status is status
    do = {"confirm": account.confirm, "capture": account.capture, "cancel": account.cancel}[act]

    if status in MAY[act]:
        assert do(payment).status is not status
    else:
        with pytest.raises(CallRejected) as refused:
            do(payment)
        assert refused.value.code == "payment_intent_unexpected_state"
        assert account.read(payment) == payment


def test_the_table_is_stripes() -> None:
    open_statuses = {"requires_payment_method", "requires_confirmation", "requires_action"}

    assert set(MAY["confirm"]) == open_statuses
    assert set(MAY["cancel"]) == {*open_statuses, "requires_capture"}
    assert set(MAY["capture"]) == {"requires_capture"}


@pytest.mark.parametrize("call", ["confirm", "capture", "cancel", "refund", "read", "refunds"])
def test_an_unknown_payment_is_missing(account: StripeFixture, call: str) -> None:
    elsewhere = StripeFixture().create("order-of-another-shop")

    with pytest.raises(CallRejected) as refused:
        getattr(account, call)(elsewhere)

    assert refused.value.code == "resource_missing"


def test_an_amount_below_stripes_least_is_refused(account: StripeFixture) -> None:
    with pytest.raises(CallRejected) as refused:
        account.create(amount=Money(49, "usd"))

    assert refused.value.code == "amount_too_small"
    assert account.stripe.payments_of_order(ORDER) == ()
    assert account.create(amount=Money(50, "usd")).amount.minor == 50


@pytest.mark.parametrize(
    ("amount", "divisible"),
    [(Money(279_420, "isk"), 279_400), (Money(50_050, "ugx"), 50_000), (Money(21_033, "kwd"), 21_030)],
    ids=lambda each: str(each),
)
def test_an_amount_with_a_fraction_of_a_krona_is_refused(account: StripeFixture, amount: Money, divisible: int) -> None:
    with pytest.raises(CallRejected, match="evenly divisible"):
        account.create(amount=amount)

    assert account.create(amount=Money(divisible, amount.currency)).amount.minor == divisible


def test_an_amount_of_more_than_eight_digits_is_refused(account: StripeFixture) -> None:
    with pytest.raises(CallRejected, match="at most 99999999") as refused:
        account.create(amount=Money(100_000_000, "usd"))

    assert refused.value.code == "amount_too_large"


def test_a_deleted_customer_is_refused_and_nothing_is_made(account: StripeFixture) -> None:
    async def create(customer_id: str) -> Payment:
        create = account.stripe.create_payment
        return await create(ORDER, amount=PRICE, capture=CaptureMode.MANUAL, stripe_customer_id=customer_id, key="1")

    account.stripe.delete_customer("cus_gone")

    with pytest.raises(CallRejected, match="No such customer: 'cus_gone'"):
        account.clock.run(create("cus_gone"))
    assert account.stripe.payments_of_order(ORDER) == ()
    assert account.clock.run(create("cus_here")).amount == PRICE


def test_a_cancelled_payment_says_when_and_by_whom(account: StripeFixture) -> None:
    payment = account.create()
    account.clock.pass_time(90)

    account.stripe.cancel_in_dashboard(payment.id)

    intent = account.intent(payment)
    assert intent.cancellation_reason == "requested_by_customer"
    assert intent.canceled_at == intent.created + 90
