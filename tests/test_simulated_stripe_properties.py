"""What holds at the simulated Stripe after any sequence of calls, people's acts, troubles and waits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import PayflowsError
from payflows.payments.model import CaptureMode, Payment, PaymentStatus, RefundStatus
from payflows.testing.gateway_customer import VISA
from simulations.stripe import PAYMENT_METHODS, Disturbance, Fault, MovementKind
from simulations.stripe.payments.gateway import CALLS
from tests.stripe_fixture import ORDER, WITH_3DS, StripeFixture

_P = PaymentStatus
HOUR = 3600

NEXT: dict[PaymentStatus, set[PaymentStatus]] = {
    _P.REQUIRES_PAYMENT_METHOD: {_P.REQUIRES_ACTION, _P.PROCESSING, _P.REQUIRES_CAPTURE, _P.SUCCEEDED, _P.CANCELED},
    _P.REQUIRES_ACTION: {
        _P.REQUIRES_PAYMENT_METHOD,
        _P.PROCESSING,
        _P.REQUIRES_CAPTURE,
        _P.SUCCEEDED,
        _P.CANCELED,
    },
    _P.PROCESSING: {_P.SUCCEEDED, _P.REQUIRES_PAYMENT_METHOD},
    _P.REQUIRES_CAPTURE: {_P.SUCCEEDED, _P.CANCELED},
    _P.SUCCEEDED: set(),
    _P.CANCELED: set(),
}
"""docs.stripe.com/payments/paymentintents/lifecycle, written once more and by hand."""

Act = Callable[[StripeFixture, Payment, str], object]
"""What somebody does to the payment; a call to the API uses the key."""


def _confirm(card: str) -> Act:
    return lambda account, payment, key: account.confirm(payment, card, key=key)


def _wait(hours: int) -> Act:
    return lambda account, payment, key: account.clock.pass_time(hours * HOUR)


CALLS_OF_API: dict[str, Act] = {
    "capture": lambda account, payment, key: account.capture(payment, key=key),
    "cancel": lambda account, payment, key: account.cancel(payment, key=key),
    "refund": lambda account, payment, key: account.refund(payment, key=key),
    **{f"confirm {card}": _confirm(card) for card in PAYMENT_METHODS},
}
PEOPLE: dict[str, Act] = {
    "authenticate": lambda account, payment, _: account.stripe.authenticate(payment.id),
    "fail authentication": lambda account, payment, _: account.stripe.fail_authentication(payment.id),
    "cancel by hand": lambda account, payment, _: account.stripe.cancel_in_dashboard(payment.id),
    "refund a part by hand": lambda account, payment, _: account.stripe.refund_in_dashboard(payment.id, 1000),
    "dispute": lambda account, payment, _: account.stripe.dispute(payment.id),
    "win": lambda account, payment, _: account.stripe.close_dispute(payment.id, won=True),
    "lose": lambda account, payment, _: account.stripe.close_dispute(payment.id, won=False),
}
WAITS: dict[str, Act] = {f"wait {hours} h": _wait(hours) for hours in (1, 24, 96, 168)}
ACTS = CALLS_OF_API | PEOPLE | WAITS

# Interesting acts as often as all the cards together.
acts = st.lists(
    st.one_of(
        st.sampled_from([f"confirm {card}" for card in (VISA, WITH_3DS, "pm_card_refundFail")]),
        st.sampled_from(["capture", "cancel", "refund"]),
        st.sampled_from(sorted(PEOPLE)),
        st.sampled_from(sorted(WAITS)),
        st.sampled_from(sorted(ACTS)),
    ),
    max_size=25,
)
captures = st.sampled_from(CaptureMode)
disturbances = st.lists(
    st.builds(
        Disturbance,
        fault=st.sampled_from(Fault),
        call=st.sampled_from([*CALLS, None]),
        skip=st.integers(0, 5),
        times=st.integers(1, 3),
        slow_seconds=st.sampled_from([0, 5, 60, 1800, HOUR]),
    ),
    max_size=4,
)


def try_to(act: str, account: StripeFixture, payment: Payment, key: str) -> object:
    """Do it and say what was answered, a refusal too."""
    try:
        return ACTS[act](account, payment, key)
    except PayflowsError as error:
        return type(error).__name__, error.args


@settings(max_examples=150, deadline=None, derandomize=True)
@given(captures, acts, disturbances)
def test_the_money_adds_up_whatever_happens(
    capture: CaptureMode, sequence: list[str], troubles: list[Disturbance]
) -> None:
    account = StripeFixture()
    payment = account.create(capture=capture)
    account.stripe.disturb(*troubles)

    for number, act in enumerate(sequence):
        try_to(act, account, payment, f"step-{number}")
        intent = account.intent(payment)
        charge = intent.latest_charge
        kinds = [movement.kind for movement in account.stripe.movements]
        refunded = sum(r.amount for r in intent.refunds if r.status is not RefundStatus.FAILED)
        charged_back = sum(dispute.amount for dispute in intent.disputes if dispute.status != "won")

        assert kinds.count(MovementKind.CAPTURED) == (intent.status is _P.SUCCEEDED)
        assert sum(one.captured for one in intent.charges) == (intent.status is _P.SUCCEEDED)
        assert account.stripe.captured_for(ORDER).minor == intent.amount_received
        assert 0 <= account.stripe.net_for(ORDER).minor == intent.amount_received - refunded - charged_back
        assert intent.amount_capturable == (intent.amount if intent.status is _P.REQUIRES_CAPTURE else 0)
        assert charge is None or 0 <= charge.amount_refunded <= charge.amount
        assert (intent.next_action is not None) == (intent.status is _P.REQUIRES_ACTION)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(captures, acts, disturbances)
def test_it_moves_only_along_stripes_lifecycle_and_every_move_is_told(
    capture: CaptureMode, sequence: list[str], troubles: list[Disturbance]
) -> None:
    account = StripeFixture()
    told: list[PaymentStatus] = []
    account.stripe.on_event(lambda event: told.append(account.stripe.intent(event.owner_id).status))
    payment = account.create(capture=capture)
    account.stripe.disturb(*troubles)

    for number, act in enumerate(sequence):
        try_to(act, account, payment, f"step-{number}")

    for before, after in pairwise(told):
        assert after is before or after in NEXT[before]
    assert told[-1] is account.intent(payment).status
    assert told[0] is _P.REQUIRES_PAYMENT_METHOD


@settings(max_examples=150, deadline=None, derandomize=True)
@given(captures, acts)
def test_what_callers_are_told_is_never_stale(capture: CaptureMode, sequence: list[str]) -> None:
    account = StripeFixture()
    payment = account.create(capture=capture)

    for number, act in enumerate(sequence):
        try_to(act, account, payment, f"step-{number}")
        intent, told = account.intent(payment), account.read(payment)

        assert (told.status, told.received.minor) == (intent.status, intent.amount_received)
        charge = intent.latest_charge
        assert told.charge_id == (charge.id if charge else None)
        assert told.returned.minor == (charge.amount_refunded if charge else 0)
        assert told.disputed == (charge is not None and charge.disputed)
        assert (told.decline is None) == (intent.last_payment_error is None)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(captures, acts)
def test_saying_everything_twice_under_the_same_keys_changes_nothing(capture: CaptureMode, sequence: list[str]) -> None:
    once, twice = StripeFixture(), StripeFixture()
    said_once, said_twice = once.create(capture=capture), twice.create(capture=capture)

    for number, act in enumerate(sequence):
        key = f"step-{number}"
        answer = try_to(act, once, said_once, key)
        assert try_to(act, twice, said_twice, key) == answer
        if act in CALLS_OF_API:
            assert try_to(act, twice, said_twice, key) == answer

    assert once.stripe.movements == twice.stripe.movements
    assert once.read(said_once) == twice.read(said_twice)
    assert once.refunds(said_once) == twice.refunds(said_twice)
