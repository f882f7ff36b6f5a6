"""Idempotency keys at the simulated Stripe: the first execution under a key answers for all that follow it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.money import Money
from payflows.payments.model import CaptureMode, PaymentStatus
from simulations.stripe.core.idempotency import IdempotencyKeys
from tests.till import DECLINED, NOTHING, ORDER, PRICE, VISA, Till

HOUR = 3600
KEY = "order-1:step:1"


@pytest.fixture
def till() -> Till:
    return Till()


def test_the_same_key_charges_once_and_hears_the_same(till: Till) -> None:
    payment = till.create()

    first = till.confirm(payment, key=KEY)
    again = till.confirm(payment, key=KEY)

    assert again == first
    assert till.stripe.captured_for(ORDER) == PRICE
    assert len(till.stripe.movements) == 1


def test_a_replay_hears_what_was_answered_then_not_what_is_now(till: Till) -> None:
    held = till.authorised()
    first = till.confirm(payment := till.create("order-2", capture=CaptureMode.MANUAL), key=KEY)
    till.capture(payment)

    assert till.confirm(payment, key=KEY) == first
    assert first.status is PaymentStatus.REQUIRES_CAPTURE
    assert till.read(held).status is PaymentStatus.REQUIRES_CAPTURE


def test_a_key_makes_one_payment_and_another_key_a_second(till: Till) -> None:
    first = till.create(key=KEY)

    assert till.create(key=KEY).id == first.id
    assert till.create(key="order-1:step:2").id != first.id


def test_a_decline_is_stored_too_and_makes_no_second_charge(till: Till) -> None:
    payment = till.create()
    with pytest.raises(PaymentDeclined) as first:
        till.confirm(payment, DECLINED, key=KEY)

    with pytest.raises(PaymentDeclined) as again:
        till.confirm(payment, DECLINED, key=KEY)

    assert again.value.args == first.value.args
    assert len(till.intent(payment).charges) == 1


def test_a_refusal_that_was_executed_is_stored_although_it_would_work_now(till: Till) -> None:
    payment = till.create(capture=CaptureMode.MANUAL)
    with pytest.raises(CallRejected):
        till.capture(payment, key=KEY)
    till.confirm(payment, VISA)

    with pytest.raises(CallRejected) as again:
        till.capture(payment, key=KEY)

    assert again.value.code == "payment_intent_unexpected_state"
    assert till.read(payment).status is PaymentStatus.REQUIRES_CAPTURE


def test_a_refund_under_one_key_goes_out_once(till: Till) -> None:
    payment = till.paid()

    assert till.refund(payment, key=KEY) == till.refund(payment, key=KEY)
    assert till.stripe.net_for(ORDER) == NOTHING


MISUSES: dict[str, Callable[[Till], object]] = {
    "another amount": lambda till: till.create(amount=Money(5000, "usd"), key=KEY),
    "another currency": lambda till: till.create(amount=Money(4999, "eur"), key=KEY),
    "another order": lambda till: till.create("order-2", key=KEY),
    "another way to capture": lambda till: till.create(capture=CaptureMode.MANUAL, key=KEY),
    "another call": lambda till: till.confirm(till.create(), key=KEY),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_key_used_for_something_else_is_refused(till: Till, misuse: str) -> None:
    first = till.create(key=KEY)

    with pytest.raises(CallRejected):
        MISUSES[misuse](till)

    assert till.create(key=KEY) == first
    assert till.stripe.movements == []


def test_another_payment_or_card_under_the_key_is_refused(till: Till) -> None:
    payment, other = till.create(), till.create("order-2")
    till.confirm(payment, VISA, key=KEY)

    with pytest.raises(CallRejected):
        till.confirm(other, VISA, key=KEY)
    with pytest.raises(CallRejected):
        till.confirm(payment, DECLINED, key=KEY)

    assert till.read(other) == other


def test_a_key_is_forgotten_after_a_day(till: Till) -> None:
    payment = till.create(key=KEY)

    till.clock.pass_time(24 * HOUR - 1)
    assert till.create(key=KEY).id == payment.id
    till.clock.pass_time(1)

    assert till.create(key=KEY).id != payment.id


def test_a_forgotten_key_is_new_again_for_a_whole_day(till: Till) -> None:
    till.create(key=KEY)
    till.clock.pass_time(30 * HOUR)
    second = till.create(key=KEY)

    till.clock.pass_time(23 * HOUR)

    assert till.create(key=KEY).id == second.id


def test_many_days_of_keys_do_not_pile_up() -> None:
    keys = IdempotencyKeys()

    for number in range(1000):
        keys.store(f"key-{number}", "create_payment", (), now_us=number * HOUR * 1_000_000, answer=number)

    assert len(keys) <= 48  # swept out once a day


def test_a_parameter_that_fails_validation_stores_nothing(till: Till) -> None:
    payment = till.create()
    with pytest.raises(CallRejected):
        till.confirm(payment, "pm_card_nobody", key=KEY)
    with pytest.raises(CallRejected):
        till.create(amount=Money(1, "usd"), key="another")

    assert till.confirm(payment, VISA, key=KEY).covers(PRICE)
    assert till.create(key="another").amount == PRICE


def test_a_key_longer_than_255_characters_is_refused(till: Till) -> None:
    assert till.create(key="k" * 255).amount == PRICE
    with pytest.raises(CallRejected):
        till.create(key="k" * 256)


def test_while_a_call_is_running_its_key_is_in_use(till: Till) -> None:
    payment = till.create()
    till.stripe.slow_down("confirm_payment", seconds=60)
    with pytest.raises(OutcomeUnknown):
        till.confirm(payment, key=KEY)  # our side gives up after 20 s

    with pytest.raises(OutcomeUnknown, match="409"):
        till.confirm(payment, key=KEY)
    till.clock.pass_time(40)

    assert till.confirm(payment, key=KEY).covers(PRICE)  # what the first call answered in the end
    assert till.stripe.captured_for(ORDER) == PRICE
    assert len(till.intent(payment).charges) == 1


def test_a_409_is_not_stored(till: Till) -> None:
    payment = till.create()
    till.stripe.slow_down("confirm_payment", seconds=60)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            till.confirm(payment, key=KEY)

    assert till.confirm(payment, key="order-1:step:2").covers(PRICE)  # another key is not in the way
