"""Each promise that must hold in the end is broken by hand where nothing went wrong, and the judge says so.

What must hold on the way is broken in `test_fault_moves.py`, answers and messages in `test_fault_words.py`, what was
bought in `test_fault_purchases.py`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

import simulations
from payflows.checkout.goods import ShipmentStatus
from payflows.checkout.messages import EventType
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.evolve import evolve
from payflows.money import Money
from simulations.checkout import expected as ends
from simulations.checkout.stories import SLOW_CARRIER, STORIES
from simulations.checkout.user_actions import in_the_dashboard
from simulations.checkout.verdict import JudgedCheckout, judge
from simulations.search.breach import in_words
from simulations.search.universe import Livelock
from simulations.search.verdict import SafetyMonitor, run_and_judge
from simulations.search.waiting import work
from tests.corrupted_universe import (
    begun,
    broken,
    calm,
    charge_once_more,
    checkout,
    leave_to_a_person,
    log_of,
    more_arrive,
    order_of,
    payment_of,
    put,
    say,
)
from tests.sample_orders import with_charge

ROOT = Path(simulations.__file__).parent
CHECKS = (
    *(
        f"checkout/checkers/{name}.py"
        for name in ("safety", "liveness", "final_state", "messages", "facts", "purchases")
    ),
    *("checkout/expected.py", "checkout/checkers/webhooks.py", "checkout/verdict.py"),
)
PROMISES = {f"I{number}" for number in (*range(1, 6), *range(9, 17), 24, 27, 28)} | {"I3b"}
"""What the verdict looks at, by the numbers of the project's list."""

HELD_ELSEWHERE = {"I25": "test_event_orders", "I26": "test_webhook_signature", "I32": "test_twice_is_once"}
"""Promises about many universes, or about none: each has a separate test."""

BROKEN_BY_HAND = ("test_fault_moves", "test_fault_purchases", "test_fault_verdict", "test_fault_words", "test_day")


@pytest.mark.parametrize("story", STORIES)
def test_where_nothing_is_broken_nothing_is_said(story: str) -> None:
    judge(calm(story), may_need_a_person=STORIES[story].may_need_a_person, ends=STORIES[story].ends)


def test_every_promise_is_looked_at() -> None:
    source = "".join((ROOT / file).read_text() for file in CHECKS)

    assert set(re.findall(r'"(I\d+b?)"', source)) >= PROMISES - {"I27"}
    assert '"I27" if' in source
    assert all((Path(__file__).parent / f"{file}.py").is_file() for file in HELD_ELSEWHERE.values())


@pytest.mark.parametrize("promise", sorted(PROMISES))
def test_every_promise_is_broken_by_a_test(promise: str) -> None:
    tests = "".join((Path(__file__).parent / f"{file}.py").read_text() for file in BROKEN_BY_HAND)

    assert f'"{promise}"' in tests


class TestMoney:
    def test_what_the_checkers_of_a_shop_see(self) -> None:
        universe = calm("paid")

        charge_once_more(universe, order_of(universe))

        assert {"I1", "I3", "I15"} <= broken(universe)

    def test_another_price_than_was_agreed(self) -> None:
        universe = calm("three_cards_declined")

        intent = universe.stripe.intent(payment_of(universe))
        intent.whole += Money(1, "usd")
        intent.changed()

        assert broken(universe) == {"I5"}

    def test_a_refund_that_stripe_knows_nothing_of(self) -> None:
        universe = calm("paid")

        put(universe, with_charge(order_of(universe), refunded=True))

        assert broken(universe) == {"I15", "I24", "I27"}


class TestWhatOthersDo:
    """I15: the books of a sold order say what others did with its money, once a notice of it has come."""

    @pytest.mark.parametrize("story", ["disputed", "disputed_by_webhook"])
    def test_a_dispute_that_is_not_in_the_books(self, story: str) -> None:
        universe = calm(story)

        put(universe, with_charge(order_of(universe), disputed=False))

        assert "I15" in broken(universe)

    def test_a_refund_by_hand_that_is_not_in_the_books(self) -> None:
        universe = calm("paid")

        in_the_dashboard(universe, universe.stripe.refund_in_dashboard)
        work(universe)
        judge(universe, may_need_a_person=False)
        put(universe, with_charge(order_of(universe), refunded_minor=0))

        assert "I15" in broken(universe)

    def test_but_who_hears_nothing_of_it_knows_nothing(self) -> None:
        universe = calm("paid")

        universe.stripe.dispute(payment_of(universe))

        judge(universe, may_need_a_person=False)


class TestState:
    def test_a_transition_that_is_not_in_the_table(self) -> None:
        universe = calm("out_of_stock")
        order = order_of(universe)
        log = log_of(universe)

        log[-1] = log[-1]._replace(after=OrderStatus.PAYMENT_FAILED)
        put(universe, evolve(order, status=OrderStatus.PAYMENT_FAILED))

        assert {"I13"} <= broken(universe)

    def test_an_order_left_to_a_person_by_faults_alone(self) -> None:
        universe = calm("paid")

        leave_to_a_person(universe)

        assert broken(universe) == {"I14"}
        judge(universe, may_need_a_person=True)

    def test_stock_that_is_held_without_an_order(self) -> None:
        """Also where the order is up for review: `check_shop` does not look there."""
        universe = calm("out_of_stock")
        order = order_of(universe)
        goods, until = order.purchase.price.goods, universe.clock.now() + timedelta(days=1)
        more_arrive(universe, "lamp", 5)

        universe.world.run(universe.inventory.hold(order.id, goods, expires_at=until))
        leave_to_a_person(universe)

        assert broken(universe, lambda universe: judge(universe, may_need_a_person=True)) == {"I11"}

    def test_a_parcel_that_is_still_going_to_be_fetched(self) -> None:
        universe = calm("out_of_stock", SLOW_CARRIER)
        order = order_of(universe)

        booked = universe.world.run(
            universe.carrier.book(order.id, goods=order.purchase.price.goods, address=order.purchase.address)
        )

        assert booked.status is ShipmentStatus.BOOKED
        assert broken(universe) == {"I12"}


class TestPatience:
    """I28: an order rests on its way for ten minutes, and longer only for others."""

    @staticmethod
    def delayed(story: str, status: OrderStatus, **by: float) -> JudgedCheckout:
        """The story, in which an order left a status so much later."""
        universe = calm(story)
        log = log_of(universe)
        left = next(place for place, logged in enumerate(log) if logged.before is status)
        log[left:] = [logged._replace(at=logged.at + timedelta(**by)) for logged in log[left:]]
        return universe

    @pytest.mark.parametrize(
        ("story", "status", "minutes"),
        [
            ("paid", OrderStatus.PAYMENT_PROCESSING, 11),
            ("paid", OrderStatus.PAID, 11),
            ("three_cards_declined", OrderStatus.ABANDONING, 11),
            ("left_at_the_bank", OrderStatus.CUSTOMER_ACTION, 11),
            ("cancelled", OrderStatus.REFUNDING, 11),
            ("bank_debit", OrderStatus.PAYMENT_PROCESSING, 7 * 60),
        ],
    )
    def test_longer_is_too_long(self, story: str, status: OrderStatus, minutes: int) -> None:
        assert broken(self.delayed(story, status, minutes=minutes)) == {"I28"}

    @pytest.mark.parametrize(
        ("story", "status", "minutes"),
        [
            ("paid", OrderStatus.PAYMENT_PROCESSING, 9),
            ("left_at_the_bank", OrderStatus.CUSTOMER_ACTION, 9),
            ("bank_debit", OrderStatus.PAYMENT_PROCESSING, 5 * 60),
            ("paid", OrderStatus.SHIPPED, 24 * 60),
        ],
    )
    def test_so_long_is_not(self, story: str, status: OrderStatus, minutes: int) -> None:
        judge(self.delayed(story, status, minutes=minutes), may_need_a_person=False)

    def test_a_refund_that_was_put_off_for_too_long(self) -> None:
        universe = self.refunded_after(minutes=11)

        universe.answers.append(with_charge(order_of(universe), refunded=False, refund_id=None))

        assert broken(universe) == {"I28"}
        universe.universe.calm_from += timedelta(minutes=2)
        judge(universe, may_need_a_person=False)

    def test_one_that_was_not_put_off_was_made_in_time(self) -> None:
        judge(self.refunded_after(minutes=11), may_need_a_person=False)

    @staticmethod
    def refunded_after(*, minutes: int) -> JudgedCheckout:
        """Refunded so long after the parcel was fetched."""
        universe = calm("refunded")
        (refund,) = universe.stripe.intent(payment_of(universe)).refunds
        log = log_of(universe)
        shipped_at = next(logged.at for logged in log if logged.after is OrderStatus.SHIPPED)
        refund.created = int((shipped_at + timedelta(minutes=minutes)).timestamp())
        return universe

    def test_the_minutes_are_counted_from_the_end_of_the_trouble(self) -> None:
        universe = self.delayed("paid", OrderStatus.PAYMENT_PROCESSING, minutes=11)

        universe.universe.calm_from += timedelta(minutes=2)

        judge(universe, may_need_a_person=False)


class TestTheStorysEnd:
    def test_an_order_that_should_have_ended_otherwise(self) -> None:
        universe = calm("paid")

        assert broken(universe, lambda universe: judge(universe, may_need_a_person=False, ends=ends.UNPAID)) == {"I16"}

    def test_money_that_should_have_gone_back(self) -> None:
        universe = calm("paid")

        assert broken(universe, lambda universe: judge(universe, may_need_a_person=False, ends=ends.TAKEN_BACK)) == {
            "I1"
        }

    def test_a_story_in_which_nothing_happens(self) -> None:
        universe = checkout()

        assert broken(universe, lambda universe: judge(universe, may_need_a_person=False, ends=ends.SOLD)) == {"I16"}

    def test_a_person_who_is_called_for_nothing(self) -> None:
        universe = calm("paid")

        say(universe, EventType.ORDER_NEEDS_REVIEW)

        assert broken(universe, lambda universe: judge(universe, may_need_a_person=False, ends=ends.SOLD)) == {"I24"}


class TestAUniverseThatDoesNotEnd:
    def test_is_judged_by_its_money(self) -> None:
        universe = begun("paid")
        order: Order = order_of(universe)

        def go_on_for_ever() -> None:
            charge_once_more(universe, order)
            raise Livelock("no end")

        breaches = run_and_judge(universe.universe, go_on_for_ever, SafetyMonitor(), universe.breaches)

        assert in_words(breaches).startswith("Livelock: no end; I1 ")
        assert "I3" in {breach.promise for breach in breaches}

    def test_says_what_was_seen_on_the_way_too(self) -> None:
        monitor = SafetyMonitor()
        universe = begun("paid", monitor=monitor)

        def go_wrong() -> None:
            charge_once_more(universe, order_of(universe))
            monitor(universe.safety(), len(universe.sites))
            raise ExceptionGroup("two", [ValueError("one"), KeyError("two")])

        breaches = run_and_judge(universe.universe, go_wrong, monitor, universe.breaches)

        assert re.match(r"I3 .* \(after call \d+\); ValueError: one; KeyError: 'two'; I1 ", in_words(breaches))
