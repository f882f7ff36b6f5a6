"""Exposure of a tiny marketplace, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from payflows.marketplace.policy import MarketplacePolicy
from simulations.marketplace.sellers import SellerPopulation
from simulations.marketplace.year.measures import exposure
from simulations.marketplace.year.rows import Books, DisputeRow, LedgerRow, OrderRow, ReturnRow, VendorRow
from simulations.marketplace.year.scenario import MarketplaceYear, VendorBehaviour
from simulations.time.world import START

SIX_DAYS = MarketplaceYear(days=6, vendors=VendorBehaviour(sellers=SellerPopulation(count=2)))


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def order(order_id: str, vendor_id: str, paid_on: int, amount: int) -> OrderRow:
    """A sale of which the platform keeps a tenth."""
    return OrderRow(order_id, vendor_id, day(paid_on), day(paid_on), "available", amount, amount // 10)


def vendor(vendor_id: str, left_on: int | None = None) -> VendorRow:
    return VendorRow(vendor_id, day(0), None if left_on is None else day(left_on), "active", 0, 0, 0, 0)


def moved(number: int, account: str, minor: int) -> LedgerRow:
    return LedgerRow(day(number), "captured", account, minor)


TWO_VENDORS = Books(
    orders=(order("a-1", "a", 0, 1_000), order("a-2", "a", 1, 500), order("b-1", "b", 1, 2_000)),
    returns=(ReturnRow("a-1", "a", day(2), 400, is_dispute=False),),
    vendors=(vendor("a"), vendor("b")),
    payouts=(),
    disputes=(),
    ledger=(
        moved(0, "vendor:posted:a", -900),
        moved(1, "vendor:posted:a", -450),
        moved(1, "vendor:posted:b", -1_800),
        moved(2, "vendor:posted:a", 360),
        moved(2, "vendor:posted:b", 1_800),
        moved(2, "vendor:available:b", -1_800),
        moved(3, "vendor:available:b", 1_800 - 200),
        moved(3, "vendor:posted:a", 900),
    ),
)
"""a sells for 1,000 and 500, gives 400 back and is paid out 900 on day 3; b sells for 2,000, and 200 of it is kept."""


def test_only_what_is_paid_out_is_at_risk() -> None:
    """After day 3, a has 990 in open sales and 90 with the platform; b has 1,800 and 200."""
    assert exposure(TWO_VENDORS, SIX_DAYS, 1).tolist() == [0, 0, 0, 1_600, 1_600, 1_600]
    assert exposure(TWO_VENDORS, SIX_DAYS, 2).tolist() == [0, 0, 0, 2_500, 2_500, 2_500]


def test_old_sales_are_open_no_more() -> None:
    """For three days: on day 3 the first sale of a is closed, on day 4 the others."""
    assert exposure(TWO_VENDORS, SIX_DAYS, 2, open_days=3).tolist() == [0, 0, 0, 1_600 + 360, 0, 0]


def test_a_disputed_sale_is_open_until_the_bank_has_decided() -> None:
    dispute = DisputeRow("dp_1", "b-1", "b", day(2), day(5), 2_000, "won")
    disputed = TWO_VENDORS._replace(disputes=(dispute,))

    assert exposure(disputed, SIX_DAYS, 2, open_days=3).tolist() == [0, 0, 0, 1_600 + 360, 1_600, 0]


def test_who_has_disappeared_counts_no_more_and_what_is_owed_counts() -> None:
    gone = TWO_VENDORS._replace(vendors=(vendor("a"), vendor("b", left_on=4)))
    owes = TWO_VENDORS._replace(ledger=(*TWO_VENDORS.ledger, moved(5, "receivable:a", 70)))

    assert exposure(gone, SIX_DAYS, 1).tolist() == [0, 0, 0, 1_600, 900, 900]
    assert exposure(owes, SIX_DAYS, 2).tolist() == [0, 0, 0, 2_500, 2_500, 2_570]


def test_where_fees_are_not_given_back_vendors_bear_the_whole() -> None:
    keeps = replace(SIX_DAYS, policy=MarketplacePolicy(returns_fee=False))

    assert exposure(TWO_VENDORS, keeps, 1).tolist() == [100, 200, 200, 1_800, 1_800, 1_800]
