"""Each promise about money and goods on the move is broken by hand, and whoever watches says so."""

from __future__ import annotations

import pytest

from payflows.checkout.model import OrderStatus
from payflows.kernel.evolve import evolve
from simulations.checkout.shop import HOME
from simulations.checkout.stories import SLOW_CARRIER, STORIES
from simulations.checkout.verdict import check_safety, raise_broken
from simulations.search.breach import InvariantBroken
from simulations.search.plan import read
from simulations.search.verdict import SafetyMonitor
from tests.corrupted_universe import (
    begun,
    book,
    broken,
    calm,
    charge_once_more,
    checkout,
    order_of,
    payment_of,
    put,
    release,
)


@pytest.mark.parametrize("story", STORIES)
def test_where_nothing_is_broken_nothing_is_said(story: str) -> None:
    check_safety(calm(story))


class TestMoney:
    def test_an_order_that_is_charged_twice(self) -> None:
        universe = calm("paid")

        charge_once_more(universe, order_of(universe))

        assert broken(universe, check_safety) == {"I3"}

    def test_but_not_one_whose_first_charge_went_back(self) -> None:
        universe = calm("paid")

        universe.stripe.refund_in_dashboard(payment_of(universe))
        charge_once_more(universe, order_of(universe))

        check_safety(universe)

    def test_a_checkout_that_is_charged_for_two_orders(self) -> None:
        universe = calm("paid")
        another = evolve(order_of(universe), id="another", status=OrderStatus.PAID)

        put(universe, another)
        charge_once_more(universe, another)

        assert broken(universe, check_safety) == {"I3b"}

    def test_more_money_that_goes_back_than_came(self) -> None:
        universe = calm("refunded")

        intent = universe.stripe.intent(payment_of(universe))
        intent.charges[-1].amount_refunded *= 2
        intent.changed()

        assert broken(universe, check_safety) == {"I4"}

    def test_money_that_is_taken_before_the_stock_is_sure(self) -> None:
        universe = begun("left_at_the_bank")

        universe.stripe.authenticate(payment_of(universe))
        check_safety(universe)
        universe.world.run(universe.stripe.capture_payment(payment_of(universe), key="too soon"))

        assert broken(universe, check_safety) == {"I12"}


class TestParcels:
    @pytest.mark.parametrize("story", ["three_cards_declined", "out_of_stock"])
    def test_one_that_leaves_for_an_order_that_failed(self, story: str) -> None:
        universe = calm(story)

        universe.world.run(universe.carrier.book(order_of(universe).id, goods=(), address=HOME))

        assert broken(universe, check_safety) == {"I12"}

    def test_one_that_leaves_for_an_order_that_was_never_begun(self) -> None:
        universe = calm("paid")

        put(universe, evolve(order_of(universe), status=OrderStatus.PENDING))

        assert broken(universe, check_safety) == {"I12"}

    def test_one_whose_stock_is_only_held(self) -> None:
        universe = begun("left_at_the_bank")

        universe.world.run(universe.carrier.book(order_of(universe).id, goods=(), address=HOME))

        assert broken(universe, check_safety) == {"I12"}

    def test_one_that_is_sent_for_when_the_money_has_gone_back(self) -> None:
        universe = begun("paid", SLOW_CARRIER, monitor=raise_broken)
        book(universe, order_of(universe))

        universe.stripe.refund_in_dashboard(payment_of(universe))

        assert broken(universe, lambda universe: book(universe, order_of(universe))) == {"I2"}

    def test_an_order_that_is_shipped_before_the_carrier_comes(self) -> None:
        universe = begun("paid", SLOW_CARRIER)
        check_safety(universe)

        put(universe, evolve(order_of(universe), status=OrderStatus.SHIPPED))

        assert broken(universe, check_safety) == {"I12"}

    def test_goods_that_leave_the_shelf_before_the_carrier_comes(self) -> None:
        universe = begun("paid", SLOW_CARRIER)

        universe.world.run(universe.inventory.ship(order_of(universe).id))

        assert broken(universe, check_safety) == {"I12"}


class TestStock:
    def test_goods_that_were_never_there(self) -> None:
        universe = calm("paid")

        universe.inventory._available["mug"] = -1

        assert broken(universe, check_safety) == {"I10"}

    @pytest.mark.parametrize("passes", [True, False])
    def test_goods_that_are_put_back_while_the_card_may_be_charged(self, passes: bool) -> None:
        universe = begun("left_at_the_bank", monitor=raise_broken)
        if passes:
            universe.stripe.authenticate(payment_of(universe))

        assert "I9" in broken(universe, lambda universe: release(universe, order_of(universe)))

    def test_goods_that_are_put_back_and_paid_for(self) -> None:
        universe = begun("paid", SLOW_CARRIER, monitor=raise_broken)
        universe.world.run(universe.carrier.void(order_of(universe).id))

        assert "I9" in broken(universe, lambda universe: release(universe, order_of(universe)))

    def test_but_not_once_the_money_is_back(self) -> None:
        universe = begun("paid", SLOW_CARRIER, monitor=raise_broken)
        universe.world.run(universe.carrier.void(order_of(universe).id))
        universe.stripe.refund_in_dashboard(payment_of(universe))

        release(universe, order_of(universe))

        assert universe.inventory.available("mug") == universe.inventory.initial["mug"]


class TestWhoWatches:
    @pytest.mark.parametrize("answered", [True, False])
    def test_sees_what_is_wrong_immediately_whatever_is_answered(self, answered: bool) -> None:
        """Inside the call, so that neither a lost answer nor what comes later can hide it."""
        calls = len(calm("out_of_stock").sites)
        plan = () if answered else read(f"{calls + 1}:answer_lost")
        universe = checkout(plan, monitor=raise_broken)
        STORIES["out_of_stock"].tell(universe)
        while len(universe.sites) < calls:
            universe.ask(universe.app.worker.run_due())

        with pytest.raises(InvariantBroken, match="I12"):
            book(universe, order_of(universe))
        assert len(universe.universe.fired) == len(plan)

    def test_writes_it_down_where_it_cannot_be_caught(self) -> None:
        monitor = SafetyMonitor()
        universe = calm("out_of_stock", monitor=monitor)
        calls = len(universe.sites)

        book(universe, order_of(universe))
        book(universe, order_of(universe))

        assert len(monitor.breaches()) == len(set(monitor.breaches())) > 0
        assert all(f"(after call {calls + 1})" in str(breach) for breach in monitor.breaches())
