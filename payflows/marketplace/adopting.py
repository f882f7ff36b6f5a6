"""Adopting what other hands have moved, in Stripe's dashboard: it becomes a movement of ours, and is posted as one."""

from __future__ import annotations

from functools import partial

from payflows.errors import AlreadyExists, NotFound, VersionConflict
from payflows.kernel.changes import Insert
from payflows.kernel.evolve import evolve
from payflows.marketplace.accounts import BUYERS, INCORRECT_SPLITS, receivable
from payflows.marketplace.connect import ApplicationFeeRefund, SplitRefund, TransferReversal
from payflows.marketplace.ledger import post
from payflows.marketplace.messages import MOVEMENTS, SALES
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.movement_postings import entries_of
from payflows.marketplace.return_postings import borne_by_platform, refunded
from payflows.marketplace.returns import planned, recoveries_of, refund_of, shared_among, with_returned
from payflows.marketplace.sale import Sale, SalePart
from payflows.marketplace.step_context import StepContext
from payflows.money import Money

BY_OTHER_HANDS = "taken back by other hands"
"""Why a movement is in review that has taken back a share, and no debt of the vendor: a person says what for."""


class Adopting:
    """Takes up what was moved without us.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context

    async def refund(self, sale: Sale, made: SplitRefund, purpose: str) -> Movement:
        """Store a refund that was made in the dashboard, with what it takes from the vendors.

        They bear it by what is left of their goods; what is more than that, the platform bears.
        """
        context, now = self._context, self._context.clock.now()
        wanted = shared_among(sale, made.amount.minor)
        by_vendor = tuple((vendor_id, amount.minor) for vendor_id, amount in wanted.items())
        refund = evolve(
            refund_of(sale, {"": made.amount}, purpose, now),
            status=MovementStatus.DONE,
            lease_until=None,
            by_vendor=by_vendor,
            stripe_id=made.id,
        )
        entries = [refunded(made.id, made.amount, now)]
        borne_minor = made.amount.minor - sum(minor for _, minor in by_vendor)
        if borne_minor:
            borne = Money(borne_minor, made.amount.currency)
            entries.append(borne_by_platform(refund.id, borne, now, against=BUYERS))
        recoveries = recoveries_of(
            sale,
            wanted,
            purpose,
            now,
            against=BUYERS,
            returns_fee=context.policy.returns_fee,
            after_id=refund.id,
        )
        begun = (evolve(each, status=MovementStatus.MOVING, lease_until=now) for each in recoveries)
        parts = planned(with_returned(sale.parts, by_vendor), recoveries)
        changed = context.next_version(SALES, sale, parts=parts)
        try:
            await context.store.change(
                changed, Insert(MOVEMENTS, refund), *(Insert(MOVEMENTS, each) for each in begun), post(*entries)
            )
        except AlreadyExists as error:  # another process has seen it, too
            raise VersionConflict(SALES.name, sale.id) from error
        return refund

    async def reconcile(self, sale: Sale) -> Sale | None:
        """Read what was taken back of the shares, and given back of the fee, and adopt what no movement of ours did."""
        context, connect = self._context, self._context.connect
        for part in sale.parts:
            for transfer_id in [each.id for each in part.transfers if each.id is not None]:
                for made in await context.calls.call(partial(connect.list_reversals, transfer_id)):
                    if made.purpose is None:
                        await self._adopt(sale.id, part.vendor_id, made)
        fee_id = sale.application_fee_id
        if fee_id is not None:
            for returned in await context.calls.call(lambda: connect.list_application_fee_refunds(fee_id)):
                if returned.purpose is None:
                    await self._adopt(sale.id, sale.parts[0].vendor_id, returned)
        latest = await context.sales.get(sale.id)
        return await context.sales.record_progress(latest, transfers_recheck_due=False)

    async def _adopt(self, sale_id: str, vendor_id: str, made: TransferReversal | ApplicationFeeRefund) -> None:
        """Store what was moved, once, and post it."""
        context, now, purpose = self._context, self._context.clock.now(), f"dashboard-{made.id}"
        try:
            await context.movements.get(movement_id(sale_id, purpose, vendor_id))
        except NotFound:
            sale = await context.sales.get(sale_id)
        else:
            return
        part = sale.part_of(vendor_id)
        movement = await self._movement_of(sale, part, made, purpose)
        if movement.type is MovementType.REVERSAL:
            changed = part._replace(taken_back_minor=part.taken_back_minor + made.amount.minor)
        else:  # so much less is the fee from now on
            changed = part._replace(application_fee=part.application_fee - made.amount)
        parts = planned(sale.with_part(changed), [movement])
        posted = post(*entries_of(movement, made, now, is_available=part.is_available))
        try:
            await context.store.change(
                context.next_version(SALES, sale, parts=parts), Insert(MOVEMENTS, movement), posted
            )
        except AlreadyExists as error:  # another process has seen it, too
            raise VersionConflict(SALES.name, sale.id) from error
        if movement.against == INCORRECT_SPLITS:
            await context.movements.request_review(movement, BY_OTHER_HANDS, f"{made.id} of {made.amount}")

    async def _movement_of(
        self, sale: Sale, part: SalePart, made: TransferReversal | ApplicationFeeRefund, purpose: str
    ) -> Movement:
        """Return it as a movement of ours. What was taken pays the vendor's debt, as far as there is one."""
        is_reversal = isinstance(made, TransferReversal)
        against = BUYERS
        if isinstance(made, TransferReversal):
            debt_minor = await self._context.debt_minor(part.vendor_id, made.amount.currency)
            against = receivable(part.vendor_id) if debt_minor >= made.amount.minor else INCORRECT_SPLITS
        return Movement(
            id=movement_id(sale.id, purpose, part.vendor_id),
            status=MovementStatus.DONE,
            changed_at=self._context.clock.now(),
            type=MovementType.REVERSAL if is_reversal else MovementType.FEE_RETURN,
            sale_id=sale.id,
            merchant_id=sale.order.merchant_id,
            purpose=purpose,
            vendor_id=part.vendor_id,
            account_id=part.account_id,
            amount=made.amount,
            against=against,
            source_id=made.transfer_id if isinstance(made, TransferReversal) else made.fee_id,
            stripe_id=made.id,
        )
