"""What a refund in Stripe's dashboard has moved besides: the vendor's share (`reverse_transfer`), a part of the fee.

It is read here. What of it is for the refund is worked out in `borne_by_hand`, and stored in `adopting`.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from payflows.errors import NotFound, OutcomeUnknown
from payflows.marketplace.connect import ApplicationFeeRefund, SplitRefund, TransferReversal
from payflows.marketplace.movement import movement_id
from payflows.marketplace.sale import Sale
from payflows.marketplace.step_context import StepContext


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
    if await is_adopted(context, sale.id, made.transfer_reversal_id, first.vendor_id):
        return None
    reversals = await context.calls.call(partial(context.connect.list_reversals, transfer_id))
    reversal = next((each for each in reversals if each.id == made.transfer_reversal_id), None)
    if reversal is None:
        raise OutcomeUnknown(f"the reversals of {transfer_id} do not show {made.transfer_reversal_id} yet")
    if sale.application_fee_id is None:
        return MovedWithRefund(reversal)
    return await _with_fee(context, sale, sale.application_fee_id, made, reversal)


async def is_adopted(context: StepContext, sale_id: str, stripe_id: str, vendor_id: str = "") -> bool:
    """Return whether what other hands have moved is a movement of ours already."""
    try:
        await context.movements.get(movement_id(sale_id, purpose_in_dashboard(stripe_id), vendor_id))
    except NotFound:
        return False
    return True


async def _with_fee(
    context: StepContext, sale: Sale, fee_id: str, made: SplitRefund, reversal: TransferReversal
) -> MovedWithRefund:
    """Add what was given of the fee: Stripe does not say with which refund, so at most the refund's share of it."""
    connect, vendor_id = context.connect, sale.parts[0].vendor_id
    fee = await context.calls.call(partial(connect.retrieve_application_fee, fee_id))
    listed = await context.calls.call(partial(connect.list_application_fee_refunds, fee_id))
    if sum(each.amount.minor for each in listed) < fee.refunded.minor:
        raise OutcomeUnknown(f"the refunds of {fee_id} do not show all of {fee.refunded} yet")
    share_minor = fee.amount.minor * made.amount.minor // sale.charge.amount.minor + 1  # it may be rounded up
    left_minor = min(share_minor, reversal.amount.minor)
    found, other_minor = list[ApplicationFeeRefund](), 0
    for each in sorted(listed, key=lambda one: one.amount.minor, reverse=True):
        if each.purpose is not None or await is_adopted(context, sale.id, each.id, vendor_id):
            continue
        if each.amount.minor <= left_minor:
            found.append(each)
            left_minor -= each.amount.minor
        else:
            other_minor += each.amount.minor
    return MovedWithRefund(reversal, tuple(found), other_minor)
