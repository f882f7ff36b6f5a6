"""What the simulated Stripe shows of itself: events, search, the ledger, its ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import CaptureMode, PaymentStatus
from payflows.testing.gateway_customer import PRICE, VISA
from simulations.stripe import MovementKind, SimulatedStripe, StripeEvent, StripeTimes
from simulations.time.world import World
from tests.stripe_fixture import BANK, NOTHING, ORDER, StripeFixture

DAY = 24 * 3600


@pytest.fixture
def account() -> StripeFixture:
    return StripeFixture()


def test_a_call_that_changes_nothing_is_not_announced(account: StripeFixture) -> None:
    payment = account.paid()
    announced: list[StripeEvent] = []
    account.stripe.on_event(announced.append)

    account.read(payment)
    account.found()
    account.refunds(payment)
    with pytest.raises(CallRejected):
        account.cancel(payment)

    assert announced == []


def test_what_happens_by_itself_is_announced_at_its_moment(account: StripeFixture) -> None:
    moments: dict[timedelta, None] = {}
    start = account.clock.now()
    account.stripe.on_event(lambda _: moments.setdefault(account.clock.now() - start))

    account.authorised()
    account.clock.pass_time(3600)
    account.authorised()
    account.paid(BANK)
    account.clock.pass_time(30 * DAY)

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


def test_a_new_payment_is_found_only_after_a_minute(account: StripeFixture) -> None:
    payment = account.create()

    account.clock.pass_time(59)
    assert account.found() == ()
    account.clock.pass_time(1)

    assert account.found() == (payment,)
    assert account.found("another-order") == ()


def test_the_newest_comes_first_and_as_it_stands_now() -> None:
    account = StripeFixture(StripeTimes(search_lag_seconds=0))
    old = account.create()
    new = account.create()

    paid = account.confirm(old, VISA)

    assert account.found() == (new, paid)


def test_it_says_what_moved_and_when(account: StripeFixture) -> None:
    payment = account.paid("pm_card_refundFail")
    account.clock.pass_time(10)
    account.refund(payment)
    account.clock.pass_time(5 * DAY)
    account.stripe.dispute(payment.id)
    account.stripe.close_dispute(payment.id, won=True)

    later_us = (5 * DAY + 10) * 1_000_000
    assert [tuple(movement) for movement in account.stripe.movements] == [
        (0, MovementKind.CAPTURED, payment.id, 4999),
        (10_000_000, MovementKind.REFUNDED, payment.id, 4999),
        (later_us, MovementKind.REFUND_FAILED, payment.id, 4999),
        (later_us, MovementKind.DISPUTED, payment.id, 4999),
        (later_us, MovementKind.DISPUTE_WON, payment.id, 4999),
    ]


def test_its_clock_is_the_worlds(account: StripeFixture) -> None:
    account.clock.pass_time(1000)
    later = SimulatedStripe(account.clock)  # begun when the world was no longer young

    payment = account.clock.run(
        later.create_payment(ORDER, amount=PRICE, capture=CaptureMode.MANUAL, stripe_customer_id="cus_1", key="create")
    )

    intent = later.intent(payment.id)
    assert intent.created == account.clock.now().timestamp()
    assert intent.customer == "cus_1"


def test_an_order_charged_twice_shows_it(account: StripeFixture) -> None:
    account.paid()
    account.paid()

    assert account.stripe.captured_for(ORDER) == Money(9998, "usd")
    assert len(account.stripe.payments_of_order(ORDER)) == 2


def test_an_order_without_a_payment_has_taken_nothing(account: StripeFixture) -> None:
    assert account.stripe.captured_for("nobody") == NOTHING
    assert account.stripe.net_for("nobody") == NOTHING


def test_they_look_like_stripes_and_are_the_same_in_every_run() -> None:
    def ids(first: str, second: str) -> set[str]:
        account = StripeFixture()
        payments = {order: account.paid(order=order) for order in (first, second)}
        refund = account.refund(payments["order-1"])
        return {*(payment.id for payment in payments.values()), str(payments["order-1"].charge_id), refund.id}

    assert ids("order-1", "order-2") == ids("order-2", "order-1")
    for stripe_id in ids("order-1", "order-2"):
        prefix, letters = stripe_id.split("_")
        assert prefix in {"pi", "ch", "re"}
        assert len(letters) == 24
        assert letters.isalnum()


def test_a_second_payment_of_an_order_has_another_one(account: StripeFixture) -> None:
    assert account.create().id != account.create().id
