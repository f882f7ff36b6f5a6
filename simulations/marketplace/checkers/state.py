"""How rows stand when all is calm: by their tables, at rest, and as Stripe's objects do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from payflows.kernel.aggregate import Aggregate, Kind
from payflows.marketplace.connect import CapabilityStatus, PayoutStatus
from payflows.marketplace.messages import DISPUTES, MOVEMENTS, PAYOUTS, SALES, VENDORS
from payflows.marketplace.movement import MovementStatus
from payflows.marketplace.payout import PayoutState
from payflows.marketplace.sale import SaleStatus
from payflows.marketplace.vendor import VendorStatus
from payflows.marketplace.vendor_steps import OWED_TO_A_CLOSED_ACCOUNT

from simulations.marketplace.checkers.checked import Checked
from simulations.search.breach import Breach

SETTLED_WITHIN = timedelta(minutes=10)
"""An unknown outcome is resolved so soon after the last trouble is over."""

KINDS: tuple[Kind[Any], ...] = (VENDORS, SALES, MOVEMENTS, DISPUTES, PAYOUTS)
_UNDER_WAY = (SaleStatus.PENDING, SaleStatus.PAYMENT_PROCESSING, SaleStatus.ABANDONING, SaleStatus.PAID)
_PAID = (SaleStatus.PAID, SaleStatus.BOOKED, SaleStatus.AVAILABLE)


def breaches(system: Checked) -> Iterator[Breach]:
    """Every promise about states that is broken."""
    for kind in KINDS:
        for row in system.store.all(kind):
            yield from _log(system, kind, row)
            yield from _at_rest(system, row)
    for sale in system.store.all(SALES):
        if sale.status in _UNDER_WAY:
            yield Breach("I14", sale.id, f"{sale.id} is {sale.status}, and all is calm")
    for movement in system.store.all(MOVEMENTS):
        if not movement.status.is_over and movement.review is None:
            yield Breach("I14", movement.id, f"{movement.id} is {movement.status}, and all is calm")
    yield from _left_over(system)
    yield from _vendors(system)
    yield from _payouts(system)
    yield from _answers(system)
    yield from _cancelled(system)


def _log(system: Checked, kind: Kind[Any], row: Aggregate) -> Iterator[Breach]:
    """I13."""
    log = system.store.transitions(kind, row.id)
    for each in log:
        if each.before is not None and each.after not in kind.transitions[each.before]:
            yield Breach("I13", row.id, f"{row.id} went from {each.before} to {each.after}")
    if not log or log[-1].after is not row.status:
        yield Breach("I13", row.id, f"{row.id} is {row.status}, and its log ends otherwise")


def _at_rest(system: Checked, row: Aggregate) -> Iterator[Breach]:
    """I14: nothing is overdue, and no person is asked, but about a vendor who has left and is owed money."""
    due_at, now = row.due_at, system.clock.now()
    if due_at is not None and due_at < now - SETTLED_WITHIN - abs(system.clock_ahead):
        yield Breach("I14", row.id, f"{row.id} is due since {due_at}")
    if row.review is not None and not system.may_need_a_person and row.review.reason != OWED_TO_A_CLOSED_ACCOUNT:
        yield Breach("I14", row.id, f"{row.id} is left to a person: {row.review.reason}, {row.review.detail}")


def _left_over(system: Checked) -> Iterator[Breach]:
    """I15: of each sale one payment intent is its payment, and all others are cancelled."""
    payments = {each.id: each.charge.payment_id for each in system.store.all(SALES)}
    for intent in system.stripe.payments.book.intents:
        owner = intent.metadata.get("order_id")
        if owner in payments and intent.id != payments[owner] and intent.status != "canceled":
            yield Breach("I15", intent.id, f"{intent.id} was left over of {owner}, and is {intent.status}")
    for sale in system.store.all(SALES):
        own = next((each for each in system.stripe.payments.book.intents if each.id == sale.charge.payment_id), None)
        if sale.status is SaleStatus.FAILED and own is not None and own.status != "canceled":
            yield Breach("I2", sale.id, f"{sale.id} has failed, and its payment may still be taken: it is {own.status}")


def _vendors(system: Checked) -> Iterator[Breach]:
    """M2, I15."""
    accounts = system.stripe.connect.rules.book.accounts
    of_vendor = Counter(account.metadata.get("vendor_id") for account in accounts)
    for ours in system.store.all(VENDORS):
        if of_vendor[ours.id] > 1:
            yield Breach("M2", ours.id, f"{ours.vendor_id} has {of_vendor[ours.id]} accounts")
        theirs = next((each for each in accounts if each.id == ours.account_id), None)
        if theirs is None:
            if ours.review is None:
                yield Breach("I14", ours.id, f"{ours.vendor_id} is {ours.status}, and has no account")
            continue
        is_active = theirs.capabilities["transfers"] is CapabilityStatus.ACTIVE
        if (ours.status is VendorStatus.ACTIVE) is not is_active and not theirs.is_closed:
            yield Breach("I15", ours.id, f"{ours.vendor_id} is {ours.status}, and transfers are active: {is_active}")


def _payouts(system: Checked) -> Iterator[Breach]:
    """M1, I15: each of our payouts is one of Stripe's, and stands as that does."""
    rows = {each.id: each for each in system.store.all(PAYOUTS)}
    made: Counter[str] = Counter()
    for account in system.stripe.connect.rules.book.accounts:
        for payout in account.payouts:
            seen = payout.as_payout()
            if seen.payout_id is None:
                continue
            made[seen.payout_id] += 1
            ours = rows.get(seen.payout_id)
            is_back = seen.status in (PayoutStatus.FAILED, PayoutStatus.CANCELED)
            if ours is None or (ours.status is PayoutState.FAILED) is not is_back:
                status = None if ours is None else ours.status
                yield Breach("I15", seen.id, f"{seen.payout_id} is {status}, and {seen.status} at Stripe")
    for payout_id, times in made.items():
        if times > 1:
            yield Breach("M1", payout_id, f"{payout_id} was paid out {times} times")


def _answers(system: Checked) -> Iterator[Breach]:
    """I16: what was answered as paid or failed stays so."""
    for conflict in system.conflicts:
        yield Breach("I16", "", f"a caller was answered with {type(conflict).__name__}: {conflict}")
    stored = {each.id: each for each in system.store.all(SALES)}
    for answer in system.answers:
        now = stored.get(answer.id)
        if now is None:
            yield Breach("I16", answer.id, f"{answer.id}: answered as {answer.status}, and not stored")
        elif (answer.status in _PAID and now.status not in _PAID) or (
            answer.status is SaleStatus.FAILED and now.status is not SaleStatus.FAILED
        ):
            yield Breach("I16", answer.id, f"{answer.id}: answered as {answer.status}, and is {now.status}")


def _cancelled(system: Checked) -> Iterator[Breach]:
    """I16: who cancelled a sale before it was paid is given back what was paid all the same."""
    for sale in system.store.all(SALES):
        kept_minor = sum(part.amount.minor - part.returned_minor for part in sale.parts)
        if sale.cancel_asked and sale.status in _PAID and kept_minor:
            yield Breach("I16", sale.id, f"{sale.id} was cancelled, and {kept_minor} of its payment is kept")


def borne(system: Checked) -> bool:
    """Say whether nothing is under way."""
    return all(each.status is not MovementStatus.MOVING for each in system.store.all(MOVEMENTS))
