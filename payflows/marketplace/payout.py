"""Payouts: a part of a vendor's balance on its way to the vendor's bank. One at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payflows.kernel.aggregate import Aggregate
from payflows.marketplace.payout_postings import SentPayout
from payflows.money import Money


class PayoutState(StrEnum):
    """How a payout stands with us."""

    CREATING = "creating"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"


_S = PayoutState

PAYOUT_TRANSITIONS: Mapping[PayoutState, Mapping[PayoutState, str]] = {
    _S.CREATING: {_S.SENT: "it has left the balance", _S.FAILED: "Stripe refuses it"},
    _S.SENT: {_S.PAID: "the bank has it", _S.FAILED: "it failed, or was cancelled"},
    _S.PAID: {_S.FAILED: "the bank sent it back"},
    _S.FAILED: {},
}
"""From, to and when."""


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Payout(Aggregate):
    """A payout as stored; its id is derived from the vendor and a number.

    Attributes:
        status: how it stands.
        merchant_id: on whose platform.
        vendor_row_id: the vendor's row.
        vendor_id: the caller's own id of the vendor.
        account_id: theirs at Stripe.
        email: the vendor's.
        amount: how much.
        stripe_payout_id: Stripe's, once it is made.
        failure_code: why it failed.
        key_generation: part of the idempotency key.
        asked_at: when it was asked for; None: it was not, or it is known what came of that.
        is_watched: the bank may still send it back.
    """

    status: PayoutState
    merchant_id: str
    vendor_row_id: str
    vendor_id: str
    account_id: str
    email: str
    amount: Money
    stripe_payout_id: str | None = None
    failure_code: str | None = None
    key_generation: int = 1
    asked_at: datetime | None = None
    is_watched: bool = True

    @property
    def key(self) -> str:
        """Return the idempotency key of its call."""
        return f"{self.id}:{self.key_generation}"

    @property
    def sent(self) -> SentPayout:
        """Return it as the ledger posts it."""
        assert self.stripe_payout_id is not None, "it was made"
        return SentPayout(self.vendor_id, self.account_id, self.stripe_payout_id, self.amount)

    def next_due(self) -> datetime | None:
        """Return when it is to be made, or looked at, unless a check says later."""
        return self.changed_at if self.is_watched and self.status is not PayoutState.FAILED else None

    def references(self) -> tuple[str, ...]:
        """Return Stripe's payout."""
        return () if self.stripe_payout_id is None else (self.stripe_payout_id,)

    def groups(self) -> tuple[str, ...]:
        """Return its vendor."""
        return (f"vendor:{self.vendor_id}",)

    def mail_address(self) -> str:
        """Return the vendor's."""
        return self.email

    def __repr__(self) -> str:
        return f"Payout(id={self.id!r}, status={self.status.value!r}, amount={self.amount})"
