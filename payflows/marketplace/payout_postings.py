"""Postings of payouts and reserves: what vendors may have, and what is on its way to them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from payflows.marketplace.accounts import VendorPot, payouts_in_transit, stripe_balance, vendor
from payflows.marketplace.ledger import JournalEntry, Side, journal_entry
from payflows.money import Money


class SentPayout(NamedTuple):
    """A payout to a vendor.

    Attributes:
        vendor_id: whose.
        account_id: theirs at Stripe.
        stripe_payout_id: Stripe's id, `po_...`.
        amount: how much.
    """

    vendor_id: str
    account_id: str
    stripe_payout_id: str
    amount: Money


def payout_sent(payout: SentPayout, at: datetime) -> JournalEntry:
    """Post that it has left the vendor's balance."""
    available, paying = (_owed(payout, pot) for pot in (VendorPot.AVAILABLE, VendorPot.PAYING))
    minor = payout.amount.minor
    sides = (Side(available, minor), Side(paying, -minor), *_left(payout, minor))
    return journal_entry("payout_sent", payout.stripe_payout_id, payout.amount.currency, at, *sides)


def payout_paid(payout: SentPayout, at: datetime) -> JournalEntry:
    """Post that the bank has it. It may still send it back."""
    minor = payout.amount.minor
    sides = (Side(_owed(payout, VendorPot.PAYING), minor), Side(payouts_in_transit(payout.vendor_id), -minor))
    return journal_entry("payout_paid", payout.stripe_payout_id, payout.amount.currency, at, *sides)


def payout_failed(payout: SentPayout, at: datetime) -> JournalEntry:
    """Post that it failed, or was cancelled, before it was paid."""
    available, paying = (_owed(payout, pot) for pot in (VendorPot.AVAILABLE, VendorPot.PAYING))
    minor = payout.amount.minor
    sides = (Side(available, -minor), Side(paying, minor), *_left(payout, -minor))
    return journal_entry("payout_failed", payout.stripe_payout_id, payout.amount.currency, at, *sides)


def payout_returned(payout: SentPayout, at: datetime) -> JournalEntry:
    """Post that the bank sent back what was paid: it is the vendor's balance again."""
    balance, minor = stripe_balance(payout.account_id), payout.amount.minor
    sides = (Side(balance, minor, payout.stripe_payout_id), Side(_owed(payout, VendorPot.AVAILABLE), -minor))
    return journal_entry("payout_returned", payout.stripe_payout_id, payout.amount.currency, at, *sides)


def reserve_held(subject: str, vendor_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post that a part of what may be paid out is held back."""
    return _reserve("held", subject, vendor_id, amount.minor, amount.currency, at)


def reserve_released(subject: str, vendor_id: str, amount: Money, at: datetime) -> JournalEntry:
    """Post that it may be paid out again."""
    return _reserve("released", subject, vendor_id, -amount.minor, amount.currency, at)


def _reserve(fact: str, subject: str, vendor_id: str, minor: int, currency: str, at: datetime) -> JournalEntry:
    available, reserved = vendor(vendor_id, VendorPot.AVAILABLE), vendor(vendor_id, VendorPot.RESERVED)
    sides = (Side(available, minor), Side(reserved, -minor))
    return journal_entry(fact, f"{subject}:{vendor_id}", currency, at, *sides)


def _left(payout: SentPayout, minor: int) -> tuple[Side, Side]:
    """Return the two sides of what leaves the vendor's balance at Stripe."""
    left = Side(stripe_balance(payout.account_id), -minor, payout.stripe_payout_id)
    return left, Side(payouts_in_transit(payout.vendor_id), minor)


def _owed(payout: SentPayout, pot: VendorPot) -> str:
    return vendor(payout.vendor_id, pot)
