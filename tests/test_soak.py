"""A shop is open for weeks in bad weather, and keeps all promises; a hundred shop-years by `make soak`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.checkout.model import Order, OrderStatus, Review
from payflows.goods import HoldStatus, Quantity
from payflows.payments import CaptureMode
from payflows.values import changed
from simulations.__main__ import main
from simulations.checkers import InvariantBroken
from simulations.draws import Draws
from simulations.faults.kinds import Site
from simulations.soak.closing import astray, close, late, restless
from simulations.soak.customers import DISPUTED, ORDERS_A_DAY
from simulations.soak.soak import STOCK, Soak, settings_of
from simulations.soak.universe import OneByOneClock
from simulations.soak.weather import Weather
from simulations.soak.years import SoakCount, soak
from simulations.stripe.ledger import Ledger
from tests.planted.table import PLANTS

DAYS = 20
WHOLE_DAY = 86_400
RETURNED = (HoldStatus.RELEASED, HoldStatus.EXPIRED)


@pytest.fixture(scope="module")
def count() -> SoakCount:
    return soak([1, 2], days=DAYS)


def test_weeks_of_bad_weather_break_no_promise(count: SoakCount) -> None:
    assert not count.broken, count.broken
    assert count.days == 2 * DAYS


def test_it_was_bad_weather(count: SoakCount) -> None:
    assert 0.01 < count.struck.total() / count.calls < 0.025
    assert count.struck["crash_before"] + count.struck["crash_after"] == count.days
    assert min(count.struck[kind] for kind in ("outage", "black_hole", "dead_letterbox", "conflict", "twice")) > 50
    assert 0.5 * count.days < count.calm_days <= count.days


def test_most_orders_are_closed_in_all_ways_that_an_order_can_end(count: SoakCount) -> None:
    assert count.ended.total() > 0.75 * count.days * ORDERS_A_DAY
    assert min(count.ended[status] for status in ("delivered", "cancelled", "payment_failed")) > 15


def test_every_other_shop_takes_the_money_at_once() -> None:
    captures = [settings_of(seed).policy.capture for seed in (1, 2)]

    assert captures == [CaptureMode.AUTOMATIC, CaptureMode.MANUAL]


def test_the_same_seeds_are_the_same_shops_however_many_processes_there_are() -> None:
    alone, together = (soak([3, 4], days=3, workers=workers) for workers in (1, 2))

    assert alone == together
    assert soak([3], days=3) != soak([5], days=3)


# That it would find something


@pytest.mark.parametrize(
    "name",
    [
        "silence is a decline",
        "waits without a timer",
        "ships before the capture",
        "a new parcel each try",
        "leaves strays",
    ],
)
def test_a_planted_bug_is_found_within_days(name: str) -> None:
    factory = PLANTS[name].factory

    ((line, breach),) = soak([2], days=15, factory=factory).broken

    days = int(line.removeprefix("python -m simulations soak --seed 2 --years 1 --days "))
    assert soak([2], days=days, factory=factory).broken == ((line, breach),)
    assert days == 1 or not soak([2], days=days - 1, factory=factory).broken


@pytest.fixture
def shop() -> Soak:
    """Four days old."""
    shop = Soak(2)
    for day in range(4):
        shop.live(day)
    return shop


def an_order(shop: Soak, *statuses: OrderStatus) -> Order:
    """One that nobody has done anything to beside the shop."""
    visits = shop.customers.visits
    orders = (order for order in shop.universe.store.orders() if not visits[order.purchase.checkout_id].by_hand)
    return next(order for order in orders if not statuses or order.status in statuses)


def put(shop: Soak, order: Order) -> None:
    """Store it, whatever was there."""
    shop.universe.store._orders[order.id] = order


def said(shop: Soak) -> str:
    return "; ".join(restless(shop.universe, shop.customers.visits))


class TestAtTheEndOfACalmDay:
    def test_everything_rests(self, shop: Soak) -> None:
        assert said(shop) == ""

    def test_what_is_overdue_does_not(self, shop: Soak) -> None:
        put(shop, changed(an_order(shop), due_at=shop.universe.clock.now() - timedelta(seconds=1)))

        assert "I14" in said(shop)

    def test_what_waits_in_vain_does_not(self, shop: Soak) -> None:
        put(shop, changed(an_order(shop), waits=1))

        assert "I28" in said(shop)

    def test_what_is_left_to_a_person_does_not(self, shop: Soak) -> None:
        put(shop, changed(an_order(shop), review=Review("no answer", "nobody answers", shop.universe.clock.now())))

        assert "left to a person: no answer" in said(shop)

    @pytest.mark.parametrize(
        "status",
        [
            OrderStatus.PENDING,
            OrderStatus.INVENTORY_RESERVED,
            OrderStatus.PAYMENT_PROCESSING,
            OrderStatus.CUSTOMER_ACTION,
            OrderStatus.AUTHORISED,
            OrderStatus.ABANDONING,
            OrderStatus.REFUNDING,
        ],
    )
    def test_what_should_have_passed_does_not(self, shop: Soak, status: OrderStatus) -> None:
        order = changed(an_order(shop, OrderStatus.SHIPPED, OrderStatus.DELIVERED), status=status)
        put(shop, changed(order, changed_at=order.changed_at - timedelta(hours=2)))

        assert f"is {status} since" in said(shop)

    def test_nor_what_is_paid_and_has_no_parcel(self, shop: Soak) -> None:
        order = an_order(shop, OrderStatus.SHIPPED)
        del shop.universe.carrier._shipments[order.id]
        put(shop, changed(order, status=OrderStatus.PAID))

        assert "is paid since" in said(shop)


def test_what_never_ends_is_too_late(shop: Soak) -> None:
    order = an_order(shop)
    purchase = order.purchase._replace(placed_at=order.purchase.placed_at - timedelta(days=90))
    put(shop, changed(order, purchase=purchase))

    assert [breach for breach in late(shop.universe) if order.id in breach]


def test_what_is_closed_is_judged(shop: Soak) -> None:
    """Two days later it is finished, and the money for it is not there."""
    visits, shipped = shop.customers.visits, OrderStatus.SHIPPED
    orders = (order for order in shop.universe.store.orders() if order.status is shipped)
    order = next(order for order in orders if not visits[order.purchase.checkout_id].plans)
    payments = {payment.id for payment in shop.universe.stripe.payments_of_order(order.id)}
    shop.universe.stripe._ledger.archive(payments, Ledger())

    with pytest.raises(InvariantBroken, match=f"I1 {order.id} is delivered and 0.00"):
        for day in (4, 5, 6):
            shop.live(day)


def test_what_belongs_to_no_order_is_seen(shop: Soak) -> None:
    order = an_order(shop, OrderStatus.SHIPPED)
    assert not list(astray(shop.universe))

    del shop.universe.store._orders[order.id]

    assert {breach.split()[0] for breach in astray(shop.universe)} == {"I1", "I12"}


def test_stock_that_is_held_for_no_order_is_seen(shop: Soak) -> None:
    until = shop.universe.clock.now() + timedelta(hours=1)
    shop.universe.clock.run(shop.universe.inventory.hold("ord_1", [Quantity("mug", 1)], expires_at=until))

    assert list(astray(shop.universe)) == ["I11 ord_1 holds stock for no order"]


# What is closed is gone.


def held(shop: Soak) -> dict[str, int]:
    """How much is kept, and where."""
    universe, sender = shop.universe, shop.universe.sender
    assert sender is not None
    return {
        "orders": len(tuple(universe.store.orders())),
        "transitions": len(universe.store._transitions),
        "orders of payments": len(universe.store._order_of_payment),
        "messages": len(universe.store.outbox()),
        "business events": len(universe.store.published()),
        "deliveries": len(universe.store._deliveries),
        "records": len(universe.store._records),
        "webhooks": sum(map(len, universe.store._webhooks.values())),
        "payments": len(universe.stripe._intents),
        "movements of money": len(universe.stripe.movements),
        "movements of stock": len(universe.inventory.movements),
        "holds": len(universe.inventory.holds()),
        "parcels": len(universe.carrier.shipments()),
        "mails": len(universe.mailer.sent),
        "events at Stripe": len(sender.events),
        "processes that crashed": len(universe._gone),
        "visits": len(shop.customers.visits),
    }


def test_a_shop_of_weeks_holds_no_more_than_a_shop_of_days() -> None:
    shop, days = Soak(4), list[dict[str, int]]()

    for day in range(18):
        shop.live(day)
        days.append(held(shop))

    for name in days[0]:
        early, lately = max(day[name] for day in days[:12]), max(day[name] for day in days[15:])
        assert 0 < lately <= 1.5 * early, name


def test_what_is_closed_can_be_asked_for_no_more(shop: Soak) -> None:
    shop.universe.pass_time(WHOLE_DAY)

    closed = close(shop.universe, shop.customers.visits)

    assert closed
    for order in closed:
        assert not shop.universe.stripe.payments_of_order(order.id)
        assert not shop.universe.mailer.about(order.id)
        assert order.purchase.checkout_id not in shop.customers.visits
    assert not {order.id for order in closed} & {order.id for order in shop.universe.store.orders()}


def test_what_has_left_is_bought_anew() -> None:
    """To the shelf it is as if the closed orders had never been."""
    shop = Soak(2)
    for day in range(10):
        shop.live(day)
    inventory, status = shop.universe.inventory, shop.universe.inventory.holds()

    for product_id, initial in dict(STOCK).items():
        out = [move for move in inventory.movements if move.product_id == product_id and move.status is HoldStatus.HELD]
        gone = sum(move.quantity for move in out if status[move.hold_id].status not in RETURNED)
        assert inventory.initial[product_id] == initial
        assert inventory.available(product_id) == initial - gone


# The weather, and the time.


def test_once_a_day_the_process_is_gone_and_in_a_calm_nothing_strikes() -> None:
    weather, site = Weather(Draws(1)), Site("stripe", "capture_payment")
    weather.begin_day(0, 0)

    struck = [fault for number in range(1, 20_001) if (fault := weather.fault_at(number, site)) is not None]
    weather.calm(Soak(1).universe.clock.now())
    later = [weather.fault_at(number, site) for number in range(20_001, 40_000)]

    assert [fault.kind.startswith("crash_") for fault in struck].count(True) == 1
    assert 300 < len(struck) < 500
    assert set(later) == {None}


def test_what_lasts_is_mostly_short_and_at_times_very_long() -> None:
    weather, site = Weather(Draws(1)), Site("carrier", "book")
    weather.begin_day(0, 0)

    struck = (weather.fault_at(number, site) for number in range(1, 400_000))
    lengths = [fault.seconds for fault in struck if fault is not None and fault.seconds]

    assert sum(seconds <= 60 for seconds in lengths) > 0.6 * len(lengths)
    assert max(lengths) >= 90_000


def test_who_comes_while_another_is_served_waits_and_who_waits_for_an_answer_holds_up_nobody() -> None:
    clock, done = OneByOneClock(), list[tuple[str, int]]()

    def serve(name: str, seconds: int) -> None:
        clock.pass_time(seconds)
        done.append((name, clock.now_us // 1_000_000))

    clock.after(10, lambda: serve("first", 30))
    clock.after(20, lambda: serve("second", 5))
    clock.run(clock.sleep(60))

    assert done == [("first", 40), ("second", 45)]
    assert clock.now_us == 60_000_000


def test_a_dispute_is_somebody_elses_doing() -> None:
    shop = Soak(2)
    for day in range(2):
        shop.live(day)

    by_hand = [order for order in shop.universe.store.orders() if order.attempt.payment_method in DISPUTED]

    assert all(shop.customers.visits[order.purchase.checkout_id].by_hand for order in by_hand)


# From the command line.


def test_years_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", "--seed", "7", "--years", "2", "--days", "2", "--workers", "1"]) == 0

    said = capsys.readouterr().out
    assert said.startswith("4 days, ")
    assert "0 of 2 shops broken" in said


@pytest.mark.parametrize("bad", [["--years", "0"], ["--days", "0"], ["--seed", "-1"], ["--workers", "0"]])
def test_what_is_no_soak_is_refused(bad: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", *bad]) == 2
    assert "payflows:" in capsys.readouterr().err
