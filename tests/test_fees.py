"""Fee schedules: what a platform keeps, by hand-worked cases, and what is refused before any payment is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payflows.errors import AlreadyExists, CurrencyMismatch, InvalidInput, InvalidMoney, InvalidPolicy, VersionConflict
from payflows.kernel.store import Store
from payflows.marketplace.fee_terms import FeeTerms, FeeTier, StripeFee, StripeFeeBorneBy
from payflows.marketplace.fees import CategoryTerms, FeeSchedule, refunded_part
from payflows.marketplace.volume import VOLUMES, VolumeMonth, count, give_back, volume_of
from payflows.money import Money, Rate
from payflows.store.codec import codec_of
from payflows.testing.store_sample import START
from simulations.time.hand_clock import HandClock

TEN_PERCENT = FeeSchedule.flat("usd", 1_000)
US_CARDS_BY_VENDOR = StripeFee(rate=Rate(290), fixed_minor=30, borne_by=StripeFeeBorneBy.VENDOR)
BY_VENDOR = FeeSchedule.flat("usd", 1_000, stripe_fee=US_CARDS_BY_VENDOR)
TIERED = FeeSchedule(
    currency="usd",
    terms=FeeTerms(tiers=(FeeTier(Rate(1_000), 100_000), FeeTier(Rate(800), 500_000), FeeTier(Rate(500)))),
    categories=(CategoryTerms("art", FeeTerms(tiers=(FeeTier(Rate(1_500)),), minimum_minor=100, cap_minor=5_000)),),
)


def usd(minor: int) -> Money:
    return Money(minor, "usd")


def test_a_fee_is_a_whole_number_of_cents() -> None:
    """M1; l4nos/laravel-cashier-stripe-connect#29: 10 % of 19.99 is 1.999."""
    quote = TEN_PERCENT.fee_of(usd(1_999), 0)

    assert (quote.fee, quote.application_fee, quote.vendor_amount) == (usd(200), usd(200), usd(1_799))


@pytest.mark.parametrize(
    ("volume", "amount", "fee"),
    [
        (0, 100_000, 10_000),
        (100_000, 1_000, 80),
        (99_500, 1_000, 50 + 40),  # the boundary lies in the middle of the payment
        (99_999, 400_002, 0 + 32_000 + 0),  # two boundaries: 0.1 + 32,000 + 0.05 cents
        (10**9, 1_000, 50),
    ],
)
def test_a_payment_that_crosses_a_boundary_is_split(volume: int, amount: int, fee: int) -> None:
    quote = TIERED.fee_of(usd(amount), volume)

    assert quote.fee == usd(fee)
    assert sum(part.amount.minor for part in quote.parts) == amount


def test_many_small_payments_pay_the_rates_of_a_large_one() -> None:
    """Within what rounding takes: half a cent for each."""
    fees = [TIERED.fee_of(usd(1_000), number * 1_000).fee.minor for number in range(600)]

    assert sum(fees) == TIERED.fee_of(usd(600_000), 0).fee.minor


@pytest.mark.parametrize(("amount", "fee"), [(50, 50), (80, 80), (200, 100), (1_000, 150), (90_000, 5_000)])
def test_a_category_has_its_own_rate_minimum_and_cap(amount: int, fee: int) -> None:
    assert TIERED.fee_of(usd(amount), 0, "art").fee == usd(fee)


def test_a_vendor_who_bears_stripes_fee_pays_the_estimate_with_the_application_fee() -> None:
    by_platform, by_vendor = (schedule.fee_of(usd(1_999), 0) for schedule in (TEN_PERCENT, BY_VENDOR))

    assert by_platform.stripe_fee_estimate == by_vendor.stripe_fee_estimate == usd(88)
    assert (by_platform.application_fee, by_vendor.application_fee) == (usd(200), usd(288))


def test_what_is_kept_is_never_more_than_the_payment() -> None:
    greedy = FeeSchedule.flat("usd", 9_999, fixed_minor=500, stripe_fee=US_CARDS_BY_VENDOR)

    assert greedy.fee_of(usd(60), 0).vendor_amount == usd(0)
    assert greedy.fee_of(usd(99_999_999), 0).vendor_amount == usd(0)


def test_a_cart_of_several_vendors_pays_stripes_fixed_part_once() -> None:
    quotes = BY_VENDOR.fees_of_cart([(usd(1_000), 0, ""), (usd(1_000), 0, ""), (usd(1_000), 0, "")])

    assert [quote.stripe_fee_estimate.minor for quote in quotes] == [39, 39, 39]
    assert [quote.fee.minor for quote in quotes] == [100, 100, 100]


@pytest.mark.parametrize(
    ("currency", "amount", "fee"), [("jpy", 1_999, 200), ("kwd", 19_990, 2_000), ("isk", 199_900, 20_000)]
)
def test_a_fee_has_no_fraction_that_stripe_refuses(currency: str, amount: int, fee: int) -> None:
    assert FeeSchedule.flat(currency, 1_000).fee_of(Money(amount, currency), 0).fee == Money(fee, currency)


# Refunds


def test_a_refund_in_three_parts_gives_back_the_whole_fee() -> None:
    parts = [
        refunded_part(usd(100), usd(1_000), usd(before), usd(now)) for before, now in ((0, 333), (333, 333), (666, 334))
    ]

    assert [part.minor for part in parts] == [33, 33, 34]


def test_no_more_goes_back_than_was_paid() -> None:
    with pytest.raises(InvalidMoney, match=r"at most 10\.00 usd can be returned, got 10\.01 usd"):
        refunded_part(usd(100), usd(1_000), usd(700), usd(301))


# Break-even


def test_a_tenth_loses_money_on_what_is_below_four_dollars() -> None:
    """M11"""
    assert TEN_PERCENT.loss_ranges() == ((usd(50), usd(422)),)
    assert "warning: tier 1 loses money on payments of 4.22 usd or less" in str(TEN_PERCENT)


def test_a_cap_loses_money_on_what_is_large() -> None:
    assert "warning: tier 1 in art loses money on payments of 1,713.80 usd or more" in str(TIERED)


def test_a_vendor_who_bears_stripes_fee_leaves_nothing_to_lose() -> None:
    assert BY_VENDOR.loss_ranges() == ()
    assert "warning" not in str(BY_VENDOR)


def test_a_schedule_prints_as_a_table() -> None:
    assert str(TIERED).splitlines()[:6] == [
        "category          volume of the month from      rate           fixed         minimum             cap",
        "any                               0.00 usd      10 %        0.00 usd        0.00 usd            none",
        "                              1,000.00 usd       8 %",
        "                              5,000.00 usd       5 %",
        "art                               0.00 usd      15 %        0.00 usd        1.00 usd       50.00 usd",
        "Stripe's fee, estimated: 2.9 % + 0.30 usd, borne by the platform",
    ]


# What is refused


def terms(*tiers: object, **changes: object) -> FeeTerms:
    return FeeTerms(tiers=tiers or (FeeTier(Rate(100)),), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: terms(FeeTier(Rate(10_000))), r"the rate of tier 1 must be below 100 %: 1,000 basis points are 10 %"),
        (lambda: terms(FeeTier(0.1)), "the rate of tier 1 must be a Rate, got float"),  # type: ignore[arg-type]
        (lambda: terms(FeeTier(Rate(1), 5)), "up_to_minor of the last tier must be None"),
        (lambda: terms(FeeTier(Rate(1)), FeeTier(Rate(1))), "up_to_minor of tier 1 must say where it ends"),
        (
            lambda: terms(FeeTier(Rate(1), 9), FeeTier(Rate(1), 9), FeeTier(Rate(1))),
            "up_to_minor of tier 2 must be .* 10",
        ),
        (lambda: FeeTerms(tiers=()), "the number of tiers must be a whole number from 1"),
        (lambda: FeeTerms(tiers=[FeeTier(Rate(1))]), "tiers must be a tuple, got list"),  # type: ignore[arg-type]
        (lambda: terms(fixed_minor=-1), "fixed_minor must be a whole number from 0"),
        (lambda: terms(fixed_minor=0.3), r"fixed_minor must be a whole number .* got 0\.3"),
        (lambda: terms(minimum_minor=9, cap_minor=8), r"cap_minor must be at least minimum_minor \(9\), got 8"),
        (
            lambda: StripeFee(rate=Rate(1), fixed_minor=0, borne_by="vendor"),  # type: ignore[arg-type]
            "borne_by must be a StripeFeeBorneBy, got str",
        ),
        (lambda: FeeSchedule.flat("xyz", 100), "currency must be a known lower-case code"),
        (lambda: FeeSchedule.flat("isk", 100, fixed_minor=50), "fixed_minor must be divisible by 100 in isk, got 50"),
        (
            lambda: FeeSchedule(currency="usd", terms=terms(), categories=(CategoryTerms("a", terms()),) * 2),
            "each category has its terms once, got a, a",
        ),
        (
            lambda: FeeSchedule(currency="usd", terms=terms(), categories=(CategoryTerms("", terms()),)),
            "a category is text",
        ),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(make: Callable[[], object], sentence: str) -> None:
    """M3"""
    with pytest.raises(InvalidPolicy, match=sentence):
        make()


@pytest.mark.parametrize("bps", [-1_000, 15_000, float("nan"), 0.1, True])
def test_no_rate_is_negative_above_one_hundred_percent_or_a_float(bps: object) -> None:
    """M3: 150 %, -10 %, NaN."""
    with pytest.raises(InvalidMoney, match="a rate is 0 to 10,000 basis points"):
        FeeSchedule.flat("usd", bps)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "volume", "error"),
    [
        (Money(100, "eur"), 0, CurrencyMismatch),
        (Money(0, "usd"), 0, InvalidMoney),
        (19.99, 0, InvalidMoney),
        (Money(100, "usd"), -1, InvalidMoney),
    ],
)
def test_a_fee_of_something_else_is_refused(amount: object, volume: int, error: type[InvalidInput]) -> None:
    with pytest.raises(error):
        TEN_PERCENT.fee_of(amount, volume)  # type: ignore[arg-type]


def test_a_schedule_and_its_quotes_can_be_stored_and_hashed() -> None:
    for value in (TIERED, TIERED.fee_of(usd(150_000), 0)):
        codec = codec_of(type(value))
        assert codec.decode(codec.encode(value)) == value
    assert len({TIERED, BY_VENDOR, TEN_PERCENT}) == 3


# Volume

JANUARY = VolumeMonth.at("vendor_1", "usd", START)


def test_a_month_is_one_in_utc() -> None:
    assert JANUARY.month == "2026-01"
    assert JANUARY.id != VolumeMonth.at("vendor_2", "usd", START).id


def test_volume_is_counted_and_given_back(store: Store) -> None:
    async def story() -> list[int]:
        seen = []
        for amount in (100, 250):
            await store.change(count(JANUARY, await volume_of(store, JANUARY), usd(amount), START))
            seen.append((await store.get(VOLUMES, JANUARY.id)).amount_minor)
        await store.change(give_back(await store.get(VOLUMES, JANUARY.id), usd(100), START))
        return [*seen, (await store.get(VOLUMES, JANUARY.id)).amount_minor]

    assert HandClock().run(story()) == [100, 350, 250]


def test_of_two_payments_on_the_same_volume_one_is_worked_out_again(store: Store) -> None:
    async def story() -> None:
        await store.change(count(JANUARY, None, usd(100), START))
        with pytest.raises(AlreadyExists):
            await store.change(count(JANUARY, None, usd(100), START))
        read = await volume_of(store, JANUARY)
        await store.change(count(JANUARY, read, usd(100), START))
        with pytest.raises(VersionConflict):
            await store.change(count(JANUARY, read, usd(100), START))

    HandClock().run(story())
