"""What is kept of a marketplace once its small world is gone: rows of plain values, which become tables."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class OrderRow(NamedTuple):
    """What of one order is one vendor's.

    Attributes:
        order_id: of two rows, where there are goods of two vendors.
        vendor_id: whose goods.
        placed_at: when it was ordered.
        paid_at: when it was paid; None: it was not.
        status: the sale's at the end.
        amount_minor: what the buyer pays for them.
        fee_minor: what of it the platform keeps.
    """

    order_id: str
    vendor_id: str
    placed_at: datetime
    paid_at: datetime | None
    status: str
    amount_minor: int
    fee_minor: int


class ReturnRow(NamedTuple):
    """What of an order went back to its buyer, at its vendor's cost.

    Attributes:
        order_id: of which.
        vendor_id: whose goods.
        at: when; of a dispute, when it was lost.
        minor: how much of what the buyer paid.
        is_dispute: a bank took it; else the platform gave it back.
    """

    order_id: str
    vendor_id: str
    at: datetime
    minor: int
    is_dispute: bool


class VendorRow(NamedTuple):
    """One vendor.

    Attributes:
        vendor_id: the platform's id.
        joined_at: when.
        disappeared_at: when; None: they are there.
        status: theirs at the end, as the platform knows it.
        sold_minor: all that was paid for their goods.
        held_minor: what is theirs and was not paid out; below 0: what they owe, which is at Stripe yet.
        receivable_minor: what they owe the platform.
        written_off_minor: what was given up of that.
    """

    vendor_id: str
    joined_at: datetime
    disappeared_at: datetime | None
    status: str
    sold_minor: int
    held_minor: int
    receivable_minor: int
    written_off_minor: int

    @property
    def owes_minor(self) -> int:
        """Return what they owe altogether."""
        return max(0, self.receivable_minor - self.held_minor)

    @property
    def lost_minor(self) -> int:
        """Return what is lost with them: what was given up, and what they owe if they have disappeared."""
        return self.written_off_minor + (self.owes_minor if self.disappeared_at is not None else 0)


class PayoutRow(NamedTuple):
    """One payout.

    Attributes:
        vendor_id: whose.
        begun_at: when.
        minor: how much.
        status: how it stands.
    """

    vendor_id: str
    begun_at: datetime
    minor: int
    status: str


class DisputeRow(NamedTuple):
    """One dispute.

    Attributes:
        dispute_id: Stripe's.
        order_id: of which order.
        vendor_id: the vendor whose goods come first in it.
        opened_at: when.
        decided_at: when; None: it is open.
        minor: how much is disputed.
        status: how it stands.
    """

    dispute_id: str
    order_id: str
    vendor_id: str
    opened_at: datetime
    decided_at: datetime | None
    minor: int
    status: str


class LedgerRow(NamedTuple):
    """One line of the ledger.

    Attributes:
        at: when.
        fact: what happened.
        account: of the ledger.
        minor: debited, or credited where it is below zero.
    """

    at: datetime
    fact: str
    account: str
    minor: int


class Books(NamedTuple):
    """All that is kept of one marketplace."""

    orders: tuple[OrderRow, ...]
    returns: tuple[ReturnRow, ...]
    vendors: tuple[VendorRow, ...]
    payouts: tuple[PayoutRow, ...]
    disputes: tuple[DisputeRow, ...]
    ledger: tuple[LedgerRow, ...]
