"""Postings of what goes back: refunds, disputes, and at whose cost they are in the end.

Money that goes back to a buyer stands on `BUYERS`, and what a bank took on `DISPUTES`, until it is made good: by a
share that is reversed, a fee that is given up, a vendor who owes it from then on, or a loss. So each may fail by
itself, and is finished later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from payflows.marketplace.accounts import (
    BUYERS,
    DISPUTES,
    LOSSES,
    REVENUE,
    STRIPE_FEES,
    VendorPot,
    receivable,
    stripe_balance,
    vendor,
)
from payflows.marketplace.ledger import JournalEntry, LedgerLine, Side, journal_entry
from payflows.marketplace.sale_postings import PLATFORM, SentShare
from payflows.money import Money

WRITTEN_OFF, WRITE_OFF_UNDONE = "written_off", "write_off_undone"
"""The facts that say how much is written off."""

# To the buyer, and what comes back


def refunded(refund_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post a refund, whole or in part, of the platform's money."""
    sides = (Side(PLATFORM, -amount.minor, refund_id), Side(BUYERS, amount.minor))
    return journal_entry("refunded", refund_id, amount.currency, at, *sides)


def refund_failed(refund_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post that a refund failed after it was made: the money is the platform's again."""
    sides = (Side(PLATFORM, amount.minor, refund_id), Side(BUYERS, -amount.minor))
    return journal_entry("refund_failed", refund_id, amount.currency, at, *sides)


def dispute_withdrawn(dispute_id: str, transaction_id: str, amount: Money, fee: Money, at: datetime) -> JournalEntry:
    """Post what a dispute has taken, with Stripe's fee. An inquiry takes nothing.

    Args:
        dispute_id: the dispute.
        transaction_id: the balance transaction: a dispute may have several.
        amount: what was taken.
        fee: what Stripe charges for it.
        at: when.
    """
    return journal_entry("disputed", transaction_id, amount.currency, at, *_disputed(dispute_id, 1, amount, fee))


def dispute_reinstated(dispute_id: str, transaction_id: str, amount: Money, fee: Money, at: datetime) -> JournalEntry:
    """Post what came back of a dispute: won, won in part or late; with as much of Stripe's fee as came back."""
    return journal_entry("reinstated", transaction_id, amount.currency, at, *_disputed(dispute_id, -1, amount, fee))


def _disputed(dispute_id: str, sign: int, amount: Money, fee: Money) -> tuple[Side, ...]:
    return (
        Side(PLATFORM, -sign * amount.minor, dispute_id),
        Side(PLATFORM, -sign * fee.minor, dispute_id, is_fee=True),
        Side(DISPUTES, sign * amount.minor),
        Side(STRIPE_FEES, sign * fee.minor),
    )


# At whose cost. `subject` is the id of the refund or dispute, with the vendor's where it has several; posted once.


def fee_returned(sent: SentShare, at: datetime, *, pot: VendorPot) -> JournalEntry:
    """Post that a part of a destination charge's fee went back to the vendor, by a refund of the fee.

    Args:
        sent: what was moved from the platform to the vendor.
        at: when.
        pot: what of the vendor's it adds to.
    """
    minor = sent.amount.minor
    sides = (
        Side(PLATFORM, -minor, sent.source_id),
        Side(stripe_balance(sent.account_id), minor, sent.vendor_source_id),
        Side(REVENUE, minor),
        Side(vendor(sent.vendor_id, pot), -minor),
    )
    return journal_entry("fee_returned", sent.source_id, sent.amount.currency, at, *sides)


def fee_given_up(subject: str, amount: Money, at: datetime, *, against: str) -> JournalEntry:
    """Post that the platform gives up a part of its fee on a separate charge: nothing moves at Stripe."""
    sides = (Side(REVENUE, amount.minor), Side(against, -amount.minor))
    return journal_entry("fee_given_up", subject, amount.currency, at, *sides)


def borne_by_platform(subject: str, amount: Money, at: datetime, *, against: str) -> JournalEntry:
    """Post that the platform bears it."""
    return journal_entry("lost", subject, amount.currency, at, Side(LOSSES, amount.minor), Side(against, -amount.minor))


def loss_undone(subject: str, amount: Money, at: datetime, *, against: str) -> JournalEntry:
    """Post that a loss was none: a dispute that was lost was won late, or a refund failed."""
    sides = (Side(LOSSES, -amount.minor), Side(against, amount.minor))
    return journal_entry("loss_undone", subject, amount.currency, at, *sides)


def taken_beyond(reversal_id: str, amount: Money, at: datetime, *, against: str, instead: str) -> JournalEntry:
    """Post that of a reversal so much was not for what it is posted against.

    Args:
        reversal_id: the reversal.
        amount: how much.
        at: when.
        against: the account that it did not make good.
        instead: the account on which it stands.
    """
    sides = (Side(against, amount.minor), Side(instead, -amount.minor))
    return journal_entry("taken_beyond", reversal_id, amount.currency, at, *sides)


def owed_by_vendor(subject: str, vendor_id: str, amount: Money, at: datetime, *, against: str) -> JournalEntry:
    """Post that a vendor owes it, whose balance could not meet a reversal."""
    sides = (Side(receivable(vendor_id), amount.minor), Side(against, -amount.minor))
    return journal_entry("owed", f"{subject}:{vendor_id}", amount.currency, at, *sides)


def kept_from_share(subject: str, vendor_id: str, amount: Money, at: datetime, *, against: str) -> JournalEntry:
    """Post that it is kept from a share that is not sent yet: so much less is sent, and nothing is taken back."""
    sides = (Side(vendor(vendor_id, VendorPot.POSTED), amount.minor), Side(against, -amount.minor))
    return journal_entry("kept", subject, amount.currency, at, *sides)


def written_off(subject: str, vendor_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post that a vendor will not pay what is owed."""
    sides = (Side(LOSSES, amount.minor), Side(receivable(vendor_id), -amount.minor))
    return journal_entry(WRITTEN_OFF, f"{subject}:{vendor_id}", amount.currency, at, *sides)


def write_off_undone(subject: str, vendor_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post that what was written off was none of the vendor's debts: it is no loss."""
    sides = (Side(receivable(vendor_id), amount.minor), Side(LOSSES, -amount.minor))
    return journal_entry(WRITE_OFF_UNDONE, f"{subject}:{vendor_id}", amount.currency, at, *sides)


def written_off_minor(lines: Iterable[LedgerLine], currency: str) -> int:
    """Return how much stands written off of a vendor's debts.

    Args:
        lines: of what the vendor owes.
        currency: of which.
    """
    facts = (WRITTEN_OFF, WRITE_OFF_UNDONE)
    return -sum(
        line.amount_minor
        for line in lines
        if line.currency == currency and line.journal_entry.partition(":")[0] in facts
    )


def owed_undone(subject: str, vendor_id: str, amount: Money, at: datetime, *, against: str) -> JournalEntry:
    """Post that a vendor does not owe it after all: a refund failed, a dispute was won late."""
    sides = (Side(receivable(vendor_id), -amount.minor), Side(against, amount.minor))
    return journal_entry("owed_undone", f"{subject}:{vendor_id}", amount.currency, at, *sides)


def fee_regained(subject: str, amount: Money, at: datetime, *, against: str) -> JournalEntry:
    """Post that the platform has again what it had given up of its fee."""
    sides = (Side(REVENUE, -amount.minor), Side(against, amount.minor))
    return journal_entry("fee_regained", subject, amount.currency, at, *sides)
