"""The benchmark of a marketplace's orders is fair: both sell as many as they say, and all come to their end."""

from __future__ import annotations

from dataclasses import replace

from payflows.checkout.messages import ORDERS
from payflows.marketplace.messages import PAYOUTS, SALES
from simulations.marketplace.year.arrivals import Arrivals
from simulations.time.draws import Draws
from tests.bench import marketplace_bench as bench


def test_the_checkout_sells_all_of_its_orders_and_the_parcels_arrive() -> None:
    orders = list(bench.run_checkout(20).all(ORDERS))

    assert [order.status for order in orders] == ["delivered"] * 20


def test_the_marketplace_settles_what_it_sells_with_payouts_and_without() -> None:
    short = [replace(scenario, days=60) for scenario in (bench.YEAR, bench.UNPAID)]

    paid_out, unpaid = (bench.run_marketplace(scenario, 0).store for scenario in short)

    sales = [[(sale.id, sale.charge.amount) for sale in store.all(SALES)] for store in (paid_out, unpaid)]
    assert sales[0] == sales[1]
    assert len(sales[0]) > 20
    assert list(paid_out.all(PAYOUTS))
    assert not list(unpaid.all(PAYOUTS))


def test_a_year_of_the_benchmark_has_a_thousand_orders() -> None:
    counts = [len(Arrivals(bench.YEAR, Draws(seed)).orders()) for seed in range(bench.REPLICATIONS)]

    assert sum(counts) >= 1_000 * bench.REPLICATIONS
