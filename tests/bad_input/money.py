"""Amounts, currencies and rates that cannot be."""

from __future__ import annotations

from decimal import Decimal

from payflows.errors import CurrencyMismatch, InvalidMoney
from payflows.money import Money, Rate
from tests.bad_input.rows import INFINITY, NAN, Call, rows


def amount(minor: object, currency: object = "usd") -> Call:
    return lambda _: Money(minor, currency)  # type: ignore[arg-type]


def major(units: object, currency: str = "usd") -> Call:
    return lambda _: Money.from_decimal(units, currency)  # type: ignore[arg-type]


MONEY = [
    *rows(
        "money",
        InvalidMoney,
        {
            "float": amount(10.0),
            "NaN": amount(NAN),
            "Infinity": amount(INFINITY),
            "bool": amount(True),
            "text": amount("1000"),
            "Decimal minor units": amount(Decimal(1_000)),
            "nothing": amount(None),
            "negative": amount(-1),
            "more than 999,999,999,999": amount(10**12),
            "far more": amount(10**5_000),
            "float major units": major(10.0),
            "Decimal NaN": major(Decimal("NaN")),
            "Decimal sNaN": major(Decimal("sNaN")),
            "Decimal Infinity": major(Decimal("-Infinity")),
            "text major units": major("10.00"),
            "negative major units": major(Decimal("-0.01")),
            "too many decimals": major(Decimal("10.005")),
            "too many decimals for yen": major(Decimal("10.5"), "jpy"),
            "too many decimals, far behind": major(Decimal(f"10.{40 * '0'}1")),
            "too many major units": major(Decimal("10000000000.00")),
            "major units beyond any": major(Decimal("1E+999999")),
            "below the minimum": lambda _: Money(49, "usd").chargeable(),
            "zero as a charge": lambda _: Money(0, "usd").chargeable(),
            "unknown currency": amount(1_000, "xyz"),
            "upper-case currency": amount(1_000, "USD"),
            "currency with a space": amount(1_000, "usd "),
            "currency as a number": amount(1_000, 840),
            "currency as a list": amount(1_000, ["usd"]),
            "no currency": amount(1_000, None),
            "plus a number": lambda _: Money(1, "usd") + 1,  # type: ignore[operator]
            "times a float": lambda _: Money(1, "usd") * 1.5,  # type: ignore[operator]
            "rate as a float": lambda _: Rate(0.08),  # type: ignore[arg-type]
            "rate above the whole": lambda _: Rate(10_001),
            "negative rate": lambda _: Rate(-1),
        },
    ),
    *rows(
        "money",
        CurrencyMismatch,
        {
            "added across currencies": lambda _: Money(1, "usd") + Money(1, "eur"),
            "taken away across currencies": lambda _: Money(1, "usd") - Money(1, "eur"),
            "compared across currencies": lambda _: Money(1, "usd") < Money(1, "eur"),
        },
    ),
]
