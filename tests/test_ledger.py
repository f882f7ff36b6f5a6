"""The ledger: what is posted for what happened, by hand-worked cases; that it balances and posts once, in the store."""

from __future__ import annotations

import pytest

from payflows.errors import AlreadyExists, InvalidPolicy, UnbalancedEntry
from payflows.kernel.store import Store
from payflows.marketplace import accounts
from payflows.marketplace.accounts import BUYERS, LOSSES, REVENUE, STRIPE_FEES, VendorPot, receivable, vendor
from payflows.marketplace.ledger import LEDGER, JournalEntry, Ledger, Side, balances_of, journal_entry, post
from payflows.marketplace.payout_postings import SentPayout, payout_paid, payout_returned, payout_sent, reserve_held
from payflows.marketplace.return_postings import (
    borne_by_platform,
    dispute_reinstated,
    dispute_withdrawn,
    fee_returned,
    kept_from_share,
    loss_undone,
    owed_by_vendor,
    refund_failed,
    refunded,
    written_off,
)
from payflows.marketplace.sale_postings import (
    SentShare,
    became_available,
    payment_abandoned,
    separate_charge_captured,
    share_reversed,
    share_sent,
    stripe_fee_read,
)
from payflows.store.memory import InMemoryStore
from payflows.testing.store_sample import START
from simulations.time.hand_clock import HandClock
from tests.sample_sale import CAPTURED, EXPECTED, SHARE, SOLD, lines, usd

PLATFORM, VENDOR = accounts.stripe_balance(None), accounts.stripe_balance("acct_v")
POSTED, AVAILABLE = vendor("v", VendorPot.POSTED), vendor("v", VendorPot.AVAILABLE)


def balances(*entries: JournalEntry) -> dict[str, int]:
    """What is not zero after them."""
    LEDGER.check(lines(*entries))
    return {account: minor for (account, _), minor in balances_of(lines(*entries)).items() if minor}


# Sales


def test_a_payment_is_pending_before_it_is_charged() -> None:
    """M5"""
    pending = {BUYERS: 10_000, vendor("v", VendorPot.PENDING): -9_000, accounts.PENDING_REVENUE: -1_000}

    assert balances(EXPECTED) == pending
    assert balances(EXPECTED, payment_abandoned("pi_1", (SHARE,), START)) == {}


def test_a_destination_charge_leaves_the_fee_with_the_platform_and_the_rest_with_the_vendor() -> None:
    """M11: Stripe's fee is in the ledger."""
    assert balances(*SOLD) == {PLATFORM: 680, VENDOR: 9_000, POSTED: -9_000, REVENUE: -1_000, STRIPE_FEES: 320}


def test_a_separate_charge_owes_the_share_until_it_is_sent() -> None:
    captured = separate_charge_captured("pi_1", "ch_1", (SHARE,), stripe_fee=usd(320), at=START)
    sent = share_sent(SentShare("v", "acct_v", usd(9_000), "tr_1", "py_1"), START)

    assert balances(EXPECTED, captured) == {PLATFORM: 9_680, POSTED: -9_000, REVENUE: -1_000, STRIPE_FEES: 320}
    assert balances(EXPECTED, captured, sent) == balances(*SOLD)


@pytest.mark.parametrize("charged", [300, 320, 345])
def test_stripes_fee_is_put_right_once_it_is_known(charged: int) -> None:
    """B58: the difference is the platform's."""
    entry = stripe_fee_read("ch_1", estimated=usd(320), charged_minor=charged, at=START)

    known = balances(*SOLD, entry)

    assert (known[STRIPE_FEES], known[PLATFORM], known[REVENUE]) == (charged, 1_000 - charged, -1_000)


# Refunds

REFUNDED = refunded("re_1", usd(10_000), START)
REVERSED = share_reversed(
    SentShare("v", "acct_v", usd(10_000), "trr_1", "pyr_1"), START, against=BUYERS, pot=VendorPot.POSTED
)
FEE_BACK = fee_returned(SentShare("v", "acct_v", usd(1_000), "fr_1", "pyr_2"), START, pot=VendorPot.POSTED)


def test_a_refund_with_reversal_and_fee_leaves_only_stripes_fee() -> None:
    """M9; getdokan/dokan#905: the vendor's share goes back with the refund."""
    assert balances(*SOLD, REFUNDED, REVERSED, FEE_BACK) == {PLATFORM: -320, STRIPE_FEES: 320}


def test_a_refund_is_open_until_it_is_known_at_whose_cost_it_was() -> None:
    assert balances(*SOLD, REFUNDED)[BUYERS] == 10_000


def test_a_failed_refund_pays_the_vendor_again() -> None:
    """alphagov/pay-connector#5139, #1809"""
    failed = refund_failed("re_1", usd(10_000), START)
    again = SentShare("v", "acct_v", usd(10_000), "tr_2", "py_2")

    assert balances(*SOLD, REFUNDED, REVERSED, failed)[BUYERS] == -10_000
    paid_again = share_sent(again, START, against=BUYERS, pot=VendorPot.POSTED)
    assert balances(*SOLD, REFUNDED, REVERSED, failed, paid_again) == balances(*SOLD)


def test_a_reversal_that_is_not_met_is_a_debt_that_later_sales_pay() -> None:
    """BanchanArt/banchan#332: decide who pays, and show it."""
    owed = owed_by_vendor("re_1", "v", usd(10_000), START, against=BUYERS)
    kept = kept_from_share("pi_2", "v", usd(4_000), START, against=receivable("v"))
    lost = written_off("year_end", "v", usd(6_000), START)

    assert balances(*SOLD, REFUNDED, owed)[receivable("v")] == 10_000
    after = balances(*SOLD, REFUNDED, owed, kept, lost)
    assert (after[LOSSES], after[POSTED]) == (6_000, -5_000)
    assert receivable("v") not in after
    assert BUYERS not in after


# Disputes


def test_a_dispute_that_is_lost_costs_the_platform_amount_and_fee() -> None:
    """B58; alphagov/pay-connector#3902"""
    opened = dispute_withdrawn("dp_1", "txn_1", usd(10_000), usd(1_500), START)
    lost = borne_by_platform("dp_1", usd(10_000), START, against=accounts.DISPUTES)

    after = balances(*SOLD, opened, lost)
    assert (after[LOSSES], after[STRIPE_FEES], after[PLATFORM]) == (10_000, 1_820, -10_820)


def test_a_dispute_that_is_won_late_undoes_the_loss() -> None:
    """B59"""
    opened = dispute_withdrawn("dp_1", "txn_1", usd(10_000), usd(1_500), START)
    lost = borne_by_platform("dp_1", usd(10_000), START, against=accounts.DISPUTES)
    won = dispute_reinstated("dp_1", "txn_2", usd(10_000), usd(0), START)
    undone = loss_undone("dp_1", usd(10_000), START, against=accounts.DISPUTES)

    assert balances(*SOLD, opened, lost, won, undone) == balances(*SOLD) | {PLATFORM: -820, STRIPE_FEES: 1_820}


# Payouts


def test_a_payout_that_comes_back_is_the_vendors_balance_again() -> None:
    """stripe/stripe-mirakl-connector#146; spree/spree#14622"""
    payout = SentPayout("v", "acct_v", "po_1", usd(9_000))
    available = became_available("pi_1", "v", 9_000, "usd", START)
    sent, paid, returned = (step(payout, START) for step in (payout_sent, payout_paid, payout_returned))

    on_the_way = balances(*SOLD, available, sent)
    assert (on_the_way[vendor("v", VendorPot.PAYING)], on_the_way[accounts.payouts_in_transit("v")]) == (-9_000, 9_000)
    assert VENDOR not in balances(*SOLD, available, sent, paid)
    assert balances(*SOLD, available, sent, paid, returned) == balances(*SOLD, available)


# In the store


def test_each_fact_is_posted_once(store: Store) -> None:
    async def story() -> None:
        await store.change(post(*SOLD))
        with pytest.raises(AlreadyExists):
            await store.change(post(CAPTURED))

    HandClock().run(story())


def test_the_store_keeps_no_entry_that_does_not_balance(store: InMemoryStore) -> None:
    """And nothing else of its step."""
    odd = journal_entry("odd", "1", "usd", START, Side(BUYERS, 100), Side(REVENUE, -99))
    mixed = journal_entry("mixed", "1", "usd", START, Side(BUYERS, 1)) + journal_entry(
        "mixed", "1", "eur", START, Side(REVENUE, -1)
    )
    both = journal_entry("one", "1", "usd", START, Side(BUYERS, 1)) + journal_entry(
        "two", "1", "usd", START, Side(REVENUE, -1)
    )

    for wrong in (odd, mixed, both):
        with pytest.raises(UnbalancedEntry, match=r"a journal entry sums to zero: .* is off by"):
            HandClock().run(store.change(post(CAPTURED, wrong)))

    assert list(store.all_entries(LEDGER)) == []


def test_a_balance_is_the_sum_of_all_lines_however_many(store: Store) -> None:
    """More than a page of them."""
    run, ledger = HandClock().run, Ledger(store)
    holds = [reserve_held(f"day {day}", "v", usd(1), START) for day in range(250)]
    run(store.change(post(*holds)))

    assert run(ledger.owed_minor("v", VendorPot.RESERVED, "usd")) == 250
    assert run(ledger.balance_minor(AVAILABLE, "eur")) == 0
    assert len(run(ledger.of_vendor("v"))) == 500


def test_a_ledger_needs_a_store() -> None:
    with pytest.raises(InvalidPolicy, match="store must be a Store"):
        Ledger("a store")  # type: ignore[arg-type]
