"""How a platform treats buyers and vendors: one frozen value. What it keeps of payments is in `fees`."""

from __future__ import annotations

from dataclasses import dataclass, field

from payflows.checks import instance_of, whole_number
from payflows.errors import InvalidPolicy
from payflows.kernel.retry import RetryPolicy

MAX_HOLDING_DAYS = 90
"""For how long Stripe lets money be held on a balance (docs.stripe.com/connect/manual-payouts)."""
HOLDING_DAYS_OF_COUNTRY = {"US": 730, "TH": 10}
"""Where it is another number: two years in the US, ten days in Thailand."""


def holding_days(country: str) -> int:
    """Return for how many days Stripe lets a vendor's money be held, by the vendor's country."""
    return HOLDING_DAYS_OF_COUNTRY.get(country, MAX_HOLDING_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPolicy:
    """When vendors are paid out, and what is held back. All of it within Stripe's limits.

    Attributes:
        every_days: between two payouts of a vendor.
        minimum_minor: what is less waits for the next payout, as long as Stripe lets money be held.
        reserve_bps: basis points of each share that are held back when it becomes available.
        reserve_days: for how long.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    every_days: int = 7
    minimum_minor: int = 100
    reserve_bps: int = 0
    reserve_days: int = 0

    def __post_init__(self) -> None:
        whole_number("every_days", self.every_days, least=1, most=MAX_HOLDING_DAYS)
        whole_number("minimum_minor", self.minimum_minor, least=1)
        whole_number("reserve_bps", self.reserve_bps, most=10_000)
        whole_number("reserve_days", self.reserve_days, most=max(HOLDING_DAYS_OF_COUNTRY.values()))
        if bool(self.reserve_bps) is not bool(self.reserve_days):
            raise InvalidPolicy("a reserve needs both reserve_bps and reserve_days")

    def check_country(self, country: str) -> None:
        """Raise `InvalidPolicy` where Stripe does not let money be held for that long in a country."""
        most = holding_days(country)
        held = max(self.every_days, self.reserve_days)
        if held > most:
            raise InvalidPolicy(f"money of a vendor in {country} may be held for {most} days at most, got {held}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketplacePolicy:
    """How a platform treats buyers and vendors.

    Attributes:
        returns_fee: with a refund the platform gives back the same part of its fee; else the vendor bears it.
        payouts: when vendors are paid out; None: not by us.
        max_tries: how many cards, or tries of one card, a sale may have.
        deadline_seconds: from the order until it is given up unpaid.
        lease_seconds: how long a step may take before the worker takes it for interrupted.
        pending_look_seconds: how often what Stripe sends no notice of is looked at.
        doubt_seconds: how long a call without an answer is left alone: by then lists show what it has made.
        review_after_seconds: how long anything may wait without progress before it is put up for review.
        processing_review_seconds: how long a payment may be `processing` before a person is asked; it is looked at
            further. Stripe's slowest debits take up to 14 business days: three weeks.
        retry: when a call without an answer is made again.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    returns_fee: bool = True
    payouts: PayoutPolicy | None = field(default_factory=PayoutPolicy)
    max_tries: int = 3
    deadline_seconds: int = 3_600
    lease_seconds: int = 90
    pending_look_seconds: int = 3_600
    doubt_seconds: int = 120
    review_after_seconds: int = 86_400
    processing_review_seconds: int = 21 * 86_400
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        instance_of("returns_fee", self.returns_fee, bool)
        instance_of("payouts", self.payouts, PayoutPolicy, None)
        whole_number("max_tries", self.max_tries, least=1, most=10)
        whole_number("deadline_seconds", self.deadline_seconds, least=60, most=86_400)
        whole_number("lease_seconds", self.lease_seconds, least=1, most=300)
        whole_number("pending_look_seconds", self.pending_look_seconds, least=60, most=86_400)
        whole_number("doubt_seconds", self.doubt_seconds, least=60, most=300)
        whole_number("review_after_seconds", self.review_after_seconds, least=3_600, most=7 * 86_400)
        whole_number("processing_review_seconds", self.processing_review_seconds, least=3_600, most=90 * 86_400)
        instance_of("retry", self.retry, RetryPolicy)
        if self.retry.max_delay_seconds > 300 or self.retry.max_retries is not None:
            raise InvalidPolicy("retries wait at most 300 seconds each and have no last one")
