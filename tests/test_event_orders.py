"""Webhooks of one payment in any order, each twice: a sample here, all 113,400 by `make events-all`."""

from __future__ import annotations

from functools import partial

import pytest

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus
from payflows.errors import InvalidPolicy
from simulations.checkout.webhook_permutations import STAGES, Course, EndState, Universe, end_of
from simulations.search.confluence import Ends, EndsDiffer, study, tally, the_one_end
from simulations.search.event_orders import EventOrder, all_orders, order_count, sample

REPLAY = "payflows webhooks payment"
AS_IT_HAPPENED, THE_OTHER_WAY_ROUND = "1122334455", "5544332211"


@pytest.fixture(scope="module")
def end() -> EndState:
    return end_of(AS_IT_HAPPENED)


def test_there_are_113_400_orders_of_five_webhooks_and_2520_of_four() -> None:
    orders = list(all_orders())

    assert len(orders) == len(set(orders)) == order_count() == 113_400
    assert (orders[0], orders[-1]) == (AS_IT_HAPPENED, THE_OTHER_WAY_ROUND)
    assert {tuple(sorted(order)) for order in orders} == {tuple(AS_IT_HAPPENED)}
    assert len(set(all_orders(4))) == order_count(4) == 2_520


def test_a_sample_of_all_orders_ends_alike(end: EndState) -> None:
    ends = study(sample(240, seed=1), end_of, replay=REPLAY)

    assert the_one_end(ends, replay=REPLAY) == end
    assert ends[end].orders == 240


def test_in_the_end_everything_has_happened_once(end: EndState) -> None:
    assert end.order.status is OrderStatus.DELIVERED
    assert (end.order.charge.refunded_minor, end.order.charge.disputed, end.order.review) == (1_000, True, None)
    assert [text.split()[0] for text in end.business_events] == [
        "order.delivered",
        "order.placed",
        "order.shipped",
        "payment.disputed",
        "payment.processing",
        "payment.refunded",
        "payment.succeeded",
    ]
    assert [mail.split()[0] for mail in end.mails] == ["order_confirmed", "order_shipped"]
    assert [times for _, times in end.effects] == [1] * 6
    assert {status: count for status, count in end.webhooks if count} == {"processed": 1}
    assert end.net_minor == 0


@pytest.mark.parametrize(
    "course",
    [
        Course(late_minutes=24 * 60),
        Course(late_minutes=90, transit_hours=300),
        Course(late_minutes=7, look_hours=5, dispute_after_hours=1),
    ],
    ids=["a day late, after the worker", "before the parcel arrives", "a quick dispute"],
)
def test_late_webhooks_and_other_courses_end_like_the_usual_one(course: Course, end: EndState) -> None:
    ends = study(
        (AS_IT_HAPPENED, THE_OTHER_WAY_ROUND, "5112233445", *sample(5, seed=2)),
        partial(end_of, course=course),
        replay=REPLAY,
    )

    assert the_one_end(ends, replay=REPLAY) == end


@pytest.mark.parametrize(("order", "paid_after_hours"), [(AS_IT_HAPPENED, 96.0), (THE_OTHER_WAY_ROUND, 115.025)])
def test_the_webhook_settles_the_payment_where_it_comes_first_and_else_the_worker(
    order: EventOrder, paid_after_hours: float
) -> None:
    universe = Universe(Course())
    shop = universe.shop

    shop.world.run(universe.live(order))

    [placed] = shop.store.all(ORDERS)
    paid = next(log for log in shop.store.transitions(ORDERS, placed.id) if log.after is OrderStatus.PAID)
    assert (paid.at - placed.purchase.placed_at).total_seconds() / 3_600 == paid_after_hours


def test_the_sample_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert sample(50, seed=3) == sample(50, seed=3) != sample(50, seed=4)
    assert len(set(sample(50, seed=3))) == 50


def test_what_is_found_does_not_depend_on_how_many_processes_look() -> None:
    orders = sample(110, seed=5)

    assert study(orders, end_of, replay=REPLAY, workers=2) == study(orders, end_of, replay=REPLAY)


# That it would find something


WHAT_IT_MEANS = {
    "payment_intent.processing": "under way",
    "payment_intent.succeeded": "paid",
    "refund.created": "money gone back",
    "refund.updated": "money gone back",
    "charge.dispute.created": "money gone back",
}


def last_one_wins(order: EventOrder) -> str:
    """How it ends where each webhook is believed, and says how the order stands."""
    status = "placed"
    for digit in order:
        status = WHAT_IT_MEANS[STAGES[int(digit) - 1]]
    return status


@pytest.mark.parametrize(("kinds", "wrong_share"), [(4, 0.5), (5, 0.4)])
def test_where_the_last_one_wins_nearly_half_of_all_orders_end_wrongly(kinds: int, wrong_share: float) -> None:
    ends = tally(all_orders(kinds), last_one_wins)

    wrong = sum(end.orders for status, end in ends.items() if status != "money gone back")
    assert wrong / order_count(kinds) == wrong_share


def test_different_ends_are_reported_with_the_line_that_shows_each() -> None:
    ends = tally(["5511", "1155", "1515"], last_one_wins)

    with pytest.raises(EndsDiffer, match="2 different ends") as found:
        the_one_end(ends, replay=REPLAY)

    assert f"1 like {REPLAY} 5511" in str(found.value)
    assert ends["money gone back"] == Ends(2, "1155")


def test_a_course_on_which_goods_would_rightly_depend_on_who_was_first_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match=r"refund_after_hours must be more than look_hours \(23\), got 20"):
        Course(refund_after_hours=20)
