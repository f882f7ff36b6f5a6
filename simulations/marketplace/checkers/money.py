"""Money: what moved at Stripe moved once, the ledger is equal to it, and someone bears what went back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from payflows.errors import CallRejected
from payflows.marketplace.accounts import (
    BUYERS,
    DISPUTES,
    INCORRECT_SPLITS,
    PENDING_REVENUE,
    VendorPot,
    receivable,
    vendor,
)
from payflows.marketplace.balances import BalanceTransaction
from payflows.marketplace.dispute_case import CaseStatus
from payflows.marketplace.ledger import LEDGER, balances_of
from payflows.marketplace.messages import DISPUTES as CASES
from payflows.marketplace.messages import MOVEMENTS, SALES, VENDORS
from payflows.marketplace.reconciliation import reconcile
from payflows.marketplace.return_postings import written_off_minor
from payflows.marketplace.sale import SalePart, SaleStatus
from payflows.marketplace.volume import VOLUMES

from simulations.marketplace.checkers.checked import Checked
from simulations.search.breach import Breach
from simulations.stripe.connect.answers import as_transaction
from simulations.stripe.payments.objects import PaymentIntent

_AT_LAST = (SaleStatus.AVAILABLE, SaleStatus.FAILED)
_BY_HAND = ("topup", "payout")
"""What a story does to the platform's own balance."""


def safety(system: Checked) -> Iterator[Breach]:
    """A breach for each promise about money that is broken now."""
    yield from _once(system)
    yield from _buyers(system)
    for (account, currency), minor in Counter(_sums(system)).items():
        if minor:
            yield Breach("I1", account, f"the ledger is off by {minor} {currency}")


def final(system: Checked) -> Iterator[Breach]:
    """Check the books, now that all is calm."""
    lines = list(system.store.all_entries(LEDGER))
    found = reconcile(lines, _transactions(system))
    for discrepancy in found.discrepancies:
        yield Breach("I1", discrepancy.source_id, str(discrepancy))
    balances = balances_of(lines)
    is_open = any(not each.status.is_over for each in system.store.all(MOVEMENTS))
    for account in (BUYERS, DISPUTES, INCORRECT_SPLITS, PENDING_REVENUE):
        minor = balances.get((account, "usd"), 0)
        if minor and not is_open and not _is_disputed(system):
            yield Breach("M3", account, f"{account} stands at {minor}")
    for ours in system.store.all(VENDORS):
        pending = balances.get((vendor(ours.vendor_id, VendorPot.PENDING), "usd"), 0)
        if pending and not _is_selling(system):
            yield Breach("M3", ours.id, f"{ours.vendor_id} has {-pending} pending, and nothing is being sold")
        posted = balances.get((vendor(ours.vendor_id, VendorPot.POSTED), "usd"), 0)
        if posted and not is_open and all(each.status in _AT_LAST for each in system.store.all(SALES)):
            yield Breach("M3", ours.id, f"{ours.vendor_id} has {-posted} posted, and all money is available")
        lost = written_off_minor((line for line in lines if line.owner == receivable(ours.vendor_id)), "usd")
        went_back = sum(part.returned_minor for part in _parts_of(system, ours.vendor_id))
        if lost > went_back and not is_open and not _is_disputed(system):
            yield Breach("M3", ours.id, f"{lost} stands written off of {ours.vendor_id}, and {went_back} went back")
    yield from _volumes(system)
    for key in system.stripe.misused_keys:
        yield Breach("I3", key, f"the key {key} was used for two calls")


def _sums(system: Checked) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for line in system.store.all_entries(LEDGER):
        sums["ledger", line.currency] += line.amount_minor
    return sums


def _once(system: Checked) -> Iterator[Breach]:
    """M1: for one purpose, and vendor, one movement at Stripe."""
    times: Counter[tuple[str, ...]] = Counter()
    book = system.stripe.connect.rules.book
    for transfer in book.transfers:
        if purpose := transfer.metadata.get("purpose"):
            times["transfer", transfer.metadata["order_id"], purpose, transfer.account.id] += 1
        for reversal in transfer.reversals:
            if purpose := reversal.metadata.get("purpose"):
                times["reversal", transfer.id, purpose] += 1
    for fee in book.fees:
        for returned in fee.refunds:
            if purpose := returned.metadata.get("purpose"):
                times["fee", fee.id, purpose] += 1
    for sale in system.store.all(SALES):
        if sale.charge.payment_id is not None:
            intent = _intent(system, sale.charge.payment_id)
            for refund in () if intent is None else intent.refunds:
                if purpose := refund.metadata.get("purpose"):
                    times["refund", sale.id, purpose] += 1
    for what, count in times.items():
        if count > 1:
            yield Breach("M1", what[1], f"{' '.join(what)}: moved {count} times")


def _buyers(system: Checked) -> Iterator[Breach]:
    """I2: one payment for a sale, and no more goes back than was paid."""
    for sale in system.store.all(SALES):
        net = system.stripe.net_for(sale.id).minor
        if net < 0 and not _lost_twice(system, sale.charge.payment_id):
            yield Breach("I2", sale.id, f"{sale.id}: {-net} more went back than was paid")
        if net > sale.charge.amount.minor:
            yield Breach("I2", sale.id, f"{sale.id} of {sale.charge.amount}: {net} was taken")
        if sale.status is SaleStatus.FAILED and net:
            yield Breach("I2", sale.id, f"{sale.id} has failed, and {net} was taken")


def _lost_twice(system: Checked, payment_id: str | None) -> bool:
    """Whether a buyer was refunded, and the bank took it back as well: P3 of Stripe."""
    intent = None if payment_id is None else _intent(system, payment_id)
    return intent is not None and bool(intent.disputes) and bool(intent.refunds)


def _volumes(system: Checked) -> Iterator[Breach]:
    """M4."""
    sums: Counter[str] = Counter()
    for sale in system.store.all(SALES):
        if sale.status is not SaleStatus.FAILED:
            for part in sale.parts:
                sums[part.month.id] += part.amount.minor
    for volume in system.store.all(VOLUMES):
        if volume.amount_minor != sums[volume.id]:
            yield Breach(
                "M4", volume.id, f"{volume.id} stands at {volume.amount_minor}, and {sums[volume.id]} was sold"
            )


def _parts_of(system: Checked, vendor_id: str) -> Iterator[SalePart]:
    """What a vendor has sold."""
    for sale in system.store.all(SALES):
        yield from (part for part in sale.parts if part.vendor_id == vendor_id)


def _is_disputed(system: Checked) -> bool:
    """Whether a bank has still to decide."""
    return any(each.status is CaseStatus.OPEN for each in system.store.all(CASES))


def _is_selling(system: Checked) -> bool:
    """Whether a payment is under way."""
    over = (SaleStatus.FAILED, SaleStatus.BOOKED, SaleStatus.AVAILABLE)
    return any(each.status not in over for each in system.store.all(SALES))


def _intent(system: Checked, payment_id: str) -> PaymentIntent | None:
    try:
        return system.stripe.intent(payment_id)
    except CallRejected:
        return None


def _transactions(system: Checked) -> dict[str | None, Sequence[BalanceTransaction]]:
    """Every entry of the marketplace's in every balance at Stripe, read without the port."""
    balances, now = system.stripe.connect.rules.balances, system.stripe.account.seconds()
    others = system.objects_of_others()
    found: dict[str | None, Sequence[BalanceTransaction]] = {
        None: [
            as_transaction(each, now)
            for each in balances.platform
            if each.type not in _BY_HAND and each.source not in others
        ]
    }
    for account in system.stripe.connect.rules.book.accounts:
        if not account.is_closed:
            found[account.id] = [as_transaction(each, now) for each in account.balance]
    return found
