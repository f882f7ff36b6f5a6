"""The naive checkout sells when nothing fails, and one fault is enough to lose money, goods or an order."""

from __future__ import annotations

import pytest

from payflows.checkout.model import OrderStatus
from simulations.checkout.figures.fault_map import family_of
from simulations.checkout.naive import RollsBack, naive_checkout
from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.breach import in_words
from simulations.search.plan import read
from simulations.search.replay import replay
from simulations.search.search import run
from tests.corrupted_universe import checkout

KILLERS_FILE = {
    "money": "6:answer_lost",  # charged, and taken for failed
    "goods": "5:crash_before",  # held, and never released
    "state": "12:connection_refused",  # shipped, and the customer hears that it was cancelled
}
"""One line for each family of promises."""

SAME_FAULTS = {"money": "7:answer_lost", "goods": "4:crash_before", "state": "23:connection_refused"}
"""The same faults at the same methods' calls, in our own checkout."""


def test_it_sells_when_nothing_goes_wrong() -> None:
    universe = checkout(factory=naive_checkout)

    STORIES["paid"].tell(universe)

    (order,) = universe.answers
    assert order.status is OrderStatus.SHIPPED
    assert universe.stripe.net_for(order.id) == order.purchase.price.total
    assert universe.inventory.available("mug") == universe.inventory.initial["mug"] - 2
    assert len(universe.mailer.about(order.id)) == 1
    assert not run(CheckoutTestbed(naive_checkout), "paid").breaches


def test_it_says_no_where_there_is_not_enough() -> None:
    universe = checkout(factory=naive_checkout)

    STORIES["out_of_stock"].tell(universe)

    (order,) = universe.answers
    assert order.status is OrderStatus.CANCELLED
    assert not universe.stripe.payments_of_order(order.id)
    assert universe.inventory.available("lamp") == universe.inventory.initial["lamp"]


def test_a_time_out_after_the_charge_keeps_the_customers_money() -> None:
    replayed = replay(CheckoutTestbed(naive_checkout), f"paid {KILLERS_FILE['money']}")

    assert replayed.rows[-1].standing == ("cancelled", "36.22 usd")
    assert "is cancelled and 36.22 usd was kept" in in_words(replayed.ending.breaches)


@pytest.mark.parametrize("family", KILLERS_FILE)
def test_each_family_of_promises_is_broken_by_one_fault(family: str) -> None:
    assert family_of(run(CheckoutTestbed(naive_checkout), "paid", read(KILLERS_FILE[family])).breaches) == family


@pytest.mark.parametrize("family", KILLERS_FILE)
def test_the_same_fault_breaks_nothing_of_ours(family: str) -> None:
    naive = run(CheckoutTestbed(naive_checkout), "paid", read(KILLERS_FILE[family]))
    ours = run(CHECKOUT, "paid", read(SAME_FAULTS[family]))

    assert not ours.breaches
    assert ours.plan[0].kind == naive.plan[0].kind
    assert ours.sites[ours.plan[0].call - 1] == naive.sites[naive.plan[0].call - 1]


def test_an_order_is_not_settled_after_a_crash_however_long_one_waits() -> None:
    ending = run(CheckoutTestbed(naive_checkout), "paid", read("7:crash_before"))

    assert "rests in payment_processing and is not up for review" in in_words(ending.breaches)


@pytest.mark.parametrize("story", ["cancelled", "refunded", "disputed"])
def test_it_only_sells(story: str) -> None:
    assert run(CheckoutTestbed(naive_checkout), story).sites == run(CheckoutTestbed(naive_checkout), "paid").sites


def test_a_checkout_of_ones_own_is_searched_by_its_class() -> None:
    assert run(CheckoutTestbed(RollsBack), "paid") == run(CheckoutTestbed(naive_checkout), "paid")
