"""Postings of movements: what the ledger says once each is made, owed by its vendor, or not needed."""

from __future__ import annotations

from datetime import datetime

from payflows.marketplace.accounts import VendorPot, receivable
from payflows.marketplace.connect import ApplicationFeeRefund, Transfer, TransferReversal
from payflows.marketplace.ledger import JournalEntry
from payflows.marketplace.movement import Movement, MovementType, pot_of
from payflows.marketplace.movement_calls import Made
from payflows.marketplace.return_postings import (
    fee_given_up,
    fee_regained,
    fee_returned,
    kept_from_share,
    owed_by_vendor,
    owed_undone,
    refunded,
)
from payflows.marketplace.sale_postings import SentShare, share_reversed, share_sent
from payflows.money import Money


def entries_of(movement: Movement, made: Made, now: datetime, *, is_available: bool) -> list[JournalEntry]:
    """Return what is posted once a movement is made.

    Args:
        movement: the movement.
        made: what Stripe has made of it.
        now: when.
        is_available: the sale's money may be used.
    """
    pot = pot_of(is_available=is_available)
    match movement.type:
        case MovementType.REFUND:
            return [refunded(made.id, movement.amount, now)]
        case MovementType.SHARE:
            return [share_sent(_sent(movement, made), now)]
        case MovementType.SHARE_AGAIN:
            sent = share_sent(_sent(movement, made), now, against=movement.against, pot=pot)
            return [sent, *fee_regained_by(movement, now)]
        case MovementType.DEBT_RETURN:
            return [share_sent(_sent(movement, made), now, against=movement.against, pot=VendorPot.AVAILABLE)]
        case MovementType.REVERSAL:
            taken = share_reversed(_sent(movement, made), now, against=movement.against, pot=pot)
            return [taken, *_beside(movement, now)]
    return [fee_returned(_sent(movement, made), now, pot=pot)]


def entries_when_kept(movement: Movement, now: datetime) -> list[JournalEntry]:
    """Return what is posted where a reversal is kept from a share that is not sent yet."""
    kept = kept_from_share(movement.id, movement.vendor_id, movement.amount, now, against=movement.against)
    return [kept, *_beside(movement, now)]


def entries_when_owed(movement: Movement, now: datetime) -> list[JournalEntry]:
    """Return what is posted where a vendor's balance cannot meet a reversal: the vendor owes it."""
    owed = owed_by_vendor(movement.id, movement.vendor_id, movement.amount, now, against=movement.against)
    return [owed, *_beside(movement, now)]


def entries_beside(movement: Movement, now: datetime) -> list[JournalEntry]:
    """Return what is posted of a movement of nothing: what it stands for is not at Stripe."""
    return [*_beside(movement, now)] if movement.type is MovementType.REVERSAL else fee_regained_by(movement, now)


def entries_when_not_owed(again: Movement, minor: int, now: datetime) -> list[JournalEntry]:
    """Return what is posted where a vendor does not owe so much after all."""
    amount = Money(minor, again.amount.currency)
    return [owed_undone(again.id, again.vendor_id, amount, now, against=again.against)]


def entries_when_fee_cannot_return(movement: Movement, now: datetime) -> list[JournalEntry]:
    """Return what is posted where a fee cannot go back, for the account is closed: the vendor owes so much less."""
    return [fee_given_up(movement.id, movement.amount, now, against=receivable(movement.vendor_id))]


def _beside(movement: Movement, now: datetime) -> list[JournalEntry]:
    """Return what is posted beside a reversal: what the platform gives up, and what the vendor owes."""
    entries, currency = [], movement.amount.currency
    if movement.fee_minor:
        given_up = Money(movement.fee_minor, currency)
        entries.append(fee_given_up(movement.id, given_up, now, against=movement.against))
    if movement.owed_minor:
        owed = Money(movement.owed_minor, currency)
        entries.append(owed_by_vendor(f"{movement.id}:fee", movement.vendor_id, owed, now, against=movement.against))
    return entries


def fee_regained_by(movement: Movement, now: datetime) -> list[JournalEntry]:
    """Return what is posted where the platform has again what it gave up of its fee."""
    if not movement.fee_minor:
        return []
    regained = Money(movement.fee_minor, movement.amount.currency)
    return [fee_regained(movement.id, regained, now, against=movement.against)]


def _sent(movement: Movement, made: Made) -> SentShare:
    """Return what was moved, by the ids that the two balances show."""
    vendor_source_id = made.id
    if isinstance(made, Transfer) and made.destination_payment_id is not None:
        vendor_source_id = made.destination_payment_id
    elif isinstance(made, TransferReversal) and made.destination_refund_id is not None:
        vendor_source_id = made.destination_refund_id
    else:
        assert isinstance(made, Transfer | TransferReversal | ApplicationFeeRefund), "it moves two balances"
    return SentShare(movement.vendor_id, movement.account_id, movement.amount, made.id, vendor_source_id)
