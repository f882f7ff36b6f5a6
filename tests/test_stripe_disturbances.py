"""What can go wrong between us and the simulated Stripe: who did what, who knew of it, and what a repeat does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from payflows.errors import CallNotSent, InvalidPolicy, OutcomeUnknown, PayflowsError, PaymentDeclined, PortError
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import PaymentStatus
from payflows.testing.gateway_customer import DECLINED, PRICE
from simulations.stripe import Disturbance, Fault, SimulatedStripe
from simulations.stripe.payments.gateway import CALLS
from tests.stripe_fixture import NOTHING, ORDER, StripeFixture

KEY = "order-1:confirm:1"


@pytest.fixture
def account() -> StripeFixture:
    return StripeFixture()


NOT_STARTED = [Fault.CONNECTION_REFUSED, Fault.RATE_LIMITED, Fault.UNAUTHORISED]
DONE = [
    Fault.ANSWER_LOST,
    Fault.CONNECTION_RESET,
    Fault.SERVER_ERROR_AFTER_EFFECT,
    Fault.SERVER_ERROR_AFTER_EFFECT_STORED,
]
WAITED_FOR = [Fault.REQUEST_LOST, Fault.ANSWER_LOST, Fault.SLOW]
STORED_500 = [Fault.SERVER_ERROR_STORED, Fault.SERVER_ERROR_AFTER_EFFECT_STORED]
HEALED_BY_THE_KEY = [
    Fault.CONNECTION_REFUSED,
    Fault.UNAUTHORISED,
    Fault.RATE_LIMITED,
    Fault.REQUEST_LOST,
    Fault.ANSWER_LOST,
    Fault.CONNECTION_RESET,
    Fault.SERVER_ERROR,
]


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_does_what_its_name_says(account: StripeFixture, fault: Fault) -> None:
    payment = account.create()
    account.stripe.disturb(Disturbance(fault=fault, call="confirm_payment", slow_seconds=60))
    before_us = account.clock.now_us

    with pytest.raises(CallNotSent if fault in NOT_STARTED else OutcomeUnknown):
        account.confirm(payment, key=KEY)

    assert account.clock.now_us - before_us == (20_000_000 if fault in WAITED_FOR else 0)
    assert account.stripe.captured_for(ORDER) == (PRICE if fault in DONE else NOTHING)


DOORS: dict[Fault, Callable[[SimulatedStripe], None]] = {
    Fault.CONNECTION_REFUSED: lambda stripe: stripe.refuse_connections("confirm_payment"),
    Fault.RATE_LIMITED: lambda stripe: stripe.answer_429_to("confirm_payment"),
    Fault.REQUEST_LOST: lambda stripe: stripe.lose_request_of("confirm_payment"),
    Fault.ANSWER_LOST: lambda stripe: stripe.lose_answer_of("confirm_payment"),
    Fault.CONNECTION_RESET: lambda stripe: stripe.reset_connection_of("confirm_payment"),
    Fault.SERVER_ERROR: lambda stripe: stripe.answer_500_to("confirm_payment"),
    Fault.SERVER_ERROR_STORED: lambda stripe: stripe.answer_500_to("confirm_payment", stored=True),
    Fault.SERVER_ERROR_AFTER_EFFECT: lambda stripe: stripe.answer_500_to("confirm_payment", with_effect=True),
    Fault.SERVER_ERROR_AFTER_EFFECT_STORED: lambda stripe: stripe.answer_500_to(
        "confirm_payment", with_effect=True, stored=True
    ),
    Fault.UNAUTHORISED: lambda stripe: stripe.revoke_key("confirm_payment"),
    Fault.SLOW: lambda stripe: stripe.slow_down("confirm_payment", seconds=60),
}


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_has_its_door(fault: Fault) -> None:
    by_door, by_value = StripeFixture(), StripeFixture()

    DOORS[fault](by_door.stripe)
    by_value.stripe.disturb(Disturbance(fault=fault, call="confirm_payment", slow_seconds=60))

    assert what_happens(by_door) == what_happens(by_value)


def what_happens(account: StripeFixture) -> list[object]:
    """What a caller hears who says it three times under one key, when, and what was taken by then."""
    payment = account.create()
    seen: list[object] = []
    for _ in range(3):
        try:
            seen.append(account.confirm(payment, key=KEY))
        except PayflowsError as error:
            seen.append((type(error), error.args))
        seen.append((account.clock.now_us, account.stripe.captured_for(ORDER)))
    return seen


@pytest.mark.parametrize("fault", HEALED_BY_THE_KEY)
def test_a_repeat_with_the_same_key_heals_it(account: StripeFixture, fault: Fault) -> None:
    payment = account.create()
    account.stripe.disturb(Disturbance(fault=fault))
    with pytest.raises(PortError):
        account.confirm(payment, key=KEY)

    assert account.confirm(payment, key=KEY).covers(PRICE)
    assert len(account.intent(payment).charges) == 1


@pytest.mark.parametrize("fault", STORED_500)
def test_a_stored_500_is_repeated_for_a_day(account: StripeFixture, fault: Fault) -> None:
    payment = account.create()
    account.stripe.disturb(Disturbance(fault=fault))

    for _ in range(3):
        with pytest.raises(OutcomeUnknown, match="500"):
            account.confirm(payment, key=KEY)

    done = fault is Fault.SERVER_ERROR_AFTER_EFFECT_STORED
    assert account.read(payment).covers(PRICE) is done
    if not done:
        assert account.confirm(payment, key="order-1:confirm:2").covers(PRICE)


def test_a_500_that_was_not_stored_is_executed_again(account: StripeFixture) -> None:
    account.stripe.answer_500_to("create_payment", with_effect=True)
    with pytest.raises(OutcomeUnknown):
        account.create(key=KEY)

    account.create(key=KEY)

    assert len(account.stripe.payments_of_order(ORDER)) == 2  # harmless, for both are unconfirmed


def test_a_known_key_is_replayed_even_where_stripe_breaks(account: StripeFixture) -> None:
    payment = account.create()
    paid = account.confirm(payment, key=KEY)
    account.stripe.answer_500_to("confirm_payment", with_effect=True)

    assert account.confirm(payment, key=KEY) == paid


def test_a_429_stands_before_the_keys(account: StripeFixture) -> None:
    payment = account.create()
    paid = account.confirm(payment, key=KEY)
    account.stripe.answer_429_to("confirm_payment")

    with pytest.raises(CallNotSent):
        account.confirm(payment, key=KEY)
    assert account.confirm(payment, key=KEY) == paid


def test_a_lost_decline_is_answered_to_the_repeat(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.lose_answer_of("confirm_payment")
    with pytest.raises(OutcomeUnknown):
        account.confirm(payment, DECLINED, key=KEY)

    with pytest.raises(PaymentDeclined):
        account.confirm(payment, DECLINED, key=KEY)
    assert len(account.intent(payment).charges) == 1


@pytest.mark.parametrize("seconds", [1, 20])
def test_slow_work_within_our_patience_is_only_late(account: StripeFixture, seconds: int) -> None:
    payment = account.create()
    account.stripe.slow_down("confirm_payment", seconds=seconds)

    assert account.confirm(payment).covers(PRICE)
    assert account.clock.now_us == seconds * 1_000_000


def test_slow_work_is_done_after_we_have_given_up(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.slow_down("confirm_payment", seconds=1800)
    with pytest.raises(OutcomeUnknown):
        account.confirm(payment)

    assert account.read(payment).status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    account.clock.pass_time(1800 - 20)
    assert account.read(payment).covers(PRICE)


def test_slow_work_that_comes_after_a_cancel_takes_nothing(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.slow_down("confirm_payment", seconds=1800)
    with pytest.raises(OutcomeUnknown):
        account.confirm(payment)

    account.cancel(payment)
    account.clock.pass_time(1800)

    assert account.stripe.captured_for(ORDER) == NOTHING


def test_reads_can_be_disturbed_too(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.lose_answer_of("retrieve_payment")
    account.stripe.slow_down("retrieve_payment", seconds=5)

    with pytest.raises(OutcomeUnknown):
        account.read(payment)
    assert account.read(payment) == payment
    assert account.clock.now_us == 25_000_000


def test_a_door_disturbs_one_call_of_its_kind_only(account: StripeFixture) -> None:
    account.stripe.lose_answer_of("confirm_payment")

    payment = account.create()
    with pytest.raises(OutcomeUnknown):
        account.confirm(payment)

    assert account.refund(payment).amount == PRICE


def test_a_number_of_times(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.lose_request_of("confirm_payment", times=2)

    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            account.confirm(payment)
    assert account.confirm(payment).covers(PRICE)


def test_until_a_moment(account: StripeFixture) -> None:
    payment = account.create()
    account.clock.pass_time(100)
    account.stripe.refuse_connections(until=account.clock.now() + timedelta(minutes=5))

    for _ in range(3):
        with pytest.raises(CallNotSent):
            account.read(payment)
        account.clock.pass_time(100)
    assert account.read(payment) == payment


def test_the_third_call_and_not_the_first_two(account: StripeFixture) -> None:
    payment = account.create()
    account.stripe.disturb(Disturbance(fault=Fault.CONNECTION_RESET, call="retrieve_payment", skip=2))

    assert account.read(payment) == account.read(payment)
    with pytest.raises(OutcomeUnknown):
        account.read(payment)


def test_every_call_of_the_port_can_be_disturbed() -> None:
    assert set(CALLS) == {name for name in vars(PaymentGateway) if not name.startswith("_")}


def test_calm_ends_them_all(account: StripeFixture) -> None:
    account.stripe.refuse_connections(times=100)

    account.stripe.calm()

    assert account.create().amount == PRICE


BAD: dict[str, Callable[[], object]] = {
    "an unknown call": lambda: StripeFixture().stripe.disturb(Disturbance(fault=Fault.SLOW, call="pay")),
    "an unknown fault": lambda: Disturbance(fault="gremlins"),  # type: ignore[arg-type]
    "no times at all": lambda: Disturbance(fault=Fault.SLOW, times=0),
    "a negative skip": lambda: Disturbance(fault=Fault.SLOW, skip=-1),
    "a negative wait": lambda: Disturbance(fault=Fault.SLOW, slow_seconds=-1),
    "an unknown call by its method": lambda: StripeFixture().stripe.lose_answer_of("pay"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_is_refused(bad: str) -> None:
    with pytest.raises(InvalidPolicy):
        BAD[bad]()
