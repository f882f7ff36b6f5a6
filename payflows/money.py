"""Amounts of money and rates: integers only, never a float. Prices and fees are built from these elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import NamedTuple

from payflows.errors import CurrencyMismatch, InvalidMoney

LARGEST_MINOR = 99_999_999
"""The largest amount that Stripe takes in one charge: eight digits of minor units (Stripe docs, "amount")."""

LARGEST_SUM_MINOR = 10**12 - 1
"""The largest amount at all. Charges add up, and what a vendor is owed for many is one payout."""

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""So that nothing is rounded, whatever decimal context the caller has set."""


class Currency(NamedTuple):
    """What must be known of a currency before a charge.

    Attributes:
        exponent: decimals of the minor unit as Stripe counts them.
        least_charge_minor: the smallest charge that Stripe takes (Stripe docs, "Minimum and maximum charge
            amounts"); the step where none is published.
        step_minor: amounts that Stripe takes are divisible by it (Stripe docs, "Special cases").
        payout_step_minor: amounts that Stripe pays out are divisible by it (the same page).
    """

    exponent: int
    least_charge_minor: int
    step_minor: int = 1
    payout_step_minor: int = 1


CURRENCIES: dict[str, Currency] = {
    "aed": Currency(2, 200),
    "aud": Currency(2, 50),
    "bhd": Currency(3, 10, step_minor=10),
    "brl": Currency(2, 50),
    "cad": Currency(2, 50),
    "chf": Currency(2, 50),
    "clp": Currency(0, 1),
    "czk": Currency(2, 1500),
    "dkk": Currency(2, 250),
    "eur": Currency(2, 50),
    "gbp": Currency(2, 30),
    "hkd": Currency(2, 400),
    "huf": Currency(2, 17500, payout_step_minor=100),  # charged with two decimals, and paid out with none
    "inr": Currency(2, 50),
    "isk": Currency(2, 100, step_minor=100),  # two decimals at Stripe, none in ISO 4217
    "jod": Currency(3, 10, step_minor=10),
    "jpy": Currency(0, 50),
    "krw": Currency(0, 1),
    "kwd": Currency(3, 10, step_minor=10),
    "mxn": Currency(2, 1000),
    "myr": Currency(2, 200),
    "nok": Currency(2, 300),
    "nzd": Currency(2, 50),
    "omr": Currency(3, 10, step_minor=10),
    "pln": Currency(2, 200),
    "ron": Currency(2, 200),
    "sek": Currency(2, 300),
    "sgd": Currency(2, 50),
    "thb": Currency(2, 1000),
    "tnd": Currency(3, 10, step_minor=10),
    "ugx": Currency(2, 100, step_minor=100),  # as isk
    "usd": Currency(2, 50),
    "vnd": Currency(0, 1),
}
"""Currencies that a shop may sell in, by Stripe's lower-case code."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of one currency, never negative: who owes whom is said by where it stands.

    Attributes:
        minor: whole minor units (cents, yen, fils), 0 to 999,999,999,999; one charge has eight digits at most.
        currency: Stripe's lower-case code, one of `CURRENCIES`.

    Raises:
        InvalidMoney: for anything else, a float or a bool among it.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise InvalidMoney(f"an amount is a whole number of minor units, got {_seen(self.minor)}")
        if not 0 <= self.minor <= LARGEST_SUM_MINOR:
            most = f"{LARGEST_SUM_MINOR:,}"
            raise InvalidMoney(f"an amount lies between 0 and {most} minor units, got {_shown(self.minor)}")
        if not isinstance(self.currency, str) or self.currency not in CURRENCIES:
            raise InvalidMoney(f"a currency is a known lower-case code such as 'usd', got {_seen(self.currency)}")

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> Money:
        """Money from major units, such as `Decimal("12.34")` dollars; never rounds.

        Raises:
            InvalidMoney: not a finite Decimal, or more decimals than the currency has.
        """
        if not isinstance(amount, Decimal) or not amount.is_finite():
            raise InvalidMoney(f"an amount in major units is a finite Decimal, got {_seen(amount)}")
        scaled = amount.scaleb(Money(0, currency)._exponent, _EXACT)
        if scaled != scaled.to_integral_value(context=_EXACT):
            raise InvalidMoney(f"{currency} has {CURRENCIES[currency].exponent} decimals, got {amount}")
        if not 0 <= scaled <= LARGEST_SUM_MINOR:  # looked at first: as an int, 1E+999999 would take a minute
            most = f"{LARGEST_SUM_MINOR:,}"
            raise InvalidMoney(f"an amount lies between 0 and {most} minor units, got {amount} {currency}")
        return cls(int(scaled), currency)

    @property
    def _exponent(self) -> int:
        return CURRENCIES[self.currency].exponent

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        if type(quantity) is not int:
            raise InvalidMoney(f"money is multiplied by a whole number, got {_seen(quantity)}")
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        major = Decimal(self.minor).scaleb(-self._exponent, _EXACT)
        return f"{major:,.{self._exponent}f} {self.currency}"

    def chargeable(self) -> Money:
        """The same amount, once it is known that Stripe would charge it.

        Raises:
            InvalidMoney: it is not between the smallest and the largest charge, or has a fraction that Stripe refuses.
        """
        least, step = CURRENCIES[self.currency].least_charge_minor, CURRENCIES[self.currency].step_minor
        if self.minor < least:
            raise InvalidMoney(f"the smallest charge is {Money(least, self.currency)}, got {self}")
        if self.minor > LARGEST_MINOR:
            raise InvalidMoney(f"the largest charge is {Money(LARGEST_MINOR, self.currency)}, got {self}")
        if self.minor % step:
            raise InvalidMoney(f"amounts in {self.currency} are divisible by {Money(step, self.currency)}, got {self}")
        return self

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Shares by `weights` that sum to the whole: floors first, what is left to the largest remainders.

        Of an amount that Stripe takes, each share is one too: whole minor units, whole krónur, tens of fils. Where
        remainders are equal, the earlier share gets what is left.

        Raises:
            InvalidMoney: no weight, a weight that is not a whole number of at least 0, or none above 0.
        """
        listed = isinstance(weights, list | tuple)
        if not listed or any(type(weight) is not int or weight < 0 for weight in weights) or sum(weights) == 0:
            raise InvalidMoney(f"weights are whole numbers of at least 0, one of them above 0, got {weights!r}")
        step = CURRENCIES[self.currency].step_minor
        unit = 1 if self.minor % step else step
        units, whole = self.minor // unit, sum(weights)
        shares = [units * weight // whole for weight in weights]
        remainders = [units * weight % whole for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda place: (-remainders[place], place))
        for place in by_remainder[: units - sum(shares)]:
            shares[place] += 1
        return tuple(Money(share * unit, self.currency) for share in shares)

    def _same_currency(self, other: Money) -> None:
        if not isinstance(other, Money):
            raise InvalidMoney(f"money goes with money only, got {_seen(other)}")
        if self.currency != other.currency:
            raise CurrencyMismatch(f"amounts of one currency are needed, got {self.currency} and {other.currency}")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in basis points: 825 is 8.25 %.

    Raises:
        InvalidMoney: not a whole number from 0 to 10,000.
    """

    bps: int

    def __post_init__(self) -> None:
        if type(self.bps) is not int or not 0 <= self.bps <= 10_000:
            raise InvalidMoney(f"a rate is 0 to 10,000 basis points, got {_seen(self.bps)}")

    def of(self, amount: Money) -> Money:
        """This share of an amount, rounded half up to what Stripe takes: a minor unit, a whole króna, ten fils."""
        if not isinstance(amount, Money):
            raise InvalidMoney(f"a rate is taken of money, got {_seen(amount)}")
        step = CURRENCIES[amount.currency].step_minor
        return Money((2 * amount.minor * self.bps + 10_000 * step) // (20_000 * step) * step, amount.currency)

    def __str__(self) -> str:
        return f"{self.bps / 100:g} %"


def _shown(number: int) -> str:
    # Python refuses to write numbers of more than 4,300 digits.
    return f"{number:,}" if abs(number) < 10**30 else "a number of more than 30 digits"


def _seen(value: object) -> str:
    return f"{value!r} ({type(value).__name__})"
