"""What holds for every fee schedule and every payment (I7): fees are exact and bounded, and parts sum to the whole."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payflows.marketplace.fee_terms import StripeFeeBorneBy
from payflows.marketplace.fees import FeeSchedule, refunded_part
from payflows.money import CURRENCIES, Money
from tests.fee_cases import VOLUMES, amounts, exact_fee, is_rounded_half_up, schedules

PAYMENTS = 10
"""How many are made under each schedule."""

SCHEDULES, VERY_MANY = 200, 10_000
"""2,000 payments, and 100,000 on demand."""


def check(claim: Callable[[st.DataObject], None], cases: int) -> None:
    """Hold a claim against generated cases."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    property_of = settings(
        max_examples=cases, deadline=None, derandomize=True, database=None, suppress_health_check=quiet
    )
    property_of(given(st.data())(claim))()


def a_fee_is_the_schedules_exact_value_and_parts_sum_to_the_whole(data: st.DataObject) -> None:
    schedule = data.draw(schedules())
    payments = st.tuples(amounts(schedule.currency), VOLUMES, st.sampled_from(("", "art")), st.integers(0, 99))
    for payment in data.draw(st.lists(payments, min_size=PAYMENTS, max_size=PAYMENTS)):
        check_payment(schedule, *payment)


def check_payment(schedule: FeeSchedule, amount: Money, volume: int, category: str, hundredths: int) -> None:
    """It has its exact fee, which is split without a rest."""
    quote = schedule.fee_of(amount, volume, category)

    step = CURRENCIES[schedule.currency].step_minor
    exact = exact_fee(schedule.terms_of(category), amount, volume)
    assert quote.fee == amount or is_rounded_half_up(quote.fee.minor, exact, step)
    assert quote.fee < amount or exact > amount.minor - step
    assert sum(part.amount.minor for part in quote.parts) == amount.minor
    assert quote.application_fee.minor + quote.vendor_amount.minor == amount.minor
    check_stripes_fee(schedule, amount, quote.stripe_fee_estimate, quote.application_fee.minor - quote.fee.minor)
    check_refunds(amount, quote.application_fee, hundredths)


def check_stripes_fee(schedule: FeeSchedule, amount: Money, estimate: Money, borne_minor: int) -> None:
    """It is estimated by its terms, and a part of the application fee where the vendor bears it."""
    terms = schedule.stripe_fee
    exact = amount.minor * terms.rate.bps / 10_000 + terms.fixed_minor
    assert estimate == amount or abs(estimate.minor - exact) <= CURRENCIES[schedule.currency].step_minor / 2 + 1e-6
    assert borne_minor == 0 if terms.borne_by is StripeFeeBorneBy.PLATFORM else 0 <= borne_minor <= estimate.minor


def check_refunds(amount: Money, whole: Money, hundredths: int) -> None:
    """However a refund is parted, the parts of the fee sum to it, and each is a part that Stripe takes."""
    step = CURRENCIES[amount.currency].step_minor
    first = amount.minor // step * hundredths // 100 * step
    stops = sorted({first, (first + amount.minor) // (2 * step) * step, amount.minor})
    parts, before = [], Money(0, amount.currency)
    for stop in stops:
        returned = Money(stop, amount.currency) - before
        parts.append(refunded_part(whole, amount, before, returned))
        assert parts[-1] <= returned
        assert parts[-1].minor % step == 0
        before = before + returned
    assert sum(part.minor for part in parts) == whole.minor


def a_cart_has_one_fee_of_stripes_and_every_vendors_part_is_whole(data: st.DataObject) -> None:
    schedule = data.draw(schedules())
    parts = data.draw(
        st.lists(st.tuples(amounts(schedule.currency, 10**6), VOLUMES, st.just("")), min_size=1, max_size=5)
    )
    total = Money(sum(amount.minor for amount, _, _ in parts), schedule.currency)

    quotes = schedule.fees_of_cart(parts)

    assert sum(quote.stripe_fee_estimate.minor for quote in quotes) == schedule.stripe_fee_of(total).minor
    assert sum(quote.application_fee.minor + quote.vendor_amount.minor for quote in quotes) == total.minor
    for (amount, volume, category), quote in zip(parts, quotes, strict=True):
        assert quote.fee == schedule.fee_of(amount, volume, category).fee


def amounts_lose_money_where_the_schedule_says_so(data: st.DataObject) -> None:
    schedule = data.draw(schedules())
    tier = data.draw(st.integers(1, len(schedule.terms.tiers)))
    step, least = CURRENCIES[schedule.currency].step_minor, CURRENCIES[schedule.currency].least_charge_minor
    near = [
        edge.minor + delta * step for loss in schedule.loss_ranges("", tier) for edge in loss for delta in (-1, 0, 1)
    ]
    far = [data.draw(amounts(schedule.currency)).minor for _ in range(5)]

    for minor in (minor for minor in (*near, *far) if least <= minor <= 99_999_999 // step * step):
        loses = any(loss.first.minor <= minor <= loss.last.minor for loss in schedule.loss_ranges("", tier))
        assert loses is (kept_minor(schedule, tier, minor) < 0), minor


def kept_minor(schedule: FeeSchedule, tier: int, minor: int) -> Fraction:
    """What is kept of a payment within one tier, less Stripe's fee, as an exact number."""
    terms, stripe_fee = schedule.terms, schedule.stripe_fee.exact(minor)
    rate_alone = type(terms)(
        tiers=(terms.tiers[tier - 1]._replace(up_to_minor=None),),
        fixed_minor=terms.fixed_minor,
        minimum_minor=terms.minimum_minor,
        cap_minor=terms.cap_minor,
    )
    fee = exact_fee(rate_alone, Money(minor, schedule.currency), 0)
    is_vendors = schedule.stripe_fee.borne_by is StripeFeeBorneBy.VENDOR
    return min(Fraction(minor), fee + (stripe_fee if is_vendors else 0)) - stripe_fee


CLAIMS = (
    a_fee_is_the_schedules_exact_value_and_parts_sum_to_the_whole,
    a_cart_has_one_fee_of_stripes_and_every_vendors_part_is_whole,
    amounts_lose_money_where_the_schedule_says_so,
)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
def test_in_many_cases(claim: Callable[[st.DataObject], None]) -> None:
    check(claim, SCHEDULES)


@pytest.mark.on_demand
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
def test_in_very_many_cases(claim: Callable[[st.DataObject], None]) -> None:
    check(claim, VERY_MANY)
