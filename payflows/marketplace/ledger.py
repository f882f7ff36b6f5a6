"""The ledger: double entry, append-only. What is posted for which fact is in the postings, account names in `accounts`.

A journal entry is some lines that sum to zero in each currency: the store checks that in the step that appends them, so
that no other ledger can be stored. Keys are derived from the fact, so that each fact is posted once. Balances are sums.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from payflows.checks import implements
from payflows.errors import UnbalancedEntry
from payflows.kernel.aggregate import Entry, EntryKind
from payflows.kernel.changes import Append
from payflows.kernel.store import Store
from payflows.marketplace.accounts import VendorPot, receivable, vendor


@dataclass(frozen=True, kw_only=True)
class LedgerLine(Entry):
    """One line of a journal entry; its owner is the account.

    Attributes:
        journal_entry: the entry's id: what happened, and to which object.
        amount_minor: debited, or credited where it is below zero.
        currency: of that.
        source_id: of a line on a balance at Stripe, the object there that moved it.
        is_fee: of such a line, it is the fee of that movement.
    """

    journal_entry: str
    amount_minor: int
    currency: str
    source_id: str | None = None
    is_fee: bool = False


JournalEntry = tuple[LedgerLine, ...]
"""Lines that sum to zero in each currency."""


def check_balance(lines: Sequence[LedgerLine]) -> None:
    """Raise `UnbalancedEntry` unless each journal entry sums to zero in each currency."""
    sums: Counter[tuple[str, str]] = Counter()
    for line in lines:
        sums[line.journal_entry, line.currency] += line.amount_minor
    for (entry, currency), amount_minor in sums.items():
        if amount_minor:
            raise UnbalancedEntry(
                f"a journal entry sums to zero: {entry} is off by {amount_minor} minor units {currency}"
            )


LEDGER = EntryKind(name="ledger", entry_type=LedgerLine, check=check_balance)
"""The ledger, as the kernel keeps it."""


class Side(NamedTuple):
    """What one line of an entry is made of.

    Attributes:
        account: which.
        amount_minor: debited, or credited where it is below zero.
        source_id: as in `LedgerLine`.
        is_fee: as there.
    """

    account: str
    amount_minor: int
    source_id: str | None = None
    is_fee: bool = False


def journal_entry(fact: str, subject: str, currency: str, at: datetime, *sides: Side) -> JournalEntry:
    """Return the lines of one entry; what is zero is left out.

    Args:
        fact: what happened, such as "refunded".
        subject: the id of what it happened to: the two are posted once.
        currency: of all lines.
        at: when.
        sides: the lines.
    """
    id = f"{fact}:{subject}"
    moved = [side for side in sides if side.amount_minor]
    return tuple(
        LedgerLine(
            key=f"{id}:{number}",
            owner=side.account,
            at=at,
            journal_entry=id,
            amount_minor=side.amount_minor,
            currency=currency,
            source_id=side.source_id,
            is_fee=side.is_fee,
        )
        for number, side in enumerate(moved, 1)
    )


def post(*entries: JournalEntry) -> Append:
    """Return the change that appends entries, to be written with what they are about.

    A fact that was posted before fails the whole step with `AlreadyExists`, one that does not balance with
    `UnbalancedEntry`.
    """
    return Append(LEDGER, tuple(chain.from_iterable(entries)))


Balances = Mapping[tuple[str, str], int]
"""Sums of lines, by account and currency."""


def balances_of(lines: Iterable[LedgerLine]) -> Balances:
    """Return the balance of each account in each currency."""
    sums: Counter[tuple[str, str]] = Counter()
    for line in lines:
        sums[line.owner, line.currency] += line.amount_minor
    return sums


class Ledger:
    """Reads the ledger.

    Args:
        store: keeps it.
    """

    def __init__(self, store: Store) -> None:
        implements("store", store, Store)
        self._store = store

    async def lines(self, account: str) -> tuple[LedgerLine, ...]:
        """Return all lines of an account, oldest first."""
        lines: list[LedgerLine] = []
        while page := await self._store.entries(LEDGER, account, after=lines[-1].key if lines else None):
            lines.extend(page)
        return tuple(lines)

    async def balance_minor(self, account: str, currency: str) -> int:
        """Return the sum of an account's lines in a currency; what is owed is below zero."""
        return sum(line.amount_minor for line in await self.lines(account) if line.currency == currency)

    async def owed_minor(self, vendor_id: str, pot: VendorPot, currency: str) -> int:
        """Return how much is owed to a vendor, of what has come so far."""
        return -await self.balance_minor(vendor(vendor_id, pot), currency)

    async def of_vendor(self, vendor_id: str) -> tuple[LedgerLine, ...]:
        """Return all that is owed to a vendor and by a vendor, oldest first."""
        accounts = (*(vendor(vendor_id, pot) for pot in VendorPot), receivable(vendor_id))
        lines = [line for account in accounts for line in await self.lines(account)]
        return tuple(sorted(lines, key=lambda line: line.at))
