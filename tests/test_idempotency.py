"""Idempotency keys at the simulated Stripe: the first execution under a key answers for all that follow it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.money import Money
from payflows.payments.model import CaptureMode, PaymentStatus
from payflows.testing.gateway_customer import DECLINED, PRICE, VISA
from simulations.stripe.core.idempotency import IdempotencyKeys
from tests.stripe_fixture import NOTHING, ORDER, StripeFixture

HOUR = 3600
KEY = "order-1:step:1"


@pytest.fixture
def account() -> StripeFixture:
    return StripeFixture()


def test_the_same_key_charges_once_and_hears_the_same(account: StripeFixture) -> None:
    payment = account.create()

    first = account.confirm(payment, key=KEY)
    again = account.confirm(payment, key=KEY)

    assert again == first
    assert account.stripe.captured_for(ORDER) == PRICE
    assert len(account.stripe.movements) == 1


def test_a_replay_hears_what_was_answered_then_not_what_is_now(account: StripeFixture) -> None:
    held = account.authorised()
    first = account.confirm(payment := account.create("order-2", capture=CaptureMode.MANUAL), key=KEY)
    account.capture(payment)

    assert account.confirm(payment, key=KEY) == first
    assert first.status is PaymentStatus.REQUIRES_CAPTURE
    assert account.read(held).status is PaymentStatus.REQUIRES_CAPTURE


def test_a_key_makes_one_payment_and_another_key_a_second(account: StripeFixture) -> None:
    first = account.create(key=KEY)

    assert account.create(key=KEY).id == first.id
    assert account.create(key="order-1:step:2").id != first.id


def test_a_decline_is_stored_too_and_makes_no_second_charge(account: StripeFixture) -> None:
    payment = account.create()
    with pytest.raises(PaymentDeclined) as first:
        account.confirm(payment, DECLINED, key=KEY)

    with pytest.raises(PaymentDeclined) as again:
        account.confirm(payment, DECLINED, key=KEY)

    assert again.value.args == first.value.args
    assert len(account.intent(payment).charges) == 1


def test_a_refusal_that_was_executed_is_stored_although_it_would_work_now(account: StripeFixture) -> None:
    payment = account.create(capture=CaptureMode.MANUAL)
    with pytest.raises(CallRejected):
        account.capture(payment, key=KEY)
    account.confirm(payment, VISA)

    with pytest.raises(CallRejected) as again:
        account.capture(payment, key=KEY)

    assert again.value.code == "payment_intent_unexpected_state"
    assert account.read(payment).status is PaymentStatus.REQUIRES_CAPTURE


def test_a_refund_under_one_key_goes_out_once(account: StripeFixture) -> None:
    payment = account.paid()

    assert account.refund(payment, key=KEY) == account.refund(payment, key=KEY)
    assert account.stripe.net_for(ORDER) == NOTHING


MISUSES: dict[str, Callable[[StripeFixture], object]] = {
    "another amount": lambda account: account.create(amount=Money(5000, "usd"), key=KEY),
    "another currency": lambda account: account.create(amount=Money(4999, "eur"), key=KEY),
    "another order": lambda account: account.create("order-2", key=KEY),
    "another way to capture": lambda account: account.create(capture=CaptureMode.MANUAL, key=KEY),
    "another call": lambda account: account.confirm(account.create(), key=KEY),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_key_used_for_something_else_is_refused(account: StripeFixture, misuse: str) -> None:
    first = account.create(key=KEY)

    with pytest.raises(CallRejected):
        MISUSES[misuse](account)

    assert account.create(key=KEY) == first
    assert account.stripe.movements == []


def test_another_payment_or_card_under_the_key_is_refused(account: StripeFixture) -> None:
    payment, other = account.create(), account.create("order-2")
    account.confirm(payment, VISA, key=KEY)

    with pytest.raises(CallRejected):
        account.confirm(other, VISA, key=KEY)
    with pytest.raises(CallRejected):
        account.confirm(payment, DECLINED, key=KEY)

    assert account.read(other) == other


def test_a_key_is_forgotten_after_a_day(account: StripeFixture) -> None:
    payment = account.create(key=KEY)

    account.clock.pass_time(24 * HOUR - 1)
    assert account.create(key=KEY).id == payment.id
    account.clock.pass_time(1)

    assert account.create(key=KEY).id != payment.id


def test_a_forgotten_key_is_new_again_for_a_whole_day(account: StripeFixture) -> None:
    account.create(key=KEY)
    account.clock.pass_time(30 * HOUR)
    second = account.create(key=KEY)

    account.clock.pass_time(23 * HOUR)

    assert account.create(key=KEY).id == second.id


def test_many_days_of_keys_do_not_pile_up() -> None:
    keys = IdempotencyKeys()

    for number in range(1000):
        keys.store(f"key-{number}", "create_payment", (), now_us=number * HOUR * 1_000_000, answer=number)

    assert len(keys) <= 48  # swept out once a day


def test_a_parameter_that_fails_validation_stores_nothing(account: StripeFixture) -> None:
    payment = account.create()
    with pytest.raises(CallRejected):
        account.confirm(payment, "pm_card_nobody", key=KEY)
    with pytest.raises(CallRejected):
        account.create(amount=Money(1, "usd"), key="another")

    assert account.confirm(payment, VISA, key=KEY).covers(PRICE)
    assert account.create(key="another").amount == PRICE


def test_a_key_longer_than_255_characters_is_refused(account: StripeFixture) -> None:
    assert account.create(key="k" * 255).amount == PRICE
    with pytest.raises(CallRejected):
        account.create(key="k" * 256)


def test_while_a_call_is_running_its_key_is_in_use(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.slow_down("confirm_payment", seconds=60)
    with pytest.raises(OutcomeUnknown):
        account.confirm(payment, key=KEY)  # our side gives up after 20 s

    with pytest.raises(OutcomeUnknown, match="409"):
        account.confirm(payment, key=KEY)
    account.clock.pass_time(40)

    assert account.confirm(payment, key=KEY).covers(PRICE)  # what the first call answered in the end
    assert account.stripe.captured_for(ORDER) == PRICE
    assert len(account.intent(payment).charges) == 1


def test_a_409_is_not_stored(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.slow_down("confirm_payment", seconds=60)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            account.confirm(payment, key=KEY)

    assert account.confirm(payment, key="order-1:step:2").covers(PRICE)  # another key is not in the way
