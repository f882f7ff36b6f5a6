"""Fee schedules: what a platform keeps of a vendor's payment. By how much the volume rises, `volume` keeps.

A schedule is a value: integers only, no callables. A fee is worked out exactly, then rounded once, half up, to what
Stripe takes: a minor unit, a whole króna, ten fils. It is frozen with the payment, and a refund gives back parts of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple

from payflows.checks import instance_of, whole_number
from payflows.errors import CurrencyMismatch, InvalidMoney, InvalidPolicy
from payflows.marketplace.break_even import LossRange, loss_ranges
from payflows.marketplace.fee_terms import MAX_VOLUME_MINOR, FeeTerms, FeeTier, StripeFee, StripeFeeBorneBy, TierPart
from payflows.money import CURRENCIES, Money, Rate
from payflows.parties import check_id

US_CARDS = StripeFee(rate=Rate(290), fixed_minor=30)
"""What Stripe charges in the US for a card: 2.9 % and 30 cents (stripe.com/pricing). Name yours for elsewhere."""

ANY_CATEGORY = ""
"""The category of what is in none."""


class CategoryTerms(NamedTuple):
    """The terms of one category, such as "art"."""

    category: str
    terms: FeeTerms


class FeeQuote(NamedTuple):
    """What is kept of a payment; stored with it, and never worked out again.

    Attributes:
        amount: of the payment.
        parts: how it was split over the tiers.
        fee: the platform's.
        stripe_fee_estimate: what Stripe is expected to charge.
        application_fee: what is kept altogether; the vendor gets the rest.
    """

    amount: Money
    parts: tuple[TierPart, ...]
    fee: Money
    stripe_fee_estimate: Money
    application_fee: Money

    @property
    def vendor_amount(self) -> Money:
        """Return what is the vendor's."""
        return self.amount - self.application_fee


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """What a platform keeps of its vendors' payments. Prints as a table, with a warning where a sale loses money.

    Attributes:
        currency: of all its amounts.
        terms: what is kept.
        categories: other terms for what is in one of these.
        stripe_fee: what Stripe charges the platform, and who bears it.

    Raises:
        InvalidPolicy: a category twice or without a name, a currency that is none, amounts that Stripe would not take
            in it, or a part of another type.
    """

    currency: str
    terms: FeeTerms
    categories: tuple[CategoryTerms, ...] = ()
    stripe_fee: StripeFee = US_CARDS

    def __post_init__(self) -> None:
        if not isinstance(self.currency, str) or self.currency not in CURRENCIES:
            raise InvalidPolicy("currency must be a known lower-case code such as 'usd'")
        instance_of("terms", self.terms, FeeTerms)
        instance_of("categories", self.categories, tuple)
        instance_of("stripe_fee", self.stripe_fee, StripeFee)
        for category in self.categories:
            instance_of("a category", category, CategoryTerms)
            check_id("a category", category.category, error=InvalidPolicy)
            instance_of(f"terms of {category.category}", category.terms, FeeTerms)
        names = [category.category for category in self.categories]
        if len(set(names)) < len(names):
            raise InvalidPolicy(f"each category has its terms once, got {', '.join(names)}")
        self._check_steps()

    @classmethod
    def flat(cls, currency: str, bps: int, *, fixed_minor: int = 0, stripe_fee: StripeFee = US_CARDS) -> FeeSchedule:
        """Return one rate for everything, by basis points: 1,000 is 10 %."""
        terms = FeeTerms(tiers=(FeeTier(Rate(bps)),), fixed_minor=fixed_minor)
        return cls(currency=currency, terms=terms, stripe_fee=stripe_fee)

    def terms_of(self, category: str) -> FeeTerms:
        """Return the terms of a category: those of all, where it has none to itself."""
        return next((each.terms for each in self.categories if each.category == category), self.terms)

    def fee_of(self, amount: Money, volume_before_minor: int, category: str = ANY_CATEGORY) -> FeeQuote:
        """Return what is kept of a payment.

        Args:
            amount: what the buyer pays for what is the vendor's.
            volume_before_minor: what the vendor has sold in the calendar month before.
            category: of what is sold.

        Raises:
            CurrencyMismatch: the amount is of another currency.
            InvalidMoney: it has a fraction that Stripe refuses, or the volume is none.
        """
        return self._quote(amount, volume_before_minor, category, self.stripe_fee_of(amount))

    def fees_of_cart(self, parts: Sequence[tuple[Money, int, str]]) -> tuple[FeeQuote, ...]:
        """Return what is kept of each vendor's part of one payment: Stripe's fee is one, split by the amounts.

        Args:
            parts: amount, volume before and category of each vendor.
        """
        if not parts:
            raise InvalidMoney("a cart has at least one part")
        total = sum((amount for amount, _, _ in parts[1:]), parts[0][0])
        shares = self.stripe_fee_of(total).split([amount.minor for amount, _, _ in parts])
        return tuple(self._quote(*part, share) for part, share in zip(parts, shares, strict=True))

    def stripe_fee_of(self, amount: Money) -> Money:
        """Return what Stripe is expected to charge for a payment, at most the payment."""
        self._check_amount(amount)
        return self._rounded(self.stripe_fee.exact(amount.minor), amount)

    def loss_ranges(self, category: str = ANY_CATEGORY, tier: int = 1) -> tuple[LossRange, ...]:
        """Return the payments within one tier of which the platform keeps less than Stripe charges for them."""
        terms = self.terms_of(category)
        whole_number("tier", tier, least=1, most=len(terms.tiers))
        return loss_ranges(terms, self.stripe_fee, tier, self.currency)

    def text(self) -> str:
        """Return it as a table, with a warning for each tier in which some payments lose money."""
        blocks = (CategoryTerms(ANY_CATEGORY, self.terms), *self.categories)
        stripe, borne_by = self.stripe_fee, f"borne by the {self.stripe_fee.borne_by}"
        lines = [f"{'category':<14}{'volume of the month from':>28}{'rate':>10}{'fixed':>16}{'minimum':>16}{'cap':>16}"]
        for name, terms in blocks:
            lines += self._rows(name or "any", terms)
        lines.append(f"Stripe's fee, estimated: {stripe.rate} + {self._shown(stripe.fixed_minor)}, {borne_by}")
        lines += [warning for name, terms in blocks for warning in self._warnings(name, terms)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def _rows(self, name: str, terms: FeeTerms) -> list[str]:
        cap = "none" if terms.cap_minor is None else self._shown(terms.cap_minor)
        bounds = "".join(f"{shown:>16}" for shown in (*map(self._shown, (terms.fixed_minor, terms.minimum_minor)), cap))
        starts = (self._shown(start) for start in terms.starts)
        rows = [f"{start:>28}{tier.rate!s:>10}" for start, tier in zip(starts, terms.tiers, strict=True)]
        return [f"{name:<14}{rows[0]}{bounds}", *(f"{'':<14}{row}" for row in rows[1:])]

    def _warnings(self, name: str, terms: FeeTerms) -> list[str]:
        place = f" in {name}" if name else ""
        return [
            f"warning: tier {tier}{place} loses money on payments {loss}"
            for tier in range(1, len(terms.tiers) + 1)
            for loss in loss_ranges(terms, self.stripe_fee, tier, self.currency)
        ]

    def _shown(self, minor: int) -> str:
        exponent = CURRENCIES[self.currency].exponent
        return f"{Decimal(minor).scaleb(-exponent):,.{exponent}f} {self.currency}"

    def _quote(self, amount: Money, volume_before_minor: int, category: str, stripe_fee: Money) -> FeeQuote:
        self._check_amount(amount)
        whole_number("volume_before_minor", volume_before_minor, most=MAX_VOLUME_MINOR, error=InvalidMoney)
        terms = self.terms_of(category)
        parts = terms.parts(amount, volume_before_minor)
        fee = self._rounded(terms.exact(parts), amount)
        borne_minor = stripe_fee.minor if self.stripe_fee.borne_by is StripeFeeBorneBy.VENDOR else 0
        kept = Money(min(amount.minor, fee.minor + borne_minor), amount.currency)
        return FeeQuote(amount, parts, fee, stripe_fee, kept)

    def _rounded(self, exact: Fraction, amount: Money) -> Money:
        """Round half up to what Stripe takes, and to the amount at most."""
        step = CURRENCIES[self.currency].step_minor
        units = floor(exact / step + Fraction(1, 2))
        return Money(min(units * step, amount.minor), self.currency)

    def _check_amount(self, amount: Money) -> None:
        instance_of("an amount", amount, Money, error=InvalidMoney)
        if amount.currency != self.currency:
            raise CurrencyMismatch(f"this schedule is in {self.currency}, got {amount}")
        if amount.minor == 0 or amount.minor % CURRENCIES[self.currency].step_minor:
            raise InvalidMoney(f"a fee is kept of an amount that Stripe takes, got {amount}")

    def _check_steps(self) -> None:
        step = CURRENCIES[self.currency].step_minor
        for terms in (self.terms, *(category.terms for category in self.categories)):
            for name in ("fixed_minor", "minimum_minor", "cap_minor"):
                if (getattr(terms, name) or 0) % step:
                    raise InvalidPolicy(
                        f"{name} must be divisible by {step} in {self.currency}, got {getattr(terms, name)}"
                    )


def refunded_part(whole: Money, amount: Money, returned_before: Money, returned: Money) -> Money:
    """Return the part of a fee, or of a transfer, that goes back with a part of the payment.

    Parts telescope: however a refund is parted, the parts of the fee sum to the whole.

    Args:
        whole: the fee, or the transfer.
        amount: the payment.
        returned_before: what of the payment went back before.
        returned: what goes back now.

    Raises:
        InvalidMoney: more is returned than was paid.
    """
    after = returned_before + returned
    if amount < after or amount < whole:
        raise InvalidMoney(f"at most {amount} can be returned, got {after} of which {whole} is a part")
    return _returned_of(whole, amount, after) - _returned_of(whole, amount, returned_before)


def fee_with_left(fee: Money, amount: Money, returned: Money, left: Money) -> Money:
    """Return the fee of which so much is left once a part of the payment went back, by the shares of `refunded_part`.

    Args:
        fee: as it was agreed; it stays where so much is left of it.
        amount: the payment.
        returned: what of the payment went back.
        left: what is to be left of the fee.
    """
    if returned == amount:
        return fee
    step, found = CURRENCIES[fee.currency].step_minor, fee.minor
    while found > 0 and found - _returned_of(Money(found, fee.currency), amount, returned).minor > left.minor:
        found -= step
    return Money(found, fee.currency)


def _returned_of(whole: Money, amount: Money, returned: Money) -> Money:
    if returned == amount:
        return whole
    step = CURRENCIES[whole.currency].step_minor
    return Money(whole.minor * returned.minor // (amount.minor * step) * step, whole.currency)
