"""Fee schedules and payments of all kinds, for tests of what must hold for each."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from payflows.marketplace.fee_terms import FeeTerms, FeeTier, StripeFee, StripeFeeBorneBy
from payflows.marketplace.fees import CategoryTerms, FeeSchedule
from payflows.money import CURRENCIES, LARGEST_MINOR, Money, Rate

CURRENCIES_OF_EACH_EXPONENT = ("jpy", "usd", "kwd", "isk")
"""With 0, 2 and 3 decimals, and one of which Stripe takes no fractions."""

_RATES = st.integers(0, 9_999).map(Rate)
_BOUNDARIES = st.lists(st.integers(1, 10**7), max_size=3, unique=True).map(sorted)


@st.composite
def _terms(draw: st.DrawFn, step: int) -> FeeTerms:
    ends = [*draw(_BOUNDARIES), None]
    minimum = draw(st.sampled_from((0, 0, 100))) * step
    cap = draw(st.sampled_from((None, None, 100, 2_000)))
    return FeeTerms(
        tiers=tuple(FeeTier(draw(_RATES), end) for end in ends),
        fixed_minor=draw(st.integers(0, 60)) * step,
        minimum_minor=minimum,
        cap_minor=None if cap is None else cap * step,
    )


@st.composite
def schedules(draw: st.DrawFn) -> FeeSchedule:
    """All schedules, in currencies of all sorts."""
    currency = draw(st.sampled_from(CURRENCIES_OF_EACH_EXPONENT))
    step = CURRENCIES[currency].step_minor
    art = (CategoryTerms("art", draw(_terms(step))),) if draw(st.booleans()) else ()
    stripe_fee = StripeFee(
        rate=draw(_RATES), fixed_minor=draw(st.integers(0, 60)), borne_by=draw(st.sampled_from(StripeFeeBorneBy))
    )
    return FeeSchedule(currency=currency, terms=draw(_terms(step)), categories=art, stripe_fee=stripe_fee)


def amounts(currency: str, most: int = LARGEST_MINOR) -> st.SearchStrategy[Money]:
    """All amounts that Stripe takes, of some that are small and some that are large."""
    step = CURRENCIES[currency].step_minor
    units = st.one_of(st.integers(1, min(2_000, most // step)), st.integers(1, most // step))
    return units.map(lambda count: Money(count * step, currency))


VOLUMES = st.one_of(st.integers(0, 2 * 10**7), st.integers(0, 10**12))


def exact_fee(terms: FeeTerms, amount: Money, volume_before: int) -> Fraction:
    """The fee by another road than the schedule's: what the whole volume owes after the payment, less before."""

    def owed(volume: int) -> Fraction:
        ends = [0, *(tier.up_to_minor or 10**18 for tier in terms.tiers)]
        within = (max(0, min(volume, end) - start) for start, end in pairwise(ends))
        return sum(
            (Fraction(tier.rate.bps, 10_000) * part for tier, part in zip(terms.tiers, within, strict=True)), Fraction()
        )

    fee = owed(volume_before + amount.minor) - owed(volume_before) + terms.fixed_minor
    fee = max(fee, Fraction(terms.minimum_minor))
    return min(fee, Fraction(terms.cap_minor)) if terms.cap_minor is not None else fee


def is_rounded_half_up(rounded: int, exact: Fraction, step: int) -> bool:
    """Whether it is the multiple of a step that is nearest, the upper one of two."""
    return rounded % step == 0 and Fraction(-step, 2) < rounded - exact <= Fraction(step, 2)
