"""Every measure of a year of a marketplace, defined once, in words and in code. They need no tables.

Days are counted from 0, and a day's number is how it stands at the end of that day. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from payflows.marketplace.accounts import LOSSES, REVENUE, STRIPE_FEES, VendorPot, stripe_balance
from payflows.marketplace.fees import refunded_part
from payflows.money import Money

from simulations.marketplace.year.rows import Books, LedgerRow, OrderRow, VendorRow
from simulations.marketplace.year.scenario import LATEST_DISPUTE_DAYS, MarketplaceYear
from simulations.time.world import START

Integers = npt.NDArray[np.int64]

_DAY = timedelta(days=1)

HELD_POTS = (VendorPot.POSTED, VendorPot.AVAILABLE, VendorPot.RESERVED)
"""What is a vendor's and has not been paid out: it is there to meet refunds and disputes."""


class Waterfall(NamedTuple):
    """From what the platform charges to what it keeps; each step is what it costs, at least 0 as a rule.

    What a bank has taken and not decided about is no loss yet, and claims that come after the end are not seen.

    Attributes:
        fees: the application fees of all payments.
        stripe_fees: what Stripe has charged for these payments.
        refunded_fees: what of its fees the platform gave up when money went back.
        dispute_fees: what Stripe has charged for disputes.
        borne: what the platform bears of disputes, for the goods were refunded already.
        written_off: what vendors owed and was given up.
        doubtful: what vendors who have disappeared still owe; most of it is at Stripe, which takes it from the platform
            180 days after the vendor's balance fell below 0.
    """

    fees: int
    stripe_fees: int
    refunded_fees: int
    dispute_fees: int
    borne: int
    written_off: int
    doubtful: int

    @property
    def loss(self) -> int:
        """Return what the platform has paid, or will, in its vendors' place."""
        return self.borne + self.written_off + self.doubtful

    @property
    def net(self) -> int:
        """Return what it keeps."""
        return self.fees - self.stripe_fees - self.refunded_fees - self.dispute_fees - self.loss


_OF_DISPUTES = ("disputed", "reinstated")


def waterfall(books: Books) -> Waterfall:
    """Return what became of the platform's fees."""

    def total(account: str, facts: Iterable[str] | None = None, *, but: Sequence[str] = ()) -> int:
        rows = (row for row in books.ledger if row.account == account and row.fact not in but)
        return sum(row.minor for row in rows if facts is None or row.fact in facts)

    return Waterfall(
        fees=-total(REVENUE, ("captured",)),
        stripe_fees=total(STRIPE_FEES, but=_OF_DISPUTES),
        refunded_fees=total(REVENUE, but=("captured",)),
        dispute_fees=total(STRIPE_FEES, _OF_DISPUTES),
        borne=total(LOSSES, but=("written_off",)),
        written_off=total(LOSSES, ("written_off",)),
        doubtful=sum(row.owes_minor for row in books.vendors if row.disappeared_at is not None),
    )


def volume_minor(books: Books) -> int:
    """Return what was paid for all goods."""
    return sum(row.amount_minor for row in books.orders if row.paid_at is not None)


class DailyBalances(NamedTuple):
    """How the books stand at the end of each day.

    Attributes:
        pending: what is vendors' and Stripe does not let be used yet.
        available: what may be paid out to vendors; those who owe are left out.
        reserved: what is held back of it.
        owed_by_vendors: receivables, and what vendors' balances at Stripe are below 0.
        platform: the platform's balance at Stripe.
        lost: what was given up so far.
    """

    pending: Integers
    available: Integers
    reserved: Integers
    owed_by_vendors: Integers
    platform: Integers
    lost: Integers


def daily_balances(books: Books, days: int) -> DailyBalances:
    """Return the balances of each day, summed over all vendors."""
    sums = _daily_sums(books.ledger, days)
    pots = {pot: _by_vendor(sums, f"vendor:{pot}:", books.vendors, days) for pot in HELD_POTS}
    receivables = _by_vendor(sums, "receivable:", books.vendors, days)
    held = -sum(pots.values(), np.zeros_like(receivables))
    nothing = np.zeros(days, np.int64)
    return DailyBalances(
        pending=-pots[VendorPot.POSTED].sum(axis=0),
        available=np.maximum(0, -pots[VendorPot.AVAILABLE]).sum(axis=0),
        reserved=-pots[VendorPot.RESERVED].sum(axis=0),
        owed_by_vendors=np.maximum(0, receivables - np.minimum(0, held)).sum(axis=0),
        platform=sums.get(stripe_balance(None), nothing),
        lost=sums.get(LOSSES, nothing),
    )


def held_of_vendors(books: Books, days: int) -> Integers:
    """Return what of each vendor's money was not paid out, less what they owe: a row each, a column for each day."""
    sums = _daily_sums(books.ledger, days)
    owed = _by_vendor(sums, "receivable:", books.vendors, days)
    for pot in HELD_POTS:
        owed = owed + _by_vendor(sums, f"vendor:{pot}:", books.vendors, days)
    held: Integers = -owed
    return held


def exposure(books: Books, scenario: MarketplaceYear, k: int, *, open_days: int = LATEST_DISPUTE_DAYS) -> Integers:
    """Return, for each day, what the platform would lose today if the k vendors with the largest open risk disappeared.

    A vendor's open risk is what would be taken back from them if all buyers whose sales are open wanted their money
    back, less all that is still theirs: their balance, pending or available, and the reserve; what they owe already
    is added. It is 0 where there is enough. A sale is open for some days after it was paid, and as long as it is
    disputed; of one that was refunded in part, the rest is. What would be taken back is the vendor's share: where the
    policy gives the fee back with a refund, that part is lost revenue and no open risk.

    It is the worst case: of delivered goods few are given back. Vendors who have disappeared count no more.

    Args:
        books: all that happened.
        scenario: what was run.
        k: how many disappear.
        open_days: for how long a paid sale is open.
    """
    risk = open_shares(books, scenario, open_days) - held_of_vendors(books, scenario.days)
    for number, row in enumerate(books.vendors):
        if row.disappeared_at is not None:
            risk[number, _day(row.disappeared_at) :] = 0
    largest = np.sort(np.maximum(0, risk), axis=0)[::-1][:k]
    lost: Integers = largest.sum(axis=0)
    return lost


def open_shares(books: Books, scenario: MarketplaceYear, open_days: int) -> Integers:
    """Return what would be taken back from each vendor if all open sales went back, by day: a row each."""
    places = {row.vendor_id: number for number, row in enumerate(books.vendors)}
    returned: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for back in books.returns:
        returned.setdefault((back.order_id, back.vendor_id), []).append((_day(back.at), back.minor))
    disputed_until = {
        row.order_id: scenario.days if row.decided_at is None else _day(row.decided_at) for row in books.disputes
    }
    shares = np.zeros((len(places), scenario.days), np.int64)
    for row in books.orders:
        if row.paid_at is None:
            continue
        begins, total = _day(row.paid_at), 0
        ends = max(begins + open_days, disputed_until.get(row.order_id, 0))
        of_vendor = shares[places[row.vendor_id]]
        for day, minor in (*returned.get((row.order_id, row.vendor_id), ()), (ends, 0)):
            of_vendor[begins : min(day, ends)] += _share_left(row, total, scenario)
            begins, total = max(begins, day), total + minor
    return shares


def _share_left(row: OrderRow, returned_minor: int, scenario: MarketplaceYear) -> int:
    """Return what would be taken back from the vendor if the rest of a sale went back."""
    rest = row.amount_minor - returned_minor
    if not scenario.policy.returns_fee or not rest:
        return rest
    money = (Money(minor, scenario.currency) for minor in (row.fee_minor, row.amount_minor, returned_minor, rest))
    return rest - refunded_part(*money).minor


def _daily_sums(ledger: Iterable[LedgerRow], days: int) -> Mapping[str, Integers]:
    """Return each account's balance at the end of each day; what the closing posts after the last one belongs to it."""
    sums: dict[str, Integers] = {}
    for row in ledger:
        if row.account not in sums:
            sums[row.account] = np.zeros(days, np.int64)
        sums[row.account][min(days - 1, _day(row.at))] += row.minor
    return {account: moved.cumsum() for account, moved in sums.items()}


def _by_vendor(sums: Mapping[str, Integers], prefix: str, vendors: Sequence[VendorRow], days: int) -> Integers:
    nothing = np.zeros(days, np.int64)
    rows = [sums.get(f"{prefix}{row.vendor_id}", nothing) for row in vendors]
    return np.array(rows, np.int64).reshape(len(vendors), days)


def _day(at: datetime) -> int:
    return (at - START) // _DAY
