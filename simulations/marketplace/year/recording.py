"""Reads what is kept of a marketplace from the platform's books, when the year is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from payflows.kernel.aggregate import A, Kind
from payflows.marketplace.accounts import receivable, vendor
from payflows.marketplace.dispute_case import CaseStatus
from payflows.marketplace.input import vendor_row_id
from payflows.marketplace.ledger import LEDGER
from payflows.marketplace.messages import DISPUTES, MOVEMENTS, PAYOUTS, SALES, VENDORS
from payflows.marketplace.movement import MovementStatus, MovementType
from payflows.marketplace.sale import Sale, SaleStatus

from simulations.marketplace.scripted_marketplace import PLATFORM
from simulations.marketplace.year.arrivals import DAY_SECONDS
from simulations.marketplace.year.measures import HELD_POTS
from simulations.marketplace.year.rows import Books, DisputeRow, LedgerRow, OrderRow, PayoutRow, ReturnRow, VendorRow
from simulations.marketplace.year.world import MarketplaceWorld
from simulations.time.world import START

_A_CENTURY = 100 * 365 * DAY_SECONDS
_TAKEN = (MovementStatus.DONE, MovementStatus.OWED)


def books_of(world: MarketplaceWorld) -> Books:
    """Return the rows of a marketplace as they stand now."""
    sales = {sale.id: sale for sale in world.store.all(SALES)}
    lines = world.store.all_entries(LEDGER)
    ledger = tuple(
        LedgerRow(line.at, line.journal_entry.partition(":")[0], line.owner, line.amount_minor) for line in lines
    )
    return Books(
        orders=tuple(row for sale in sales.values() for row in _orders(world, sale)),
        returns=tuple(sorted(_returns(world, sales), key=lambda row: (row.at, row.order_id, row.vendor_id))),
        vendors=tuple(_vendors(world, ledger)),
        payouts=tuple(
            PayoutRow(each.vendor_id, _begun_at(world, PAYOUTS, each.id), each.amount.minor, each.status.value)
            for each in world.store.all(PAYOUTS)
        ),
        disputes=tuple(_disputes(world, sales)),
        ledger=ledger,
    )


def _orders(world: MarketplaceWorld, sale: Sale) -> Iterator[OrderRow]:
    log = world.store.transitions(SALES, sale.id)
    paid_at = next((entered.at for entered in log if entered.after is SaleStatus.PAID), None)
    for part in sale.parts:
        yield OrderRow(
            sale.order.order_id,
            part.vendor_id,
            sale.order.placed_at,
            paid_at,
            sale.status.value,
            part.amount.minor,
            part.application_fee.minor,
        )


def _returns(world: MarketplaceWorld, sales: dict[str, Sale]) -> Iterator[ReturnRow]:
    """Yield what refunds gave back, and what vendors bear of disputes: once each, however many movements take it."""
    seen = set[tuple[str, str]]()
    for each in world.store.all(MOVEMENTS):
        order_id = sales[each.sale_id].order.order_id
        if each.type is MovementType.REFUND and each.status is MovementStatus.DONE:
            for vendor_id, minor in each.by_vendor:
                yield ReturnRow(order_id, vendor_id, each.changed_at, minor, False)
        elif each.type is MovementType.REVERSAL and each.dispute_id is not None and each.status in _TAKEN:
            for vendor_id, minor in each.by_vendor:
                if (each.dispute_id, vendor_id) not in seen:
                    seen.add((each.dispute_id, vendor_id))
                    yield ReturnRow(order_id, vendor_id, each.changed_at, minor, True)


def _vendors(world: MarketplaceWorld, ledger: tuple[LedgerRow, ...]) -> Iterator[VendorRow]:
    balances, written_off, sold = Counter[str](), Counter[str](), Counter[str]()
    for row in ledger:
        balances[row.account] += row.minor
        if row.fact == "written_off":
            written_off[row.account] -= row.minor
    for sale in world.store.all(SALES):
        if sale.status.is_paid:
            sold.update({part.vendor_id: part.amount.minor for part in sale.parts})
    now = world.clock.now()
    stored = {each.id: each for each in world.store.all(VENDORS)}
    for life in world.arrivals.vendors:
        ours = stored.get(vendor_row_id(PLATFORM.id, life.vendor_id))
        if ours is None:
            continue
        joined_at, disappeared_at = (_moment(seconds) for seconds in (life.joins_at, life.disappears_at))
        yield VendorRow(
            life.vendor_id,
            joined_at,
            disappeared_at if disappeared_at <= now else None,
            ours.status.value,
            sold[life.vendor_id],
            -sum(balances[vendor(life.vendor_id, pot)] for pot in HELD_POTS),
            balances[receivable(life.vendor_id)],
            written_off[receivable(life.vendor_id)],
        )


def _disputes(world: MarketplaceWorld, sales: dict[str, Sale]) -> Iterator[DisputeRow]:
    for case in world.store.all(DISPUTES):
        sale, is_open = sales[case.sale_id], case.status is CaseStatus.OPEN
        yield DisputeRow(
            case.id,
            sale.order.order_id,
            sale.parts[0].vendor_id,
            _begun_at(world, DISPUTES, case.id),
            None if is_open else case.changed_at,
            case.amount.minor,
            case.status.value,
        )


def _moment(seconds: int) -> datetime:
    return START + timedelta(seconds=min(seconds, _A_CENTURY))


def _begun_at(world: MarketplaceWorld, kind: Kind[A], id: str) -> datetime:
    return world.store.transitions(kind, id)[0].at
