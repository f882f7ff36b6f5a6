"""What a platform has agreed with Stripe, and how long its money takes."""

from __future__ import annotations

from dataclasses import dataclass

from payflows.checks import instance_of, whole_number
from payflows.errors import InvalidPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSettings:
    """How a platform and its vendors' accounts are set up.

    Attributes:
        fee_bps: Stripe's fee of a charge, in basis points of what is captured; rounded half up.
        fee_fixed_minor: the fixed part of that fee, in minor units of the charge's currency.
        dispute_fee_minor: Stripe's fee of a dispute that withdraws money.
        returns_dispute_fee: whether that is given back where the dispute is won.
        available_after_days: business days until the money of a charge is available, at midnight UTC.
        payout_days: business days until a payout is at the bank, at midnight UTC.
        evidence_days: days from a dispute's beginning until evidence is due; not submitted by then it is lost.
        has_connected_reserves: whether a reversal of a separate transfer may leave a vendor's balance below 0.
        collects_after_days: days until Stripe takes what a vendor still owes from the platform.
        debit_after_days: business days until Stripe takes what a vendor owes from the vendor's bank, where it may.
        link_lasts_seconds: how long a link to Stripe's form lasts.

    Raises:
        InvalidPolicy: a number that cannot be.
    """

    fee_bps: int = 290
    fee_fixed_minor: int = 30
    dispute_fee_minor: int = 1_500
    returns_dispute_fee: bool = False
    available_after_days: int = 2
    payout_days: int = 2
    evidence_days: int = 9
    has_connected_reserves: bool = False
    collects_after_days: int = 180
    debit_after_days: int = 2
    link_lasts_seconds: int = 300

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name in ("returns_dispute_fee", "has_connected_reserves"):
                instance_of(name, value, bool)
            else:
                whole_number(name, value)
        if self.fee_bps > 10_000:
            raise InvalidPolicy(f"fee_bps must be at most 10,000, got {self.fee_bps:,}")

    def fee_of(self, amount_minor: int) -> int:
        """Return Stripe's fee of a charge."""
        return (2 * amount_minor * self.fee_bps + 10_000) // 20_000 + self.fee_fixed_minor


USUAL_CONNECT = ConnectSettings()
