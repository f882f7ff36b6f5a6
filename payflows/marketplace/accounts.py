"""Accounts of the ledger, by name. What moves between them is in the postings.

Debits are above zero and credits below, as in plain-text accounting: what we have and what we spend is positive, what
we owe and what we earn is negative.
"""

from __future__ import annotations

from enum import StrEnum

BUYERS = "buyers"
"""What buyers are to pay; and what they were given back, until it is known at whose cost. Zero at rest."""

DISPUTES = "disputes"
"""What banks have taken back, until it is known at whose cost. Zero at rest."""

INCORRECT_SPLITS = "incorrect_splits"
"""What was sent to a vendor and was another's. Zero once it is put right."""

PENDING_REVENUE = "revenue:pending"
"""The platform's fees on payments that are not made yet."""

REVENUE = "revenue:posted"
"""The platform's fees."""

STRIPE_FEES = "stripe_fees"
"""What Stripe has charged, as estimated until it is known."""

LOSSES = "losses"
"""What the platform has paid in a vendor's place, for good."""

PLATFORM_BANK = "bank:platform"
"""What the platform has paid out to itself."""


class VendorPot(StrEnum):
    """How far what is owed to a vendor has come."""

    PENDING = "pending"
    """The payment is not made yet."""
    POSTED = "posted"
    """It is made, and Stripe does not let it be used yet."""
    AVAILABLE = "available"
    """It may be paid out."""
    RESERVED = "reserved"
    """It is held back against refunds and disputes."""
    PAYING = "paying"
    """It is on its way to the vendor's bank."""


def stripe_balance(account_id: str | None) -> str:
    """Return the account of a balance at Stripe; None is the platform's."""
    return f"stripe:{account_id or ''}"


def vendor(vendor_id: str, pot: VendorPot) -> str:
    """Return the account of what is owed to a vendor."""
    return f"vendor:{pot}:{vendor_id}"


def receivable(vendor_id: str) -> str:
    """Return the account of what a vendor owes the platform."""
    return f"receivable:{vendor_id}"


def payouts_in_transit(vendor_id: str) -> str:
    """Return the account of what has left a vendor's balance and is not at the bank yet."""
    return f"payouts_in_transit:{vendor_id}"
