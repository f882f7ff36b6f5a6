"""Movements: money that we move at Stripe once it was paid: shares, refunds, what is taken back. Each exactly once.

A movement is stored before its call is made, under a key of its row; what became of a call without an answer is looked
up by its purpose, once lists show it. Some begin only after another one is done: a buyer is refunded first, for what
can fail after that can be finished later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payflows.kernel.aggregate import Aggregate
from payflows.marketplace.accounts import BUYERS, VendorPot, receivable
from payflows.money import Money


class MovementType(StrEnum):
    """What is moved."""

    SHARE = "share"
    """A vendor's share of a separate charge, from the platform."""
    SHARE_AGAIN = "share_again"
    """What was taken back of a share and is the vendor's after all: a refund failed, a dispute was won late."""
    REFUND = "refund"
    """From the platform to the buyer."""
    REVERSAL = "reversal"
    """What is taken back of a share, from the vendor to the platform."""
    DEBT_RETURN = "debt_return"
    """What was kept from a vendor's later sales for a debt that was none after all."""
    FEE_RETURN = "fee_return"
    """A part of a destination charge's fee, from the platform to the vendor."""


class MovementStatus(StrEnum):
    """Where a movement stands."""

    WAITING = "waiting"
    MOVING = "moving"
    DONE = "done"
    OWED = "owed"
    FAILED = "failed"
    DROPPED = "dropped"

    @property
    def is_over(self) -> bool:
        """Whether it moves no more."""
        return self not in (MovementStatus.WAITING, MovementStatus.MOVING)


_S = MovementStatus

MOVEMENT_TRANSITIONS: Mapping[MovementStatus, Mapping[MovementStatus, str]] = {
    _S.WAITING: {_S.MOVING: "what comes before it is done", _S.DROPPED: "what comes before it failed"},
    _S.MOVING: {
        _S.DONE: "Stripe has moved it, or it is kept from a share that is not sent yet",
        _S.OWED: "the vendor's balance is short, or gone: it stands on what the vendor owes",
        _S.FAILED: "Stripe refuses it",
        _S.DROPPED: "a share goes back to the buyer before it is sent",
    },
    _S.DONE: {_S.FAILED: "a refund came back"},
    _S.OWED: {},
    _S.FAILED: {},
    _S.DROPPED: {},
}
"""From, to and when."""


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Movement(Aggregate):
    """A movement as stored; its id is derived from its sale, its purpose and its vendor.

    Attributes:
        status: where it stands.
        type: what is moved.
        sale_id: of which sale.
        merchant_id: on whose platform.
        purpose: what it is for, once in a sale and vendor; Stripe's metadata say it, too.
        vendor_id: whose share it is of; empty for a refund.
        account_id: theirs at Stripe; empty for a refund.
        amount: how much.
        fee_minor: what of its fee the platform gives up with it, or has again: nothing moves for it at Stripe.
        owed_minor: what the vendor owes beside it, or owes no more: of the fee that the platform keeps, what the share
            does not hold.
        by_vendor: of a refund or a dispute's recovery, how much of it is for the goods of which vendor.
        of_all: of a refund that all is to go back that was left.
        against: the account of the ledger that it makes good.
        after_id: the movement that must be done before.
        dispute_id: the dispute, and the number of its recovery, for which it is.
        source_id: Stripe's object that it is made of: a charge, a payment, a transfer, a fee.
        stripe_id: Stripe's object that it has made.
        key_generation: part of the idempotency key.
        asked_at: when it was asked for; None: it was not, or it is known what came of that.
    """

    status: MovementStatus
    type: MovementType
    sale_id: str
    merchant_id: str
    purpose: str
    amount: Money
    vendor_id: str = ""
    account_id: str = ""
    fee_minor: int = 0
    owed_minor: int = 0
    by_vendor: tuple[tuple[str, int], ...] = ()
    of_all: bool = False
    against: str = BUYERS
    after_id: str | None = None
    dispute_id: str | None = None
    source_id: str | None = None
    stripe_id: str | None = None
    key_generation: int = 1
    asked_at: datetime | None = None

    @property
    def is_recovering(self) -> bool:
        """Whether it is keeping from a sale what its vendor owes."""
        return self.status is MovementStatus.MOVING and self.against == receivable(self.vendor_id)

    @property
    def key(self) -> str:
        """Return the idempotency key of its call."""
        return f"{self.id}:{self.key_generation}"

    def stored_source_id(self) -> str:
        """Return what it is made of, which was stored with it."""
        assert self.source_id is not None, "it is known before the movement is stored"
        return self.source_id

    def stored_stripe_id(self) -> str:
        """Return what it has made."""
        assert self.stripe_id is not None, "it was made"
        return self.stripe_id

    def next_due(self) -> datetime | None:
        """Return when it is to be made; one that waits is woken by what it waits for."""
        return self.changed_at if self.status is MovementStatus.MOVING else None

    def groups(self) -> tuple[str, ...]:
        """Return its sale, and what waits for it is found by."""
        groups = [f"sale:{self.sale_id}"]
        if self.after_id is not None:
            groups.append(f"after:{self.after_id}")
        if self.dispute_id is not None:
            groups.append(f"dispute:{self.dispute_id}")
        if self.vendor_id:
            groups.append(f"vendor:{self.vendor_id}")
        return tuple(groups)

    def references(self) -> tuple[str, ...]:
        """Return the object that it has made."""
        return () if self.stripe_id is None else (self.stripe_id,)


def movement_id(sale_id: str, purpose: str, vendor_id: str = "") -> str:
    """Return the id of a movement."""
    return f"{sale_id}:{purpose}:{vendor_id}" if vendor_id else f"{sale_id}:{purpose}"


def pot_of(is_available: bool) -> VendorPot:
    """Return what of a vendor's a movement adds to or takes from."""
    return VendorPot.AVAILABLE if is_available else VendorPot.POSTED
