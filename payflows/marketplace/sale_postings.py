"""Postings of sales: payments expected, made and abandoned, shares sent to vendors, and Stripe's fee.

Each is a pure function from a fact to its journal entry. Ids are Stripe's where a balance there has moved: by them the
ledger is compared with Stripe's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from payflows.marketplace.accounts import (
    BUYERS,
    PENDING_REVENUE,
    PLATFORM_BANK,
    REVENUE,
    STRIPE_FEES,
    VendorPot,
    stripe_balance,
    vendor,
)
from payflows.marketplace.ledger import JournalEntry, Side, journal_entry
from payflows.money import Money

PLATFORM = stripe_balance(None)


class Share(NamedTuple):
    """A vendor's part of a payment.

    Attributes:
        vendor_id: whose.
        account_id: theirs at Stripe, `acct_...`.
        amount: what the buyer pays for what is theirs.
        application_fee: what of it the platform keeps.
    """

    vendor_id: str
    account_id: str
    amount: Money
    application_fee: Money

    @property
    def net_minor(self) -> int:
        """Return what is the vendor's."""
        return self.amount.minor - self.application_fee.minor


class SentShare(NamedTuple):
    """What was moved from the platform's balance to a vendor's, or back again.

    Attributes:
        vendor_id: whose.
        account_id: theirs at Stripe.
        amount: how much.
        source_id: what has moved the platform's balance: a transfer, or its reversal.
        vendor_source_id: what has moved the vendor's: the payment there (`py_...`), or its refund.
    """

    vendor_id: str
    account_id: str
    amount: Money
    source_id: str
    vendor_source_id: str


def payment_expected(payment_id: str, shares: Sequence[Share], at: datetime) -> JournalEntry:
    """Post what a buyer is to pay, before the charge: pending for all."""
    return journal_entry("expected", payment_id, _currency(shares), at, *_expected(shares, sign=1))


def payment_abandoned(payment_id: str, shares: Sequence[Share], at: datetime) -> JournalEntry:
    """Post that it failed or expired: no one is owed anything."""
    return journal_entry("abandoned", payment_id, _currency(shares), at, *_expected(shares, sign=-1))


def destination_charge_captured(
    payment_id: str,
    charge_id: str,
    share: Share,
    sent: SentShare,
    *,
    application_fee_id: str | None,
    stripe_fee: Money,
    at: datetime,
) -> JournalEntry:
    """Post a payment of which all goes to one vendor, and the application fee comes back.

    Args:
        payment_id: the payment.
        charge_id: its charge.
        share: the vendor's.
        sent: the whole payment, moved to the vendor.
        application_fee_id: what came back; None where there was no fee.
        stripe_fee: what Stripe is expected to charge.
        at: when.
    """
    fee_minor, balance = share.application_fee.minor, stripe_balance(sent.account_id)
    return journal_entry(
        "captured",
        payment_id,
        share.amount.currency,
        at,
        *_captured(charge_id, (share,), stripe_fee),
        *_moved(sent),
        Side(balance, -fee_minor, sent.vendor_source_id, is_fee=True),
        Side(PLATFORM, fee_minor, application_fee_id),
    )


def separate_charge_captured(
    payment_id: str, charge_id: str, shares: Sequence[Share], *, stripe_fee: Money, at: datetime
) -> JournalEntry:
    """Post a payment that stays with the platform, which owes the vendors their shares."""
    sides = _captured(charge_id, shares, stripe_fee)
    return journal_entry("captured", payment_id, _currency(shares), at, *sides)


def share_sent(
    sent: SentShare, at: datetime, *, against: str | None = None, pot: VendorPot | None = None
) -> JournalEntry:
    """Post a transfer to a vendor.

    Args:
        sent: what was moved.
        at: when.
        against: the account whose cost it is, for what the vendor is not owed yet: a share that was taken back and is
            sent again, one that was another's, a debt that Stripe has collected from the platform; None: it is owed
            since the payment.
        pot: with `against`, what of the vendor's it adds to.
    """
    owed = _owed(sent, -1, pot, against)
    return journal_entry("sent", sent.source_id, sent.amount.currency, at, *_moved(sent), *owed)


def share_reversed(sent: SentShare, at: datetime, *, against: str, pot: VendorPot) -> JournalEntry:
    """Post that a part of a transfer was taken back.

    Args:
        sent: what was moved back.
        at: when.
        against: the account that it makes good: of buyers, disputes, receivables or incorrect splits.
        pot: what of the vendor's it is taken from.
    """
    owed = _owed(sent, 1, pot, against)
    return journal_entry("reversed", sent.source_id, sent.amount.currency, at, *_moved(sent, sign=-1), *owed)


def stripe_fee_read(charge_id: str, *, estimated: Money, charged_minor: int, at: datetime) -> JournalEntry:
    """Post how far Stripe's fee differs from its estimate: the platform's, whoever bears the fee."""
    difference = charged_minor - estimated.minor
    sides = (Side(STRIPE_FEES, difference), Side(PLATFORM, -difference, charge_id, is_fee=True))
    return journal_entry("stripe_fee", charge_id, estimated.currency, at, *sides)


def became_available(subject: str, vendor_id: str, minor: int, currency: str, at: datetime) -> JournalEntry:
    """Post that Stripe lets what was posted be used.

    Args:
        subject: the payment, or what else was sent: once each, and vendor.
        vendor_id: whose.
        minor: what is left of it; below zero where more was taken back so far than the fee that is given up leaves.
        currency: of that.
        at: when.
    """
    sides = (
        Side(vendor(vendor_id, VendorPot.POSTED), minor),
        Side(vendor(vendor_id, VendorPot.AVAILABLE), -minor),
    )
    return journal_entry("available", f"{subject}:{vendor_id}", currency, at, *sides)


def platform_paid_out(payout_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post that the platform has paid out some of its balance to itself."""
    sides = (Side(PLATFORM, -amount.minor, payout_id), Side(PLATFORM_BANK, amount.minor))
    return journal_entry("platform_paid_out", payout_id, amount.currency, at, *sides)


def platform_topped_up(topup_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post that the platform has paid into its balance."""
    sides = (Side(PLATFORM, amount.minor, topup_id), Side(PLATFORM_BANK, -amount.minor))
    return journal_entry("platform_topped_up", topup_id, amount.currency, at, *sides)


def _captured(charge_id: str, shares: Sequence[Share], stripe_fee: Money) -> Iterator[Side]:
    """Yield what is the same for every charge: the buyer's money, Stripe's fee, and that all is posted."""
    yield Side(PLATFORM, sum(share.amount.minor for share in shares), charge_id)
    yield Side(PLATFORM, -stripe_fee.minor, charge_id, is_fee=True)
    yield Side(STRIPE_FEES, stripe_fee.minor)
    yield from _expected(shares, sign=-1)
    for share in shares:
        yield Side(vendor(share.vendor_id, VendorPot.POSTED), -share.net_minor)
    yield Side(REVENUE, -sum(share.application_fee.minor for share in shares))


def _expected(shares: Sequence[Share], *, sign: int) -> Iterator[Side]:
    yield Side(BUYERS, sign * sum(share.amount.minor for share in shares))
    for share in shares:
        yield Side(vendor(share.vendor_id, VendorPot.PENDING), -sign * share.net_minor)
    yield Side(PENDING_REVENUE, -sign * sum(share.application_fee.minor for share in shares))


def _moved(sent: SentShare, sign: int = 1) -> tuple[Side, Side]:
    """Return the two sides at Stripe: what one balance loses, the other gets."""
    to_vendor = Side(stripe_balance(sent.account_id), sign * sent.amount.minor, sent.vendor_source_id)
    return Side(PLATFORM, -sign * sent.amount.minor, sent.source_id), to_vendor


def _owed(sent: SentShare, sign: int, pot: VendorPot | None, against: str | None) -> tuple[Side, ...]:
    """Return how what is owed to the vendor changes, and whose cost that is."""
    assert (pot is None) is (against is None), "both say at whose cost it is, or neither"
    if pot is None or against is None:
        return ()
    minor = sign * sent.amount.minor
    return Side(vendor(sent.vendor_id, pot), minor), Side(against, -minor)


def _currency(shares: Sequence[Share]) -> str:
    return shares[0].amount.currency
