"""What a refund in Stripe's dashboard has moved besides: the vendor's share (`reverse_transfer`), a part of the fee.

Read here, and shared out between the refund and what a person must see to. It is stored in `adopting`.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import NamedTuple

from payflows.errors import NotFound, OutcomeUnknown
from payflows.kernel.evolve import evolve
from payflows.marketplace.accounts import BUYERS
from payflows.marketplace.connect import ApplicationFeeRefund, SplitRefund, TransferReversal
from payflows.marketplace.ledger import JournalEntry
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.movement_postings import entries_of
from payflows.marketplace.return_postings import taken_beyond
from payflows.marketplace.returns import (
    fee_return_beside,
    fee_share_minor,
    planned,
    taken_from,
    with_fee_given,
    with_returned,
)
from payflows.marketplace.sale import Sale, SalePart
from payflows.marketplace.step_context import StepContext
from payflows.money import Money

REST = "-rest"
"""The end of the purpose of what was moved with a refund and is not for it."""


def purpose_in_dashboard(id: str) -> str:
    """Return the purpose of what other hands have moved, by its id at Stripe."""
    return f"dashboard-{id}"


class MovedWithRefund(NamedTuple):
    """What Stripe has moved with a refund.

    Attributes:
        reversal: what it took back of the vendor's share.
        fee_refunds: what it gave the vendor of the fee.
        other_fee_minor: what else of the fee other hands have given back, and was not adopted yet.
    """

    reversal: TransferReversal
    fee_refunds: tuple[ApplicationFeeRefund, ...] = ()
    other_fee_minor: int = 0

    @property
    def fee_minor(self) -> int:
        """Return what the vendor was given of the fee."""
        return sum(each.amount.minor for each in self.fee_refunds)


async def moved_with(context: StepContext, sale: Sale, made: SplitRefund) -> MovedWithRefund | None:
    """Read what a refund has moved besides; None: nothing, or it was adopted before. Raises `PortError`."""
    first = sale.parts[0]
    transfer_id = first.transfers[0].id if first.transfers else None
    if made.transfer_reversal_id is None or transfer_id is None:
        return None
    if await is_adopted(context, sale.id, first.vendor_id, made.transfer_reversal_id):
        return None
    reversals = await context.calls.call(partial(context.connect.list_reversals, transfer_id))
    reversal = next((each for each in reversals if each.id == made.transfer_reversal_id), None)
    if reversal is None:
        raise OutcomeUnknown(f"the reversals of {transfer_id} do not show {made.transfer_reversal_id} yet")
    if sale.application_fee_id is None:
        return MovedWithRefund(reversal)
    return await _with_fee(context, sale, sale.application_fee_id, made, MovedWithRefund(reversal))


async def is_adopted(context: StepContext, sale_id: str, vendor_id: str, stripe_id: str) -> bool:
    """Return whether what other hands have moved is a movement of ours already."""
    try:
        await context.movements.get(movement_id(sale_id, purpose_in_dashboard(stripe_id), vendor_id))
    except NotFound:
        return False
    return True


async def _with_fee(
    context: StepContext, sale: Sale, fee_id: str, made: SplitRefund, moved: MovedWithRefund
) -> MovedWithRefund:
    """Add what was given of the fee: Stripe does not say with which refund, so at most the refund's share of it."""
    connect, part = context.connect, sale.parts[0]
    fee = await context.calls.call(partial(connect.retrieve_application_fee, fee_id))
    listed = await context.calls.call(partial(connect.list_application_fee_refunds, fee_id))
    if sum(each.amount.minor for each in listed) < fee.refunded.minor:
        raise OutcomeUnknown(f"the refunds of {fee_id} do not show all of {fee.refunded} yet")
    left_minor = fee.amount.minor * made.amount.minor // sale.charge.amount.minor + 1  # it may be rounded up
    left_minor = min(left_minor, moved.reversal.amount.minor)
    found, other_minor = list[ApplicationFeeRefund](), 0
    for each in sorted(listed, key=lambda one: one.amount.minor, reverse=True):
        if each.purpose is not None or await is_adopted(context, sale.id, part.vendor_id, each.id):
            continue
        if each.amount.minor <= left_minor:
            found.append(each)
            left_minor -= each.amount.minor
        else:
            other_minor += each.amount.minor
    return moved._replace(fee_refunds=tuple(found), other_fee_minor=other_minor)


class SharedOut(NamedTuple):
    """What a refund and what Stripe has moved with it come to.

    Attributes:
        adopted: what Stripe has moved: done.
        recoveries: what is still to be moved.
        entries: what is posted of what Stripe has moved.
        part: the vendor's, with all of it.
    """

    adopted: list[Movement]
    recoveries: list[Movement]
    entries: list[JournalEntry]
    part: SalePart


def shared_out(
    sale: Sale,
    refund: Movement,
    moved: MovedWithRefund,
    beyond: Movement,
    now: datetime,
    *,
    returns_fee: bool,
) -> SharedOut:
    """Return what the vendor has borne of a refund, what is still to be taken, and what was taken beyond it.

    Args:
        sale: of which; a destination charge.
        refund: as adopted.
        moved: what Stripe has moved with it.
        beyond: stands for what was taken that the vendor need not bear; of no amount yet.
        now: when.
        returns_fee: the platform gives up the same part of its fee.
    """
    part, reversal, currency = sale.parts[0], moved.reversal, refund.amount.currency
    wanted_minor = dict(refund.by_vendor).get(part.vendor_id, 0)
    own_minor = min(wanted_minor, reversal.amount.minor)
    due_minor = fee_share_minor(part, wanted_minor) if returns_fee else 0
    fee_minor = min(due_minor, moved.fee_minor) if returns_fee else moved.fee_minor
    taking = _adopted(sale, refund, reversal.id, MovementType.REVERSAL, now)
    taken = _split(evolve(taking, source_id=reversal.transfer_id), reversal.amount, own_minor, beyond)
    entries = entries_of(evolve(taking, amount=reversal.amount), reversal, now, is_available=part.is_available)
    if own_minor < reversal.amount.minor:
        excess = Money(reversal.amount.minor - own_minor, currency)
        entries.append(taken_beyond(reversal.id, excess, now, against=BUYERS, instead=beyond.against))
    given, left_minor = list[Movement](), fee_minor
    for each in moved.fee_refunds:
        giving = evolve(_adopted(sale, refund, each.id, MovementType.FEE_RETURN, now), source_id=each.fee_id)
        entries += entries_of(evolve(giving, amount=each.amount), each, now, is_available=part.is_available)
        given += _split(giving, each.amount, min(left_minor, each.amount.minor), evolve(giving, after_id=None))
        left_minor -= min(left_minor, each.amount.minor)
    adopted = [*taken, *given]
    [after] = planned([part], adopted)
    still_due_minor = max(0, due_minor - fee_minor)
    recoveries = _still_to_move(sale, refund, after, moved, wanted_minor - own_minor, still_due_minor, now)
    [after] = planned(with_returned([after], refund.by_vendor), recoveries)
    after = after._replace(taken_back_minor=after.taken_back_minor + reversal.amount.minor - fee_minor)
    return SharedOut(adopted, recoveries, entries, with_fee_given(after, moved.fee_minor - fee_minor))


def _adopted(sale: Sale, refund: Movement, stripe_id: str, type: MovementType, now: datetime) -> Movement:
    """Return what Stripe has moved with a refund as a movement of ours, of no amount yet."""
    part, purpose = sale.parts[0], purpose_in_dashboard(stripe_id)
    return Movement(
        id=movement_id(sale.id, purpose, part.vendor_id),
        status=MovementStatus.DONE,
        changed_at=now,
        type=type,
        sale_id=sale.id,
        merchant_id=sale.order.merchant_id,
        purpose=purpose,
        amount=Money(0, refund.amount.currency),
        vendor_id=part.vendor_id,
        account_id=part.account_id,
        against=BUYERS,
        after_id=refund.id,
        stripe_id=stripe_id,
    )


def _split(movement: Movement, amount: Money, own_minor: int, beyond: Movement) -> list[Movement]:
    """Return what of a movement is for the refund, and what is beyond it: one is found by Stripe's id, never both."""
    after_id = movement.after_id if own_minor else None  # what is nothing of the refund's is not undone with it
    own = evolve(movement, amount=Money(own_minor, amount.currency), after_id=after_id)
    beyond_minor = amount.minor - own_minor
    if not beyond_minor:
        return [own]
    rest_purpose = movement.purpose + REST
    rest = evolve(
        beyond,
        id=movement_id(movement.sale_id, rest_purpose, movement.vendor_id),
        purpose=rest_purpose,
        amount=Money(beyond_minor, amount.currency),
        stripe_id=None,
    )
    return [own, rest]


def _still_to_move(
    sale: Sale, refund: Movement, part: SalePart, moved: MovedWithRefund, rest_minor: int, due_minor: int, now: datetime
) -> list[Movement]:
    """Return what takes from the vendor what the reversal did not, and gives what of the fee is still due."""
    taking = _adopted(sale, refund, "", MovementType.REVERSAL, now)
    taking = evolve(
        taking,
        id=movement_id(sale.id, refund.purpose, part.vendor_id),
        purpose=refund.purpose,
        status=MovementStatus.MOVING,
        lease_until=now,
        by_vendor=refund.by_vendor,
        stripe_id=None,
    )
    first, own_minor = part.transfers[0], moved.reversal.amount.minor - moved.fee_minor
    returned_minor = max(0, min(due_minor, first.fee_left_minor - moved.other_fee_minor, own_minor))
    bare = part.with_transfer(first.id, fee_left_minor=0)
    given_up_minor = min(due_minor - returned_minor, rest_minor)
    recoveries = taken_from(bare, taking, rest_minor, given_up_minor, sale.application_fee_id)
    if returned_minor:
        recoveries.append(fee_return_beside(taking, returned_minor, sale.application_fee_id))
    return recoveries
