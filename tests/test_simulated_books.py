"""What the simulated Stripe shows of itself: events, search, the ledger, its ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import CaptureMode, PaymentStatus
from simulations.stripe import MovementKind, SimulatedStripe, StripeEvent, StripeTimes
from simulations.time.world import World
from tests.till import BANK, NOTHING, ORDER, PRICE, VISA, Till

DAY = 24 * 3600


@pytest.fixture
def till() -> Till:
    return Till()


def test_a_call_that_changes_nothing_is_not_announced(till: Till) -> None:
    payment = till.paid()
    announced: list[StripeEvent] = []
    till.stripe.on_event(announced.append)

    till.read(payment)
    till.found()
    till.refunds(payment)
    with pytest.raises(CallRejected):
        till.cancel(payment)

    assert announced == []


def test_what_happens_by_itself_is_announced_at_its_moment(till: Till) -> None:
    moments: dict[timedelta, None] = {}
    start = till.clock.now()
    till.stripe.on_event(lambda _: moments.setdefault(till.clock.now() - start))

    till.authorised()
    till.clock.pass_time(3600)
    till.authorised()
    till.paid(BANK)
    till.clock.pass_time(30 * DAY)

    hour = timedelta(hours=1)
    assert list(moments)[-3:] == [timedelta(days=4) + hour, timedelta(days=7), timedelta(days=7) + hour]


LOOKS: dict[str, Callable[[SimulatedStripe, str], object]] = {
    "the ledger": lambda stripe, _: len(stripe.movements) == 1,
    "the sum": lambda stripe, _: stripe.net_for(ORDER) == PRICE,
    "the object": lambda stripe, payment_id: stripe.intent(payment_id).status is PaymentStatus.SUCCEEDED,
    "the order": lambda stripe, _: stripe.payments_of_order(ORDER)[0].covers(PRICE),
}


@pytest.mark.parametrize("look", LOOKS)
def test_who_looks_at_the_very_moment_sees_it_done(look: str) -> None:
    world = World()
    stripe = SimulatedStripe(world)
    seen: list[object] = []

    async def pay() -> None:
        payment = await stripe.create_payment(
            ORDER, amount=PRICE, capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key="create"
        )
        world.after(4 * DAY, lambda: seen.append(LOOKS[look](stripe, payment.id)))  # before Stripe's own alarm
        await stripe.confirm_payment(payment.id, payment_method=BANK, key="confirm")

    world.run(pay())
    world.run_for(4 * DAY + 1)

    assert seen == [True]


def test_a_new_payment_is_found_only_after_a_minute(till: Till) -> None:
    payment = till.create()

    till.clock.pass_time(59)
    assert till.found() == ()
    till.clock.pass_time(1)

    assert till.found() == (payment,)
    assert till.found("another-order") == ()


def test_the_newest_comes_first_and_as_it_stands_now() -> None:
    till = Till(StripeTimes(search_lag_seconds=0))
    old = till.create()
    new = till.create()

    paid = till.confirm(old, VISA)

    assert till.found() == (new, paid)


def test_it_says_what_moved_and_when(till: Till) -> None:
    payment = till.paid("pm_card_refundFail")
    till.clock.pass_time(10)
    till.refund(payment)
    till.clock.pass_time(5 * DAY)
    till.stripe.dispute(payment.id)
    till.stripe.close_dispute(payment.id, won=True)

    later_us = (5 * DAY + 10) * 1_000_000
    assert [tuple(movement) for movement in till.stripe.movements] == [
        (0, MovementKind.CAPTURED, payment.id, 4999),
        (10_000_000, MovementKind.REFUNDED, payment.id, 4999),
        (later_us, MovementKind.REFUND_FAILED, payment.id, 4999),
        (later_us, MovementKind.DISPUTED, payment.id, 4999),
        (later_us, MovementKind.DISPUTE_WON, payment.id, 4999),
    ]


def test_its_clock_is_the_worlds(till: Till) -> None:
    till.clock.pass_time(1000)
    later = SimulatedStripe(till.clock)  # begun when the world was no longer young

    payment = till.clock.run(
        later.create_payment(ORDER, amount=PRICE, capture=CaptureMode.MANUAL, stripe_customer_id="cus_1", key="create")
    )

    intent = later.intent(payment.id)
    assert intent.created == till.clock.now().timestamp()
    assert intent.customer == "cus_1"


def test_an_order_charged_twice_shows_it(till: Till) -> None:
    till.paid()
    till.paid()

    assert till.stripe.captured_for(ORDER) == Money(9998, "usd")
    assert len(till.stripe.payments_of_order(ORDER)) == 2


def test_an_order_without_a_payment_has_taken_nothing(till: Till) -> None:
    assert till.stripe.captured_for("nobody") == NOTHING
    assert till.stripe.net_for("nobody") == NOTHING


def test_they_look_like_stripes_and_are_the_same_in_every_run() -> None:
    def ids(first: str, second: str) -> set[str]:
        till = Till()
        payments = {order: till.paid(order=order) for order in (first, second)}
        refund = till.refund(payments["order-1"])
        return {*(payment.id for payment in payments.values()), str(payments["order-1"].charge_id), refund.id}

    assert ids("order-1", "order-2") == ids("order-2", "order-1")
    for stripe_id in ids("order-1", "order-2"):
        prefix, letters = stripe_id.split("_")
        assert prefix in {"pi", "ch", "re"}
        assert len(letters) == 24
        assert letters.isalnum()


def test_a_second_payment_of_an_order_has_another_one(till: Till) -> None:
    assert till.create().id != till.create().id
