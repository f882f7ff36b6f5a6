"""Settings of an account's billing: whether Stripe itself retries a payment that failed, and what it does at the end.

Source: docs.stripe.com/billing/revenue-recovery/smart-retries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from payflows.checks import instance_of, sequence, whole_number
from payflows.errors import InvalidPolicy

from simulations.stripe.core.times import DAY

MAX_CUSTOM_RETRIES = 3
SMART_WINDOWS_DAYS = (7, 14, 21, 30, 60)
"""One, two or three weeks, one or two months."""


class AfterRetries(StrEnum):
    """What becomes of a subscription whose invoice was not paid by the last retry."""

    LEAVE_PAST_DUE = "past_due"
    MARK_UNPAID = "unpaid"
    CANCEL = "canceled"


class BillingMode(StrEnum):
    """How prorations are calculated (`billing_mode.type`): from what was debited, or from current prices."""

    FLEXIBLE = "flexible"
    CLASSIC = "classic"


@dataclass(frozen=True, slots=True)
class CustomRetries:
    """Retries at fixed gaps.

    Attributes:
        gaps_days: up to three; each counts from the previous attempt.
    """

    gaps_days: Sequence[int] = (3, 5, 7)

    def __post_init__(self) -> None:
        sequence("gaps_days", self.gaps_days)
        if len(self.gaps_days) > MAX_CUSTOM_RETRIES:
            raise InvalidPolicy(f"gaps_days has up to {MAX_CUSTOM_RETRIES} gaps, got {len(self.gaps_days)}")
        for gap in self.gaps_days:
            whole_number("a gap in days", gap, least=1, most=60)
        object.__setattr__(self, "gaps_days", tuple(self.gaps_days))

    def next_at(self, invoice_id: str, attempts: int, first_at: int, now: int) -> int | None:
        """Return when the next attempt is made after these; None: there is none."""
        retries = attempts - 1
        return now + self.gaps_days[retries] * DAY if retries < len(self.gaps_days) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartRetries:
    """Retries at times that Stripe chooses: here each somewhere in its equal share of the window, drawn by its number.

    Attributes:
        retries: how many; Stripe advises 8.
        within_days: all of them.
    """

    retries: int = 8
    within_days: int = 14

    def __post_init__(self) -> None:
        whole_number("retries", self.retries, least=1, most=20)
        if self.within_days not in SMART_WINDOWS_DAYS:
            raise InvalidPolicy(f"within_days must be one of {', '.join(map(str, SMART_WINDOWS_DAYS))}")

    def next_at(self, invoice_id: str, attempts: int, first_at: int, now: int) -> int | None:
        """Return when the next attempt is made after these; None: there is none."""
        if attempts > self.retries:
            return None
        share = self.within_days * DAY // self.retries
        drawn = int.from_bytes(blake2b(f"{invoice_id}:{attempts}".encode(), digest_size=4).digest())
        return max(now + 1, first_at + (attempts - 1) * share + 1 + drawn * (share - 1) // 2**32)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingSettings:
    """What the account has chosen.

    Attributes:
        retries: how Stripe retries payments that failed; None: not at all.
        after_retries: what it does once the last attempt has failed.
        billing_mode: of the subscriptions that are made.
    """

    retries: CustomRetries | SmartRetries | None = None
    after_retries: AfterRetries = AfterRetries.LEAVE_PAST_DUE
    billing_mode: BillingMode = BillingMode.FLEXIBLE

    def __post_init__(self) -> None:
        instance_of("retries", self.retries, CustomRetries, SmartRetries, None)
        instance_of("after_retries", self.after_retries, AfterRetries)
        instance_of("billing_mode", self.billing_mode, BillingMode)


USUAL_SETTINGS = BillingSettings()

HARD_DECLINES = frozenset(
    {
        "incorrect_number",
        "lost_card",
        "pickup_card",
        "stolen_card",
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
        "authentication_required",
        "highest_risk_level",
        "transaction_not_allowed",
    }
)
"""After these the same payment method is not charged again: a retry is counted, and not executed."""
