"""Statements of vendors, and the ledger compared with Stripe's balance transactions."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from payflows.kernel.store import Store
from payflows.marketplace.balances import BalanceStatus, BalanceTransaction
from payflows.marketplace.ledger import Ledger, post
from payflows.marketplace.reconciliation import Difference, reconcile
from payflows.marketplace.sale_postings import became_available, payment_expected
from payflows.marketplace.statement import statement_of
from payflows.testing.store_sample import START
from simulations.marketplace.frames import statement_frame
from simulations.time.hand_clock import HandClock
from tests.sample_sale import SHARE, SOLD, lines

# Statements


def test_a_statement_says_what_is_the_vendors_and_why(store: Store) -> None:
    run = HandClock().run
    later = became_available("pi_1", "v", 9_000, "usd", START + timedelta(days=2))
    other = payment_expected("pi_2", (SHARE._replace(vendor_id="w"),), START)
    run(store.change(post(*SOLD, later, other)))

    statement = statement_of("v", run(Ledger(store).of_vendor("v")))

    assert [
        (row.journal_entry, row.posted_minor, row.available_minor, row.balance_minor) for row in statement.rows
    ] == [
        ("expected:pi_1", 0, 0, 0),
        ("captured:pi_1", 9_000, 0, 9_000),
        ("available:pi_1:v", -9_000, 9_000, 9_000),
    ]
    assert str(statement).splitlines()[-1].split() == [
        "2026-01-03",
        "00:00",
        *["available:pi_1:v", "usd"],
        "-9,000",
        "9,000",
        "9,000",
    ]
    assert list(statement_frame(statement)["balance_minor"]) == [0, 9_000, 9_000]


def test_a_statement_of_nothing_is_a_table_too() -> None:
    frame = statement_frame(statement_of("v", ()))

    assert isinstance(frame, pd.DataFrame)
    assert "balance_minor" in frame


# Reconciliation


def at_stripe(id: str, source: str, amount: int, fee: int = 0) -> BalanceTransaction:
    return BalanceTransaction(id, "x", source, amount, fee, amount - fee, "usd", BalanceStatus.AVAILABLE, START, START)


OF_PLATFORM = (
    at_stripe("txn_1", "ch_1", 10_000, 320),
    at_stripe("txn_2", "tr_1", -10_000),
    at_stripe("txn_3", "fee_1", 1_000),
)
OF_VENDOR = (at_stripe("txn_4", "py_1", 10_000, 1_000),)


def test_books_that_agree_are_clean_and_what_is_read_twice_counts_once() -> None:
    result = reconcile(lines(*SOLD), {None: OF_PLATFORM * 2, "acct_v": OF_VENDOR})

    assert result.is_clean
    assert (result.agreed, str(result)) == (4, "4 agree, 0 differ")


@pytest.mark.parametrize(
    ("at_platform", "difference", "more_here"),
    [
        (OF_PLATFORM[1:], Difference.NOT_AT_STRIPE, 9_680),
        ((*OF_PLATFORM, at_stripe("txn_9", "ch_9", 5)), Difference.NOT_IN_LEDGER, -5),
        ((*OF_PLATFORM, at_stripe("txn_9", "ch_1", 0)), Difference.MOVEMENTS, 0),
        ((at_stripe("txn_1", "ch_1", 9_999, 320), *OF_PLATFORM[1:]), Difference.AMOUNT, 1),
        ((at_stripe("txn_1", "ch_1", 10_000, 345), *OF_PLATFORM[1:]), Difference.FEE, 25),
    ],
)
def test_each_difference_is_found_and_named(
    at_platform: tuple[BalanceTransaction, ...], difference: Difference, more_here: int
) -> None:
    result = reconcile(lines(*SOLD), {None: at_platform, "acct_v": OF_VENDOR})

    assert [each.difference for each in result.discrepancies] == [difference]
    assert result.differences == {(None, "usd"): more_here, ("acct_v", "usd"): 0}
    assert f"{difference}: " in str(result)
