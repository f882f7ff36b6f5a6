"""The fee lab: best fees, sellers of many sizes, two schedules side by side, and the sentence that comes of it."""

from __future__ import annotations

import numpy as np
import pytest

from payflows.errors import InvalidInput, InvalidPolicy
from payflows.marketplace.fee_terms import FeeTerms, FeeTier, StripeFee, StripeFeeBorneBy
from payflows.marketplace.fees import FeeSchedule
from payflows.money import Money, Rate
from simulations.marketplace.fee_lab import FeeComparison, Span, compare_fees, find_best_fees
from simulations.marketplace.figures.best_fees import best_fees_map, kept_by_fee
from simulations.marketplace.figures.schedules import break_even_map, gains_over_time
from simulations.marketplace.sellers import Seller, SellerPopulation, kept_of
from simulations.models.market import MarketParameters

MARKETS = 40
TEN = ("10 %", FeeSchedule.flat("usd", 1_000))
TWELVE = ("12 %", FeeSchedule.flat("usd", 1_200))
SELLERS = SellerPopulation(count=40).sellers(1)


def test_a_best_fee_is_a_range_over_markets_or_none() -> None:
    found = find_best_fees(1, hazards=(0.003, 0.02), horizons=(4, 20), markets=MARKETS)
    none, _, _, corner = found.cells

    assert (none.fee, none.none_share, none.text) == (None, 1.0, "none\nin 100 %")
    assert corner.fee == Span(0.1, 0.1, 0.1)
    assert found.table().shape == (2, 2)


def test_there_is_none_where_half_of_the_buyers_stay_and_demand_is_as_usual() -> None:
    found = find_best_fees(1, buyers_who_stay=0.5, markets=MARKETS)

    assert all(cell.none_share > 0.5 for cell in found.cells)


def test_sellers_are_those_of_the_seed_and_of_all_sizes() -> None:
    population = SellerPopulation(count=400, median_order_minor=4_000, median_orders_per_month=8)
    sellers = population.sellers(7)

    assert sellers == population.sellers(7) != population.sellers(8)
    assert 3_500 < np.median([seller.order.minor for seller in sellers]) < 4_500
    assert 6 <= np.median([seller.orders_per_month for seller in sellers]) <= 10


def test_what_is_kept_of_a_seller_follows_the_schedule_order_by_order() -> None:
    tiers = FeeTerms(tiers=(FeeTier(Rate(2_000), 5_000), FeeTier(Rate(1_000))))
    seller = Seller(Money(5_000, "usd"), 2)

    kept = kept_of(FeeSchedule(currency="usd", terms=tiers), (seller,))

    assert kept.fee.tolist() == [0.15]
    assert kept.cost.tolist() == [175 / 5_000]


def test_the_same_schedule_keeps_the_same() -> None:
    same = compare_fees(1, SELLERS, TEN, ("the same", TEN[1]), markets=MARKETS)

    assert not same.gains.any()
    assert same.decision == "the same keeps as much as 10 %, in every market."


@pytest.mark.parametrize("percent", [0, 1, 2, 3, 4])
def test_beside_a_fee_that_loses_money_one_that_earns_is_to_be_taken(percent: int) -> None:
    """Of a loss nothing is a share: what is gained is then a share of sales."""
    losing = (f"{percent} %", FeeSchedule.flat("usd", 100 * percent))

    compared = compare_fees(1, SELLERS, losing, TWELVE, quarters=4, markets=MARKETS)

    assert not compared.in_profit
    assert 0 < compared.gain().low <= compared.gain().high < 0.12
    assert f"Take 12 %: over 4 quarters 12 % keeps +{100 * compared.gain().median:.0f} % of sales" in compared.decision
    assert compared.more_share == 1


def test_a_rise_pays_soon_and_less_and_less() -> None:
    compared = compare_fees(1, SELLERS, TEN, TWELVE, markets=MARKETS)

    medians = [compared.gain(quarters).median for quarters in (1, 8, 20)]
    assert medians == sorted(medians, reverse=True)
    assert compared.decision.startswith("Take 12 %: over 12 quarters 12 % keeps +")


def test_a_rise_does_not_pay_where_sellers_leave_quickly_with_their_buyers() -> None:
    compared = compare_fees(
        1, SELLERS, TEN, TWELVE, quarters=20, markets=MARKETS, exit_hazard=0.05, buyers_who_stay=0.0
    )

    assert compared.decision.startswith("Stay with 10 %: over 20 quarters 12 % keeps -")
    assert compared.more_share == 0


def test_vendors_who_bear_stripes_fee_leave_the_platform_its_own() -> None:
    by_vendors = StripeFee(rate=Rate(290), fixed_minor=30, borne_by=StripeFeeBorneBy.VENDOR)

    kept = kept_of(FeeSchedule.flat("usd", 1_000, stripe_fee=by_vendors), SELLERS)

    assert kept.fee - kept.cost == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize(
    ("gains", "begins"),
    [((0.01, 0.2), "Take other"), ((-0.2, -0.01), "Stay with now"), ((-0.1, 0.1), "It is not known which is better")],
)
def test_the_decision_is_known_only_where_nine_of_ten_markets_agree(gains: tuple[float, float], begins: str) -> None:
    spread = np.linspace(*gains, 21)[:, None]

    assert FeeComparison(("now", "other"), 1, Span(0, 0, 0), spread).decision.startswith(f"{begins}: over 1 quarters")


def test_figures_state_what_they_show() -> None:
    compared = compare_fees(1, SELLERS, TEN, TWELVE, markets=MARKETS)
    found = find_best_fees(1, hazards=(0.003, 0.02), horizons=(4, 20), markets=MARKETS)
    market = MarketParameters(exit_hazard=0.008)

    titles = [
        picture.figure.get_suptitle()
        for picture in (
            kept_by_fee(market),
            kept_by_fee(MarketParameters(), (4, 8)),
            best_fees_map(found),
            break_even_map(dict((TEN, TWELVE)), largest=Money(50_000, "usd")),
            gains_over_time([compared]),
        )
    ]

    assert titles == [
        "One market, 0.8 % exit a quarter and point: a best fee below 30 % for 3 of 4 horizons",
        "One market, 0.4 % exit a quarter and point: no best fee below 30 %",
        "In 2 of 4 cases there is no best fee: what is kept still rises at 30 %",
        "2 of 2 schedules lose money on some sales",
        "More than 10 % after 12 quarters in nine of ten markets: 12 %",
    ]


def test_what_cannot_be_is_refused() -> None:
    yen = FeeSchedule.flat("jpy", 1_000)

    with pytest.raises(InvalidPolicy, match="the sellers must sell in jpy, got usd"):
        kept_of(yen, SELLERS)
    with pytest.raises(InvalidPolicy, match="the schedule 12 % must be a FeeSchedule, got float"):
        compare_fees(1, SELLERS, TEN, ("12 %", 0.12))  # type: ignore[arg-type]
    with pytest.raises(InvalidPolicy, match="sellers must be at least 1, got 0"):
        compare_fees(1, [], TEN, TWELVE)
    for quarters in (-1, 0, 21):
        with pytest.raises(InvalidPolicy, match="quarters must be a whole number from 1 to 20"):
            compare_fees(1, SELLERS, TEN, TWELVE, markets=5).gain(quarters)
    for horizons in ((0,), ()):
        with pytest.raises(InvalidPolicy, match="horizon"):
            find_best_fees(1, horizons=horizons, markets=5)
    with pytest.raises(InvalidPolicy, match="a market has no exit"):
        compare_fees(1, SELLERS, TEN, TWELVE, exit=0.1)
    with pytest.raises(InvalidInput, match="the smallest charge is"):
        SellerPopulation(median_order_minor=10)
    with pytest.raises(InvalidPolicy, match="schedules must be 1 to 4 by name"):
        break_even_map({}, largest=Money(50_000, "usd"))
