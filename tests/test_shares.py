"""Shares of money: split without losing a unit, and rates within half of one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import InvalidMoney
from payflows.money import LARGEST_MINOR, Money, Rate

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True, database=None)

minors = st.integers(0, LARGEST_MINOR)
weights = st.lists(st.integers(0, 1_000), min_size=1, max_size=12).filter(any)


def usd(minor: int) -> Money:
    return Money(minor, "usd")


# Splitting.


@PROPERTY
@given(minors, weights)
def test_shares_sum_to_the_whole_and_each_is_within_one_of_exact(minor: int, weights: list[int]) -> None:
    shares = usd(minor).split(weights)

    assert sum(share.minor for share in shares) == minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * sum(weights) - minor * weight) < sum(weights)


@PROPERTY
@given(minors, weights)
def test_a_larger_weight_never_gets_less_and_none_gets_nothing(minor: int, weights: list[int]) -> None:
    shares = usd(minor).split(weights)

    by_weight = sorted(zip(weights, shares, strict=True), key=lambda pair: (pair[0], pair[1].minor))
    assert [share for _, share in by_weight] == sorted(shares)
    assert all(share.minor == 0 for weight, share in by_weight if weight == 0)


@pytest.mark.parametrize(
    ("minor", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (100, [2, 1], [67, 33]),
        (10, [3, 3, 4], [3, 3, 4]),
        (5, [1, 2], [2, 3]),
        (1, [1, 0, 1], [1, 0, 0]),
        (0, [1, 2], [0, 0]),
        (7, [5], [7]),
    ],
)
def test_what_is_left_goes_to_the_largest_remainders_the_first_first(
    minor: int, weights: list[int], shares: list[int]
) -> None:
    assert [share.minor for share in usd(minor).split(weights)] == shares


@pytest.mark.parametrize(("currency", "step"), [("isk", 100), ("kwd", 10)])
def test_shares_of_what_stripe_takes_are_amounts_that_stripe_takes(currency: str, step: int) -> None:
    shares = Money(10 * step, currency).split([1, 1, 1])

    assert [share.minor for share in shares] == [4 * step, 3 * step, 3 * step]
    assert Money(10 * step + 1, currency).split([1]) == (Money(10 * step + 1, currency),)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1.0], [True], ["1"]], ids=repr)
def test_weights_that_cannot_share_are_refused(weights: object) -> None:
    with pytest.raises(InvalidMoney, match="weights are whole numbers"):
        usd(100).split(weights)  # type: ignore[arg-type]


# Rates.


@PROPERTY
@given(minors, st.integers(0, 10_000))
def test_a_rate_takes_its_share_within_half_a_unit(minor: int, bps: int) -> None:
    taken = Rate(bps).of(usd(minor)).minor

    assert -10_000 < 2 * (taken * 10_000 - minor * bps) <= 10_000
    assert 0 <= taken <= minor


@pytest.mark.parametrize(
    ("bps", "minor", "share"),
    [(5_000, 1, 1), (5_000, 3, 2), (1, 4_999, 0), (1, 5_000, 1), (0, 999, 0), (10_000, 999, 999), (825, 1_000, 83)],
)
def test_halves_are_rounded_up(bps: int, minor: int, share: int) -> None:
    assert Rate(bps).of(Money(minor, "jpy")) == Money(share, "jpy")


@pytest.mark.parametrize("bps", [-1, 10_001, 8.25, float("nan"), True, "825", Decimal(825), None])
def test_a_rate_that_is_none_is_refused(bps: object) -> None:
    with pytest.raises(InvalidMoney, match="0 to 10,000 basis points"):
        Rate(bps)  # type: ignore[arg-type]


@pytest.mark.parametrize(("bps", "text"), [(825, "8.25 %"), (800, "8 %"), (1, "0.01 %"), (10_000, "100 %")])
def test_a_rate_is_written_in_percent(bps: int, text: str) -> None:
    assert str(Rate(bps)) == text
