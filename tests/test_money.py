"""Money: exact, and refused where it cannot be. Shares of it have a file of their own."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from decimal import Decimal, localcontext
from typing import Any

import pytest
from babel.numbers import get_currency_precision
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payflows.errors import CurrencyMismatch, InvalidMoney
from payflows.money import CURRENCIES, LARGEST_MINOR, LARGEST_SUM_MINOR, Money, Rate

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True, database=None)

STRIPES_OWN_EXPONENTS = {"isk": 2, "ugx": 2}
"""docs.stripe.com/currencies, "Special cases": where Stripe does not count as the rest of the world does."""

SMALLEST_CHARGES = {
    "usd": "0.50",
    "eur": "0.50",
    "gbp": "0.30",
    "jpy": "50",
    "chf": "0.50",
    "dkk": "2.50",
    "sek": "3.00",
    "hkd": "4.00",
    "mxn": "10.00",
    "czk": "15.00",
    "huf": "175.00",
}
"""docs.stripe.com/currencies, "Minimum and maximum charge amounts", in major units."""

minors = st.integers(0, LARGEST_MINOR)
currencies = st.sampled_from(sorted(CURRENCIES))
moneys = st.builds(Money, minors, currencies)


def usd(minor: int) -> Money:
    return Money(minor, "usd")


# Amounts.


@pytest.mark.parametrize("minor", [0, 1, LARGEST_MINOR, LARGEST_MINOR + 1, LARGEST_SUM_MINOR])
def test_every_amount_up_to_twelve_digits_is_money(minor: int) -> None:
    assert usd(minor).minor == minor


@pytest.mark.parametrize(
    "minor",
    [-1, LARGEST_SUM_MINOR + 1, 10**5000, -(10**5000)],
    ids=["negative", "too much", "far too much", "far below"],
)
def test_an_amount_beyond_the_bounds_is_refused(minor: int) -> None:
    with pytest.raises(InvalidMoney, match="between 0 and 999,999,999,999"):
        usd(minor)


@pytest.mark.parametrize(
    ("major", "currency", "minor"),
    [
        ("12.34", "usd", 1_234),
        ("12.3400", "usd", 1_234),
        ("1E+2", "usd", 10_000),
        ("0.07", "usd", 7),
        ("-0", "usd", 0),
        ("500", "jpy", 500),
        ("1.234", "kwd", 1_234),
        ("10.00", "isk", 1_000),
    ],
)
def test_major_units_become_minor_ones(major: str, currency: str, minor: int) -> None:
    assert Money.from_decimal(Decimal(major), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("major", "currency"),
    [("12.345", "usd"), ("0.5", "jpy"), ("1.2345", "kwd"), (f"1.{37 * '0'}1", "usd"), ("1E-999999", "usd")],
)
def test_more_decimals_than_the_currency_has_are_refused_not_rounded(major: str, currency: str) -> None:
    with pytest.raises(InvalidMoney, match=r"decimals, got"):
        Money.from_decimal(Decimal(major), currency)


@pytest.mark.parametrize("major", ["10000000000.00", "-0.01", "1E+30", "1E+999999"])
def test_major_units_beyond_the_bounds_are_refused_immediately(major: str) -> None:
    with pytest.raises(InvalidMoney, match="between 0 and 999,999,999,999"):
        Money.from_decimal(Decimal(major), "usd")


@PROPERTY
@given(moneys)
def test_major_units_and_back_is_the_same_amount(money: Money) -> None:
    major = Decimal(money.minor).scaleb(-CURRENCIES[money.currency].exponent)

    assert Money.from_decimal(major, money.currency) == money
    assert Decimal(str(money).split()[0].replace(",", "")) == major


def test_the_callers_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 3

        assert Money.from_decimal(Decimal("12345.67"), "usd") == usd(1_234_567)
        assert str(usd(1_234_567)) == "12,345.67 usd"


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123_456_7, "usd"), "12,345.67 usd"),
        (Money(5, "usd"), "0.05 usd"),
        (Money(0, "eur"), "0.00 eur"),
        (Money(LARGEST_MINOR, "jpy"), "99,999,999 jpy"),
        (Money(1_234, "kwd"), "1.234 kwd"),
    ],
)
def test_money_is_written_in_major_units(money: Money, text: str) -> None:
    assert str(money) == text


# Arithmetic and order.


@PROPERTY
@given(st.integers(0, LARGEST_MINOR // 2), st.integers(0, LARGEST_MINOR // 2))
def test_adding_and_taking_away_are_exact(one: int, other: int) -> None:
    both = usd(one) + usd(other)

    assert both == usd(one + other)
    assert both - usd(other) == usd(one)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: usd(LARGEST_SUM_MINOR) + usd(1),
        lambda: usd(50_000_000) * 20_000,
        lambda: usd(1) - usd(2),
        lambda: usd(1) * -1,
    ],
    ids=["sum", "product", "difference", "negative factor"],
)
def test_a_result_beyond_the_bounds_is_refused(impossible: Callable[[], Money]) -> None:
    with pytest.raises(InvalidMoney, match="between 0 and 999,999,999,999"):
        impossible()


@pytest.mark.parametrize("factor", [1.0, True, Decimal(2), "2", None])
def test_money_is_multiplied_by_whole_numbers_only(factor: object) -> None:
    with pytest.raises(InvalidMoney, match="multiplied by a whole number"):
        usd(100) * factor  # type: ignore[operator]


OPERATIONS: list[Callable[[Any, Any], object]] = [
    operator.add,
    operator.sub,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_currencies_do_not_mix(operation: Callable[[Any, Any], object]) -> None:
    with pytest.raises(CurrencyMismatch, match="amounts of one currency"):
        operation(usd(100), Money(50, "eur"))


@pytest.mark.parametrize("operation", OPERATIONS[:4])
def test_money_goes_with_money_only(operation: Callable[[Any, Any], object]) -> None:
    with pytest.raises(InvalidMoney, match=r"got 5 \(int\)"):
        operation(usd(100), 5)


def test_equal_amounts_of_two_currencies_are_not_equal() -> None:
    assert usd(100) != Money(100, "eur")
    assert len({usd(100), Money(100, "usd"), Money(100, "eur")}) == 2


@PROPERTY
@given(minors, minors)
@example(7, 7)
def test_amounts_are_ordered_as_their_numbers_are(one: int, other: int) -> None:
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        assert compare(usd(one), usd(other)) is compare(one, other)


# Currencies.


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_exponents_are_the_worlds_or_stripes_own(currency: str) -> None:
    usual = get_currency_precision(currency.upper())

    assert CURRENCIES[currency].exponent == STRIPES_OWN_EXPONENTS.get(currency, usual)


def test_stripes_own_exponents_do_differ_from_the_worlds() -> None:
    for currency, exponent in STRIPES_OWN_EXPONENTS.items():
        assert get_currency_precision(currency.upper()) != exponent


@pytest.mark.parametrize(("currency", "smallest"), SMALLEST_CHARGES.items())
def test_the_smallest_charges_are_those_that_stripe_publishes(currency: str, smallest: str) -> None:
    assert Money(CURRENCIES[currency].least_charge_minor, currency) == Money.from_decimal(Decimal(smallest), currency)


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_what_is_below_the_smallest_charge_is_refused(currency: str) -> None:
    least = CURRENCIES[currency].least_charge_minor

    assert Money(least, currency).chargeable() == Money(least, currency)
    with pytest.raises(InvalidMoney, match=f"smallest charge is .* {currency}, got .* {currency}"):
        Money(least - 1, currency).chargeable()


def test_what_is_above_the_largest_charge_is_money_and_is_not_charged() -> None:
    assert usd(LARGEST_MINOR).chargeable() == usd(LARGEST_MINOR)
    with pytest.raises(InvalidMoney, match=r"largest charge is 999,999\.99 usd, got 1,000,000\.00 usd"):
        usd(LARGEST_MINOR + 1).chargeable()


@pytest.mark.parametrize(("minor", "currency"), [(279_420, "isk"), (50_050, "ugx"), (21_033, "kwd"), (21_033, "tnd")])
def test_a_fraction_that_stripe_refuses_is_not_chargeable(minor: int, currency: str) -> None:
    with pytest.raises(InvalidMoney, match=f"amounts in {currency} are divisible by"):
        Money(minor, currency).chargeable()


@pytest.mark.parametrize("currency", ["USD", "Usd", "xyz", "", " usd", None, 840, ["usd"]])
def test_an_unknown_currency_is_refused(currency: object) -> None:
    with pytest.raises(InvalidMoney, match="known lower-case code"):
        Money(100, currency)  # type: ignore[arg-type]


# Values.


@pytest.mark.parametrize("value", [Money(1_999, "usd"), Rate(825)])
def test_values_travel_and_do_not_change(value: Money | Rate) -> None:
    for travelled in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        assert travelled == value
        assert hash(travelled) == hash(value)
    with pytest.raises(FrozenInstanceError):
        setattr(value, fields(value)[0].name, 1)
