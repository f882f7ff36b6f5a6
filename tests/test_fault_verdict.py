"""Each promise is broken by hand in a universe where nothing went wrong, and the verdict says so.

What `check_shop` alone looks at is shown in `test_day.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from payflows.checkout.model import Order, OrderStatus, Review
from payflows.payments import CaptureMode
from payflows.values import changed
from simulations.checkers import InvariantBroken
from simulations.faults.people import end
from simulations.faults.plan import NO_FAULTS, read
from simulations.faults.road import Road
from simulations.faults.stories import STORIES
from simulations.faults.universe import Universe
from simulations.faults.verdict import judge, watch
from simulations.shop import HOME
from simulations.story import VISA


def calm(story: str) -> Universe:
    """The story as it ends where nothing goes wrong."""
    universe = Universe(NO_FAULTS, STORIES[story].settings)
    STORIES[story].tell(universe)
    end(universe)
    return universe


def order_of(universe: Universe) -> Order:
    """The story's order, as stored."""
    order = universe.order
    assert order is not None
    return order


def put(universe: Universe, order: Order) -> None:
    """Store it, whatever was there."""
    universe.store._orders[order.id] = order


def judged(universe: Universe) -> None:
    """Judge as the search does where no person may be needed."""
    judge(universe, may_need_a_person=False)


def broken(universe: Universe, look: Callable[[Universe], None]) -> set[str]:
    """The numbers of the promises that somebody who looks finds broken."""
    with pytest.raises(InvariantBroken) as found:
        look(universe)
    return set(re.findall(r"\bI\d+b?\b", " ".join(found.value.breaches)))


def review(universe: Universe) -> Review:
    return Review("no answer", "nobody answers", universe.clock.now())


@pytest.mark.parametrize("story", STORIES)
def test_where_nothing_is_broken_nothing_is_said(story: str) -> None:
    universe = calm(story)

    watch(universe)
    judge(universe, may_need_a_person=STORIES[story].may_need_a_person)


# Always: whenever money or goods may have moved.


class TestTheWatchSees:
    def test_an_order_that_is_charged_twice(self) -> None:
        universe = calm("paid")
        order = order_of(universe)

        charge_once_more(universe, order)

        assert broken(universe, watch) == {"I3"}

    def test_but_not_one_whose_first_charge_went_back(self) -> None:
        universe = calm("paid")
        order = order_of(universe)
        assert order.payment_id is not None

        universe.stripe.refund_in_dashboard(order.payment_id)
        charge_once_more(universe, order)

        watch(universe)

    def test_more_money_that_goes_back_than_came(self) -> None:
        universe = calm("refunded")
        order = order_of(universe)
        assert order.payment_id is not None

        intent = universe.stripe.intent(order.payment_id)
        intent.charges[-1].amount_refunded *= 2
        intent.changed()

        assert broken(universe, watch) == {"I4"}

    @pytest.mark.parametrize("story", ["three_cards_declined", "out_of_stock"])
    def test_a_parcel_that_leaves_for_an_order_that_failed(self, story: str) -> None:
        universe = calm(story)

        universe.world.run(universe.carrier.book(order_of(universe).id, goods=(), address=HOME))

        assert broken(universe, watch) == {"I12"}

    def test_a_parcel_that_leaves_for_an_order_that_nobody_began(self) -> None:
        universe = calm("paid")

        put(universe, changed(order_of(universe), status=OrderStatus.PENDING))

        assert broken(universe, watch) == {"I12"}

    def test_goods_that_were_never_there(self) -> None:
        universe = calm("paid")

        universe.inventory._available["mug"] = -1

        assert broken(universe, watch) == {"I10"}

    @pytest.mark.parametrize("heard", [True, False])
    def test_what_is_wrong_at_once_whoever_hears_of_it(self, heard: bool) -> None:
        """Inside the call, so that neither a lost answer nor what comes later can hide it."""
        universe = Universe(NO_FAULTS if heard else read("12:answer_lost"), watch=watch)
        STORIES["out_of_stock"].tell(universe)
        end(universe)
        carrier = Road(universe.life, "carrier", universe.carrier)

        with pytest.raises(InvariantBroken, match="I12"):
            universe.ask(carrier.book(order_of(universe).id, goods=(), address=HOME))  # type: ignore[arg-type]


def charge_once_more(universe: Universe, order: Order) -> None:
    """Make another payment for an order, and take its money."""
    stripe, total = universe.stripe, order.purchase.price.total
    made = universe.world.run(
        stripe.create_payment(
            order.id, amount=total, capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key="another"
        )
    )
    universe.world.run(stripe.confirm_payment(made.id, payment_method=VISA, key="another-confirm"))


# In the end.


class TestTheJudgeSees:
    def test_a_parcel_promised_to_a_customer_who_gets_none(self) -> None:
        universe = calm("three_cards_declined")

        universe.heard.append(changed(order_of(universe), status=OrderStatus.PAID))

        assert broken(universe, judged) == {"I16"}

    @pytest.mark.parametrize("told", [OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED])
    def test_an_order_that_was_called_off_and_comes_all_the_same(self, told: OrderStatus) -> None:
        universe = calm("paid")

        universe.heard.append(changed(order_of(universe), status=told))

        assert broken(universe, judged) == {"I16"}

    def test_an_answer_that_is_still_open_is_no_false_word(self) -> None:
        universe = calm("paid")

        universe.heard.append(changed(order_of(universe), status=OrderStatus.PAYMENT_PROCESSING))

        judged(universe)

    def test_an_order_left_to_a_person_by_faults_alone(self) -> None:
        universe = calm("paid")

        put(universe, changed(order_of(universe), review=review(universe)))

        assert broken(universe, judged) == {"I14"}
        judge(universe, may_need_a_person=True)

    def test_a_false_word_is_a_persons_to_put_right_where_one_is_needed(self) -> None:
        universe = calm("paid")
        order = order_of(universe)

        put(universe, changed(order, review=review(universe)))
        universe.heard.append(changed(order, status=OrderStatus.CANCELLED))

        judge(universe, may_need_a_person=True)
        assert broken(universe, judged) == {"I14", "I16"}

    def test_stock_that_is_held_for_nobody(self) -> None:
        """Also where a person is told of the order: `check_shop` does not look there."""
        universe = calm("out_of_stock")
        order = order_of(universe)
        until = universe.clock.now() + timedelta(days=1)

        universe.world.run(universe.inventory.hold(order.id, (), expires_at=until))
        put(universe, changed(order, review=review(universe)))

        assert broken(universe, lambda universe: judge(universe, may_need_a_person=True)) == {"I11"}

    def test_a_payment_that_fails_long_after_all_is_well(self) -> None:
        universe = calm("left_at_the_bank")
        order = order_of(universe)

        put(universe, changed(order, changed_at=order.purchase.deadline_at + timedelta(days=9)))

        assert broken(universe, judged) == {"I28"}

    def test_what_the_checkers_of_a_shop_see(self) -> None:
        universe = calm("paid")

        charge_once_more(universe, order_of(universe))

        assert {"I1", "I3", "I15"} <= broken(universe, judged)


class TestTheJudgeHears:
    """In universes that listen."""

    @pytest.mark.parametrize("times", [0, 2])
    def test_an_effect_that_did_not_come_once(self, times: int) -> None:
        universe = calm("told_by_webhook")
        event = universe.store.published()[0]
        record = universe.world.run(universe.store.record(f"heard {event.key}"))

        universe.store._records[record.name] = record._replace(fields={"times": times})

        assert broken(universe, judged) == {"I24"}

    def test_a_webhook_that_is_left_over(self) -> None:
        universe = calm("told_by_webhook")

        universe.stripe.refund_in_dashboard(str(order_of(universe).payment_id))
        universe.pass_time(60)

        assert broken(universe, judged) == {"I24"}
