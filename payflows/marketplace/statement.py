"""Statements: what a vendor is owed and how it came about, line by line; as text here, as a table in `simulations`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from payflows.marketplace.accounts import VendorPot, receivable, vendor
from payflows.marketplace.ledger import LedgerLine


class StatementRow(NamedTuple):
    """What one journal entry did for a vendor. Amounts are the vendor's: above zero where they get more.

    Attributes:
        at: when.
        journal_entry: what happened, and to which object.
        currency: of all amounts.
        pending_minor: payments that are not made yet.
        posted_minor: made, and not to be used yet.
        available_minor: may be paid out.
        reserved_minor: held back.
        paying_minor: on its way to the bank.
        debt_minor: what the vendor owes; below zero where it grows.
        balance_minor: what is the vendor's after it, in this currency, pending payments left out.
    """

    at: datetime
    journal_entry: str
    currency: str
    pending_minor: int
    posted_minor: int
    available_minor: int
    reserved_minor: int
    paying_minor: int
    debt_minor: int
    balance_minor: int


class Statement(NamedTuple):
    """A vendor's statement.

    Attributes:
        vendor_id: whose.
        rows: the oldest first.
    """

    vendor_id: str
    rows: tuple[StatementRow, ...]

    def __str__(self) -> str:
        names = [name.removesuffix("_minor") for name in StatementRow._fields[3:]]
        header = f"{'':<17}{'':<44}{'':<4}" + "".join(f"{name:>12}" for name in names)
        rows = [
            f"{row.at:%Y-%m-%d %H:%M} {row.journal_entry:<44.43}{row.currency:<4}"
            + "".join(f"{amount:>12,}" if amount else f"{'':>12}" for amount in row[3:])
            for row in self.rows
        ]
        return "\n".join(line.rstrip() for line in [f"vendor {self.vendor_id}, in minor units", header, *rows])


def statement_of(vendor_id: str, lines: Iterable[LedgerLine]) -> Statement:
    """Return a vendor's statement.

    Args:
        vendor_id: whose.
        lines: of the ledger, oldest first; those of others are passed over.
    """
    accounts = [*(vendor(vendor_id, pot) for pot in VendorPot), receivable(vendor_id)]
    places = {account: place for place, account in enumerate(accounts)}
    changes: dict[tuple[datetime, str, str], list[int]] = {}
    for line in lines:
        if line.owner in places:
            changed = changes.setdefault((line.at, line.journal_entry, line.currency), [0] * len(accounts))
            changed[places[line.owner]] -= line.amount_minor
    balances: Counter[str] = Counter()
    rows = []
    for (at, entry, currency), amounts in changes.items():
        balances[currency] += sum(amounts[1:])
        rows.append(StatementRow._make((at, entry, currency, *amounts, balances[currency])))
    return Statement(vendor_id, tuple(rows))
