"""What usage costs by tiers: Stripe's own numbers, and what holds of all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from payflows.errors import InvalidPolicy
from payflows.money import Money
from simulations.stripe.billing.proration import rounded
from simulations.stripe.billing.tiers import Tier, TiersMode, check_tiers, cost_of
from simulations.time.draws import Draws, Stream
from tests.billing_fixture import BillingFixture

GRADUATED, VOLUME = TiersMode.GRADUATED, TiersMode.VOLUME

FONTS = (Tier(5, 700), Tier(10, 650), Tier(None, 600))
"""docs.stripe.com/subscriptions/pricing-models/tiered-pricing."""

LLAMA = (Tier(100_000), Tier(None, Decimal("0.1")))
"""docs.stripe.com/billing/subscriptions/usage-based/pricing-models: 200 USD include 100,000 tokens; then 0.001 USD."""

HYPERNIAN = (Tier(1000), Tier(None, 4))
"""docs.stripe.com/billing/subscriptions/usage-based-v1/use-cases/flat-fee-and-overages: 1,000 free, then 0.04 USD."""

OVERFLOW = (Tier(100_000, flat_amount=400), Tier(None, Decimal("0.0065")))
"""insiders.stripe.dev/t/how-to-charge-for-free-overflow-tokens/2696: 4 USD for the first 100,000, then 0.000065 USD."""


@pytest.mark.parametrize(
    ("units", "tiers", "mode", "minor"),
    [
        (1, FONTS, VOLUME, 700),
        (5, FONTS, VOLUME, 3500),
        (6, FONTS, VOLUME, 3900),
        (20, FONTS, VOLUME, 12_000),
        (25, FONTS, VOLUME, 15_000),
        (5, FONTS, GRADUATED, 3500),
        (6, FONTS, GRADUATED, 4150),  # 5 x 7 and 1 x 6.50
        (100_000, LLAMA, GRADUATED, 0),
        (150_000, LLAMA, GRADUATED, 5000),  # 50,000 x 0.001
        (1000, HYPERNIAN, GRADUATED, 0),
        (1500, HYPERNIAN, GRADUATED, 2000),  # 500 x 0.04
        (100_070, OVERFLOW, GRADUATED, 400),  # 4.00455, of which 4.00 is charged
    ],
)
def test_stripes_own_numbers(units: int, tiers: tuple[Tier, ...], mode: TiersMode, minor: int) -> None:
    assert rounded(cost_of(units, tiers, mode), "usd") == minor


def test_a_flat_amount_is_charged_for_every_tier_that_is_reached_or_for_the_one_that_is() -> None:
    tiers = (Tier(10, 100, 500), Tier(None, 50, 300))

    assert cost_of(11, tiers, GRADUATED) == 10 * 100 + 500 + 50 + 300
    assert cost_of(11, tiers, VOLUME) == 11 * 50 + 300
    assert cost_of(0, tiers, GRADUATED) == cost_of(0, tiers, VOLUME) == 500


@pytest.mark.parametrize(
    "tiers", [(), (Tier(5, 1),), (Tier(None, 1), Tier(None, 1)), (Tier(5, 1), Tier(5, 1), Tier(None, 1))]
)
def test_tiers_must_grow_and_the_last_has_no_end(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(InvalidPolicy):
        check_tiers(tiers)


def test_a_price_that_no_one_could_bill_by_is_refused() -> None:
    stripe, five = BillingFixture().stripe, Money(5, "usd")
    stripe.add_meter("calls")
    with pytest.raises(InvalidPolicy, match="meter"):
        stripe.add_price("price_x", product="x", amount=five, interval="month", tiers=FONTS)
    with pytest.raises(InvalidPolicy, match="amount must be 0"):
        stripe.add_price("price_x", product="x", amount=five, interval="month", meter="calls", tiers=FONTS)
    with pytest.raises(InvalidPolicy, match="graduated, volume"):
        stripe.add_price("price_x", product="x", amount=five, interval="month", meter="calls", tiers_mode="stairs")
    with pytest.raises(InvalidPolicy, match="sum, count, last"):
        stripe.add_meter("calls", "median")


def check_tiers_unit_by_unit(cases: range) -> None:
    draws = Draws(1).of("tiers")
    for case in cases:
        tiers, units = _drawn_tiers(draws, case), draws.below(60, case, 0)
        each = [
            next(tier for tier in tiers if tier.up_to is None or unit <= tier.up_to) for unit in range(1, units + 1)
        ]
        reached = dict.fromkeys([tiers[0], *each])
        flat, last = sum(tier.flat_amount for tier in reached), each[-1] if each else tiers[0]

        assert cost_of(units, tiers, GRADUATED) == flat + sum(Fraction(tier.unit_amount) for tier in each)
        assert cost_of(units, tiers, VOLUME) == units * Fraction(last.unit_amount) + last.flat_amount


def test_graduated_is_the_sum_of_its_units_and_volume_the_price_of_the_last() -> None:
    check_tiers_unit_by_unit(range(2000))


@pytest.mark.on_demand
def test_the_same_of_many_more() -> None:
    check_tiers_unit_by_unit(range(2000, 100_000))


def _drawn_tiers(draws: Stream, case: int) -> tuple[Tier, ...]:
    """Return up to four tiers, no two with the same amount."""
    ends, end = list[int | None](), 0
    for number in range(draws.below(4, case, 1)):
        end += 1 + draws.below(20, case, 2 + number)
        ends.append(end)
    return tuple(
        Tier(up_to, Decimal(draws.below(10_000, case, 10 + number)) / 100 + number, draws.below(3, case, 20 + number))
        for number, up_to in enumerate([*ends, None])
    )
