"""A shop's day: checked, tidy, and the same again for the same seed, whatever else runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from simulations.checkout.checkers.final_state import check_shop
from simulations.checkout.day.result import Day, OtherCustomers
from simulations.checkout.day.run import run
from simulations.checkout.day.scenario import FlashSale, Product, ShopDay
from simulations.checkout.day.visit import Departure
from simulations.checkout.scripted_shop import NO_FUNDS, ScriptedShop
from simulations.drawing.picture import Picture
from simulations.network.link import Outage
from simulations.search.breach import InvariantBroken
from tests.sample_orders import with_charge

QUIET = ShopDay(
    arrivals_by_hour=(0,) * 13 + (40, 60) + (0,) * 9,
    products={"mug": Product(price_minor=1_450, stock=120, popularity=3), "lamp": Product(price_minor=5_900, stock=60)},
    outage=Outage(start="14:10", minutes=20),
    transit_seconds=3_600,
)
"""Two hours of customers around an outage."""


@pytest.fixture(scope="module")
def day() -> Day:
    return run(QUIET, seed=7)


def test_every_order_has_settled_by_itself(day: Day) -> None:
    assert not day.shop.unsettled()
    assert len(day.orders) > 60
    assert set(day.orders["status"]) == {"delivered", "cancelled", "payment_failed"}


def test_the_outage_was_felt_and_no_customer_was_charged_twice(day: Day) -> None:
    lost = day.calls[day.calls["outcome"] == "OutcomeUnknown"]
    captured = [m.source_id for m in day.shop.stripe.movements if m.kind == "captured"]

    assert len(lost) > 50
    assert lost["started_at"].dt.hour.unique().tolist() == [14]
    assert len(captured) == len(set(captured)) == (day.orders["status"] == "delivered").sum()


def test_orders_settle_within_ten_minutes_of_the_end_of_the_outage(day: Day) -> None:
    statuses = day.statuses.merge(day.orders[["order_id", "reason"]], on="order_id", suffixes=("", "_at_the_end"))
    bought = statuses[statuses["reason_at_the_end"].isna()]
    paid = bought[bought["status"] == "paid"].set_index("order_id")["at"]
    placed = day.orders.set_index("order_id")["placed_at"]
    asked = bought[bought["status"] == "customer_action"]["order_id"]
    during = placed[(placed.dt.hour == 14) & placed.dt.minute.between(10, 29)].index.difference(asked)
    waited = paid.reindex(during).dropna()

    assert len(waited) > 3
    assert waited.max() <= pd.Timestamp("2026-01-01 14:40", tz="UTC")


def test_the_tables_are_tidy_and_carry_seed_and_parameters(day: Day) -> None:
    for table in (day.orders, day.calls, day.stock, day.statuses, day.summary()):
        assert table.attrs["seed"] == 7
        assert table.attrs["scenario"]["outage"]["minutes"] == 20
    for table in (day.orders, day.calls, day.stock, day.statuses):
        assert (table["seed"] == 7).all()
    assert day.orders["order_id"].is_unique
    assert day.summary()["orders"].sum() == len(day.orders)


def test_the_stock_table_never_loses_a_piece(day: Day) -> None:
    whole = day.stock["available"] + day.stock["held"] + day.stock["sold"]
    initial = day.stock["product_id"].map({name: product.stock for name, product in QUIET.products.items()})

    assert (whole == initial).all()
    assert (day.stock[["available", "held", "sold"]] >= 0).all().all()


def test_customers_leave_as_their_orders_ended(day: Day) -> None:
    bought = day.orders[day.orders["farewell"] == Departure.BOUGHT]

    assert set(bought["status"]) == {"delivered"}
    assert day.orders["farewell"].notna().all()


def test_the_same_seed_is_the_same_day_call_by_call(day: Day) -> None:
    assert run(QUIET, seed=7).trace_hash == day.trace_hash
    assert run(QUIET, seed=8).trace_hash != day.trace_hash


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_a_fresh_process_runs_the_same_day(day: Day, hash_seed: str) -> None:
    imports = "from tests.test_day import QUIET; from simulations.checkout.day.run import run"
    script = f"{imports}; print(run(QUIET, seed=7).trace_hash)"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}

    printed = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == day.trace_hash


def test_a_shorter_latency_leaves_the_customers_as_they_were(day: Day) -> None:
    faster = run(replace(QUIET, gateway_latency=QUIET.shelf_latency, outage=None), seed=7)

    columns = ["checkout_id", "pieces", "total_minor"]
    before, after = (table.orders[columns].sort_values("checkout_id", ignore_index=True) for table in (day, faster))
    pd.testing.assert_frame_equal(before, after, check_flags=False)


def test_a_flash_sale_brings_more_and_sells_its_product_out() -> None:
    sale = FlashSale(start="14:00", minutes=30, factor=6, product_id="lamp")

    rushed = run(replace(QUIET, flash_sale=sale, outage=None), seed=7)

    assert len(rushed.orders) > 150
    assert rushed.stock[rushed.stock["product_id"] == "lamp"]["available"].min() == 0
    assert (rushed.orders["reason"] == "out_of_stock").sum() > 20


def test_the_figures_are_drawn_alike_each_time(day: Day) -> None:
    plots: list[Callable[[], Picture]] = [day.plot_orders, day.plot_latency, day.plot_stock]
    for plot in plots:
        png = plot()._repr_png_()
        assert png.startswith(b"\x89PNG")
        assert png == plot()._repr_png_()


class TestADayAgainstAnother:
    """The same customers, order by order."""

    def test_a_day_against_itself_has_nothing_to_tell(self, day: Day) -> None:
        assert day.against(run(QUIET, seed=7)).empty

    def test_one_card_only_says_what_became_of_each_order_that_a_second_card_saved(self, day: Day) -> None:
        strict = run(replace(QUIET, policy=CheckoutPolicy(max_tries=1)), seed=7)

        otherwise = strict.against(day)

        lost = otherwise[otherwise["here"] == "payment_failed: cards_declined"]
        saved = day.orders[(day.orders["status"] == "delivered") & (day.orders["tries"] > 1)]
        assert set(saved["order_id"]) <= set(lost["order"])
        assert (otherwise["here"] != otherwise["there"]).all()
        assert len(otherwise) < len(day.orders)

    def test_it_reads_the_same_from_the_other_side(self, day: Day) -> None:
        calm = run(replace(QUIET, outage=None), seed=7)

        here, there = day.against(calm), calm.against(day)

        assert here["here"].tolist() == there["there"].tolist()
        assert here["order"].tolist() == there["order"].tolist()
        assert len(here) > 0

    def test_other_customers_cannot_be_compared(self, day: Day) -> None:
        with pytest.raises(OtherCustomers, match="different customers"):
            day.against(run(QUIET, seed=8))

        with pytest.raises(OtherCustomers):
            day.against(run(replace(QUIET, flash_sale=FlashSale(start="14:00", product_id="lamp")), seed=7))


def test_the_summary_says_money_as_people_do(day: Day) -> None:
    delivered = day.orders[day.orders["status"] == "delivered"]
    summary = day.summary().set_index(["status", "reason"])

    assert summary.loc[("delivered", ""), "total"] == f"{delivered['total_minor'].sum() / 100:,.2f} usd"
    assert summary.loc[("delivered", ""), "orders"] == day.sold == len(delivered)


def test_what_is_open_at_midnight_is_written_beside_what_is_not(day: Day) -> None:
    late = run(replace(QUIET, arrivals_by_hour=(0,) * 23 + (300,), outage=None), seed=7)

    def words(picture: Picture) -> str:
        return " ".join(text.get_text() for axes in picture.figure.axes for text in axes.texts)

    assert "open at\nmidnight" in words(late.plot_orders())
    assert "midnight" not in words(day.plot_orders())


def put(shop: ScriptedShop, order: Order) -> None:
    """Store it, whatever was there."""
    shop.store._tables[ORDERS.name].rows[order.id] = order


class TestTheCheckersSee:
    """Each checker is shown the breach that it is there for: a checker that cannot fail checks nothing."""

    def test_money_kept_for_an_order_that_failed(self) -> None:
        shop = ScriptedShop()
        order = shop.buy()

        put(shop, replace(shop.now(order), status=OrderStatus.CANCELLED))

        assert "I1" in _breaches(shop)

    def test_goods_sent_without_money(self) -> None:
        shop = ScriptedShop()
        order = shop.buy(card=NO_FUNDS)

        put(shop, replace(shop.now(order), status=OrderStatus.SHIPPED))

        assert {"I1", "I9", "I12", "I13"} <= _breaches(shop)

    def test_stock_that_came_from_nowhere(self) -> None:
        shop = ScriptedShop()
        shop.buy()

        shop.inventory._available["mug"] += 1

        assert "I10" in _breaches(shop)

    def test_an_order_without_a_worker(self) -> None:
        shop = ScriptedShop(poll_seconds=None)
        shop.stripe.refuse_connections("create_payment", times=3)
        shop.buy()

        assert {"I14", "I11"} <= _breaches(shop)

    def test_a_refund_that_our_store_does_not_know(self) -> None:
        shop = ScriptedShop(pickup_seconds=1_800)
        order = shop.cancel(shop.buy())

        put(shop, replace(with_charge(order, refunded=False), status=OrderStatus.DELIVERED))

        assert {"I9", "I12"} <= _breaches(shop)

    def test_mail_that_never_left(self) -> None:
        shop = ScriptedShop(poll_seconds=None)
        shop.buy()

        assert {"I24", "I27"} <= _breaches(shop)

    def test_an_answer_that_did_not_stay_true(self, day: Day) -> None:
        visit = next(visit for visit in day.visits if visit.farewell is Departure.BOUGHT)
        answer: Order = replace(visit.answers[-1][1], status=OrderStatus.PAYMENT_FAILED)
        liar = replace(visit, answers=[(0, answer)])

        with pytest.raises(InvariantBroken, match="I16"):
            check_shop(day.shop, [liar])


def _breaches(shop: ScriptedShop) -> set[str]:
    with pytest.raises(InvariantBroken) as broken:
        check_shop(shop)
    return {breach.promise for breach in broken.value.breaches}


def test_a_day_without_customers_has_tables_and_figures_like_any_other() -> None:
    quiet = run(ShopDay(arrivals_by_hour=(0,) * 24), seed=1)

    assert list(map(len, (quiet.orders, quiet.calls, quiet.statuses, quiet.summary()))) == [0, 0, 0, 0]
    assert quiet.sold == 0
    assert list(quiet.stock["available"]) == [product.stock for product in quiet.scenario.products.values()]
    for figure in (quiet.plot_orders(), quiet.plot_latency(), quiet.plot_stock()):
        assert len(figure._repr_png_()) > 1_000
