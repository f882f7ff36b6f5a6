"""The payments core by itself, over the simulated Stripe: what a flow seldom meets, and must be able to rely on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import CallRejected, UnreadableAnswer
from payflows.kernel.calls import Calls
from payflows.kernel.evolve import evolve
from payflows.money import Money
from payflows.payments.charge import Attempt, Charge
from payflows.payments.collection import PROCESSING_TOO_LONG, Closed, Rejected, Succeeded, review_of_processing
from payflows.payments.model import CaptureMode, Payment, PaymentStatus, Refund, RefundStatus
from payflows.payments.orphans import Orphans
from payflows.payments.own_intent import IntentCollection, IntentTerms
from payflows.payments.refunds import (
    RefundFailed,
    RefundMoved,
    RefundPending,
    RefundProgress,
    Refunds,
    RefundUndone,
    settled_elsewhere,
)
from simulations.checkout.scripted_shop import NO_FUNDS, ScriptedShop
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock
from simulations.time.world import START

PRICE = Money(3_622, "usd")
GOOD_CARD = "pm_card_visa"
LATER = IntentTerms(CaptureMode.MANUAL, None)
PROCESSING = Payment(
    "pi_1", "ord_1", PaymentStatus.PROCESSING, PRICE, received=Money(0, "usd"), returned=Money(0, "usd")
)
CHARGE = Charge(owner_id="ord_1", amount=PRICE, attempt=Attempt(1, GOOD_CARD))
DAY_SECONDS = 86_400


class Core:
    """A Stripe, and one charge that is collected there."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.stripe = SimulatedStripe(self.clock)
        calls = Calls(self.clock, CheckoutPolicy().retry)
        self.collection = IntentCollection(self.stripe, calls)
        self.orphans = Orphans(self.stripe, calls)
        self.refunds = Refunds(self.stripe, calls)
        self.charge = CHARGE

    def authorise(self) -> str:
        """Make the intent and confirm it; what it is called."""
        made = self.clock.run(self.collection.create(self.charge, LATER))
        assert isinstance(made, Payment)
        self.charge = evolve(self.charge, payment_id=made.id)
        self.clock.run(self.collection.attempt(self.charge))
        return made.id

    def leave_over(self, key: str) -> Payment:
        """Make another intent, as a lost answer does; search knows it a day later."""
        other = self.stripe.create_payment(
            "ord_1", amount=PRICE, capture=CaptureMode.MANUAL, stripe_customer_id=None, key=key
        )
        made = self.clock.run(other)
        self.clock.pass_time(DAY_SECONDS)
        return made

    def pay(self) -> str:
        payment_id = self.authorise()
        assert isinstance(self.clock.run(self.collection.capture(self.charge)), Succeeded)
        return payment_id


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.mark.parametrize(
    ("charge", "is_open"),
    [
        (CHARGE, False),
        (evolve(CHARGE, refund_asked=True), True),
        (evolve(CHARGE, refund_asked=True, refunded=True), False),
        (evolve(CHARGE, refunded=True), False),
        (evolve(CHARGE, recheck_due=True), True),
    ],
    ids=["calm", "asked", "given back", "gone by itself", "to be read"],
)
def test_money_is_open_while_a_refund_or_a_read_is_due(charge: Charge, is_open: bool) -> None:
    assert charge.money_is_open is is_open


def test_another_payment_is_refused_with_what_was_asked_for_and_what_came() -> None:
    charge = evolve(CHARGE, payment_id="pi_1")
    other = PROCESSING._replace(id="pi_2", order_id="ord_2", amount=Money(100, "eur"))

    with pytest.raises(UnreadableAnswer) as refused:
        charge.own(other)

    assert str(refused.value) == (
        "pi_1 of 36.22 usd for ord_1 was asked for, and pi_2 of 1.00 eur for ord_2 was the answer"
    )


def test_a_bank_at_work_for_too_long_is_given_to_a_person_at_the_very_second() -> None:
    due = START + timedelta(days=3)

    def review(seconds: int) -> object:
        now = due + timedelta(seconds=seconds)
        return review_of_processing(PROCESSING, since=START, now=now, patience_seconds=3 * DAY_SECONDS)

    asked = review_of_processing(PROCESSING, since=START, now=due, patience_seconds=3 * DAY_SECONDS)
    assert review(-1) is None
    assert asked is not None
    assert (asked.reason, asked.detail) == (
        PROCESSING_TOO_LONG,
        "pi_1 of 36.22 usd is processing for more than 3 days",
    )
    assert asked.since == due


def test_whose_a_payment_is_is_read_from_that_payment(core: Core) -> None:
    payment_id = core.authorise()

    assert core.clock.run(core.collection.owner_of(payment_id)) == "ord_1"
    assert core.clock.run(core.collection.owner_of("pi_unknown")) is None


def test_another_payments_owner_is_no_answer(core: Core) -> None:
    async def another(payment_id: str) -> Payment:
        return PROCESSING

    core.stripe.retrieve_payment = another

    with pytest.raises(UnreadableAnswer, match="pi_9 was asked for"):
        core.clock.run(core.collection.owner_of("pi_9"))


def test_an_authorisation_that_a_person_has_cancelled_cannot_be_captured(core: Core) -> None:
    core.stripe.cancel_in_dashboard(core.authorise())

    assert isinstance(core.clock.run(core.collection.capture(core.charge)), Closed)


def test_a_capture_that_stripe_refuses_leaves_the_authorisation(core: Core) -> None:
    async def refuse(payment_id: str, *, key: str) -> Payment:
        raise CallRejected("capture_not_allowed", "This capture is not allowed.")

    core.authorise()
    core.stripe.capture_payment = refuse

    refused = core.clock.run(core.collection.capture(core.charge))

    assert isinstance(refused, Rejected)
    assert refused.payment.status is PaymentStatus.REQUIRES_CAPTURE


def test_a_left_over_intent_that_stays_is_said_to(core: Core) -> None:
    async def do_nothing(payment_id: str, *, key: str) -> Payment:
        return await core.stripe.retrieve_payment(payment_id)

    core.authorise()
    left_over = core.leave_over("one")
    assert core.clock.run(core.orphans.cancel_all(core.charge)) is None
    assert core.clock.run(core.stripe.retrieve_payment(left_over.id)).status is PaymentStatus.CANCELED

    again = core.leave_over("another")
    core.stripe.cancel_payment = do_nothing
    assert str(core.clock.run(core.orphans.cancel_all(core.charge))) == (
        f"{again.id}, left over, still reads requires_payment_method"
    )


def test_a_refund_of_another_payment_is_no_refund_of_this_one(core: Core) -> None:
    async def refund_another(payment_id: str, *, order_id: str, key: str) -> Refund:
        return Refund("re_9", "pi_9", PRICE, RefundStatus.SUCCEEDED)

    core.pay()
    core.stripe.refund_payment = refund_another

    step = core.clock.run(core.refunds.advance(evolve(core.charge, refund_asked=True)))

    assert isinstance(step, RefundUndone)
    assert "a refund of pi_" in str(step.error)


def test_ids_and_keys_stay_the_same_from_release_to_release() -> None:
    """A deploy may come between a call, or a checkout, and its repeat: with another key the repeat would be made."""
    bought, given_up = ScriptedShop(), ScriptedShop()
    order = bought.refund(bought.pay_again(bought.buy(card=NO_FUNDS)))
    given_up.cancel(given_up.buy(card=NO_FUNDS))

    keys = [
        (call.method, call.kwargs["key"]) for shop in (bought, given_up) for call in shop.calls if "key" in call.kwargs
    ]

    assert order.id == "ord_fecd9e4cbd211aae9c07"
    assert list(dict.fromkeys(keys)) == [
        ("create_payment", f"{order.id}:create:1"),
        ("confirm_payment", f"{order.id}:confirm-1:1"),
        ("confirm_payment", f"{order.id}:confirm-2:1"),
        ("capture_payment", f"{order.id}:capture:1"),
        ("refund_payment", f"{order.id}:refund:1"),
        ("cancel_payment", f"{order.id}:cancel:1"),
    ]


def test_new_keys_are_the_next_ones() -> None:
    assert CHARGE.with_new_keys().key("confirm-1") == "ord_1:confirm-1:2"


@pytest.fixture
def refunded(core: Core) -> Core:
    """A charge that has gone back, to a card whose bank will send it back."""
    core.charge = evolve(core.charge, attempt=Attempt(1, "pm_card_refundFail"), refund_asked=True)
    core.pay()
    for _ in range(2):
        step = core.clock.run(core.refunds.advance(core.charge))
        assert isinstance(step, RefundProgress)
        core.charge = step.charge
    assert core.charge.refunded
    return core


def test_a_pending_refund_whose_answer_was_lost_is_noted_before_it_is_waited_for(core: Core) -> None:
    core.charge = evolve(core.charge, attempt=Attempt(1, "pm_card_pendingRefund"), refund_asked=True)
    payment_id = core.pay()
    core.stripe.lose_answer_of("refund_payment", times=10)
    assert isinstance(core.clock.run(core.refunds.advance(core.charge)), RefundMoved)

    noted = core.clock.run(core.refunds.advance(core.charge))

    assert isinstance(noted, RefundProgress)
    assert [refund.id for refund in core.stripe.intent(payment_id).refunds] == [noted.charge.refund_id]
    assert isinstance(core.clock.run(core.refunds.advance(noted.charge)), RefundPending)


def test_a_refund_that_failed_is_given_to_a_person_in_words(refunded: Core) -> None:
    refunded.clock.pass_time(30 * DAY_SECONDS)

    failed = refunded.clock.run(refunded.refunds.advance(refunded.charge))

    assert isinstance(failed, RefundFailed)
    assert failed.detail == f"{refunded.charge.refund_id} of 36.22 usd is failed"


def test_money_that_a_person_gives_back_while_we_look_at_a_failed_refund_is_back(refunded: Core) -> None:
    stripe, listed = refunded.stripe, refunded.stripe.list_refunds

    async def list_and_be_slow(payment_id: str, *, order_id: str) -> tuple[Refund, ...]:
        refunds = await listed(payment_id, order_id=order_id)
        stripe.refund_in_dashboard(payment_id)
        return refunds

    refunded.clock.pass_time(30 * DAY_SECONDS)
    stripe.list_refunds = list_and_be_slow

    step = refunded.clock.run(refunded.refunds.advance(evolve(refunded.charge, refunded=False)))

    assert isinstance(step, RefundProgress)
    assert step.charge.refunded
    assert step.charge.failed_refund_id == refunded.charge.refund_id


def test_a_refund_that_fails_between_two_reads_is_to_be_made_again(refunded: Core) -> None:
    listed = refunded.stripe.list_refunds

    async def list_a_month_later(payment_id: str, *, order_id: str) -> tuple[Refund, ...]:
        await refunded.clock.sleep(30 * DAY_SECONDS)
        return await listed(payment_id, order_id=order_id)

    refunded.stripe.list_refunds = list_a_month_later

    charge = refunded.clock.run(refunded.refunds.reconcile(refunded.charge))

    assert (charge.refund_asked, charge.refunded) == (True, False)


@pytest.mark.parametrize("failed", [{"refund_id": "re_1"}, {"failed_refund_id": "re_1"}], ids=["last", "before"])
def test_what_was_given_back_another_way_is_read_again_and_keeps_its_failed_refund(failed: dict[str, Any]) -> None:
    charge = evolve(CHARGE, payment_id="pi_1", refund_asked=True, **failed)

    settled = settled_elsewhere(charge)

    assert (settled.refunded, settled.settled_elsewhere, settled.recheck_due) == (True, True, True)
    assert (settled.refund_id, settled.failed_refund_id) == (None, "re_1")


def test_a_refund_that_stays_leaves_the_charge_refunded(refunded: Core) -> None:
    charge = refunded.clock.run(refunded.refunds.reconcile(evolve(refunded.charge, recheck_due=True)))

    assert charge == evolve(refunded.charge, refunded_minor=PRICE.minor)
