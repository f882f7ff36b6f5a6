"""Over many random movements the ledger always sums to zero, and equals Stripe's books to the minor unit (I6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import pytest

from payflows.kernel.store import Store, StoreReader
from payflows.marketplace.accounts import (
    BUYERS,
    DISPUTES,
    INCORRECT_SPLITS,
    PENDING_REVENUE,
    STRIPE_FEES,
    VendorPot,
    receivable,
    vendor,
)
from payflows.marketplace.ledger import LEDGER, JournalEntry, Ledger, LedgerLine, balances_of, post
from payflows.marketplace.reconciliation import reconcile
from payflows.store.memory import InMemoryStore
from simulations.time.hand_clock import HandClock
from tests.ledger_movements import VENDORS, Movements

CURRENCIES = ("jpy", "usd", "kwd")
"""Of 0, 2 and 3 decimals."""

STEP = 100
"""How many movements are appended in one step."""

CLEARING = (BUYERS, DISPUTES, INCORRECT_SPLITS, PENDING_REVENUE)
"""What is zero at rest."""


def append_all(store: Store, entries: Iterator[JournalEntry]) -> int:
    """Append movements to a store, whose books sum to zero after each step; how many there were."""
    total: Counter[str] = Counter()
    count = 0

    async def append(step: Sequence[JournalEntry]) -> None:
        await store.change(post(*step))

    while step := list(islice(entries, STEP)):
        HandClock().run(append(step))
        for entry in step:
            for line in entry:
                total[line.currency] += line.amount_minor
            assert not any(total.values()), entry
        count += len(step)
    return count


def check_books(lines: Sequence[LedgerLine], movements: Movements) -> None:
    """At rest nothing is open, nothing differs from Stripe, and each vendor is owed what plain sums say."""
    balances = balances_of(lines)
    reconciliation = reconcile(lines, movements.transactions)
    for vendor_id in VENDORS:
        for pot in VendorPot:
            assert -balances[vendor(vendor_id, pot), movements.currency] == movements.owed[vendor_id, pot]
        assert balances[receivable(vendor_id), movements.currency] == movements.debts[vendor_id]
    assert [balances[account, movements.currency] for account in CLEARING] == [0] * len(CLEARING)
    assert reconciliation.is_clean, str(reconciliation)
    assert not any(reconciliation.differences.values())
    assert len(reconciliation.differences) == len(VENDORS) + 1
    assert balances[STRIPE_FEES, movements.currency] == sum(each.fee_minor for each in movements.transactions[None])


def check_movements(store: Store, reader: StoreReader, count: int, seed: int = 0) -> None:
    done = 0
    for currency in CURRENCIES:
        movements = Movements(seed, currency)
        done += append_all(store, movements.some(count // len(CURRENCIES) + 1))
        check_books([line for line in reader.all_entries(LEDGER) if line.currency == currency], movements)
    assert done >= count


def test_after_many_movements_the_books_are_stripes() -> None:
    store = InMemoryStore()

    check_movements(store, store, 50_000)


@pytest.mark.on_demand
@pytest.mark.parametrize("seed", range(1, 21))
def test_after_a_million_they_are_too(seed: int) -> None:
    store = InMemoryStore()

    check_movements(store, store, 50_000, seed)


def test_they_are_on_every_store(store: InMemoryStore) -> None:
    check_movements(store, store, 600)

    clock, ledger = HandClock(), Ledger(store)
    balances = balances_of(store.all_entries(LEDGER))
    for vendor_id in VENDORS:
        owed = clock.run(ledger.owed_minor(vendor_id, VendorPot.AVAILABLE, "usd"))
        assert owed == -balances[vendor(vendor_id, VendorPot.AVAILABLE), "usd"]
