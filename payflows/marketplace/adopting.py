"""Adopting what other hands have moved, in Stripe's dashboard: it becomes a movement of ours, and is posted as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from payflows.errors import AlreadyExists, OutcomeUnknown, VersionConflict
from payflows.kernel import log
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import Insert
from payflows.kernel.evolve import evolve
from payflows.marketplace.accounts import BUYERS, INCORRECT_SPLITS, receivable
from payflows.marketplace.borne_by_hand import BorneByHand, movement_by_hand
from payflows.marketplace.connect import ApplicationFeeRefund, SplitRefund, TransferReversal
from payflows.marketplace.dashboard_refunds import is_adopted, moved_with
from payflows.marketplace.ledger import JournalEntry, post
from payflows.marketplace.messages import MOVEMENTS, SALES
from payflows.marketplace.movement import Movement, MovementStatus, MovementType
from payflows.marketplace.movement_postings import entries_of
from payflows.marketplace.return_postings import borne_by_platform, refunded
from payflows.marketplace.returns import planned, recoveries_of, refund_of, shared_among, with_fee_given, with_returned
from payflows.marketplace.sale import Sale, SalePart
from payflows.marketplace.step_context import StepContext
from payflows.money import Money

_Unseen = tuple[str, TransferReversal | ApplicationFeeRefund]
"""What other hands have moved, with its vendor."""
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
        refund = evolve(
            refund_of(sale, {"": made.amount}, purpose, now),
            status=MovementStatus.DONE,
            lease_until=None,
            by_vendor=tuple((vendor_id, amount.minor) for vendor_id, amount in wanted.items()),
            stripe_id=made.id,
        )
        stored, entries = [refund], [refunded(made.id, made.amount, now), *_borne_by_platform(refund, now)]
        seen, returns_fee = sale, context.policy.returns_fee
        if (moved := await moved_with(context, sale, made)) is not None:
            by_hand = BorneByHand(sale, refund, moved, returns_fee, now)
            beyond = await self._movement_of(sale, sale.parts[0], moved.reversal._replace(amount=by_hand.beyond))
            stored += by_hand.movements(beyond)
            entries += by_hand.entries(beyond)
            sale = evolve(sale, parts=sale.with_part(by_hand.part))
            wanted = by_hand.rest
        recoveries = recoveries_of(
            sale, wanted, purpose, now, against=BUYERS, returns_fee=returns_fee, after_id=refund.id
        )
        stored += (evolve(each, status=MovementStatus.MOVING, lease_until=now) for each in recoveries)
        rest = tuple((vendor_id, amount.minor) for vendor_id, amount in wanted.items())
        await self._store(seen, planned(with_returned(sale.parts, rest), recoveries), stored, entries)
        return refund

    async def reconcile(self, sale: Sale) -> Sale | None:
        """Read what was taken back of the shares, and given back of the fee, and adopt what no movement of ours did.

        What a refund in the dashboard has moved is adopted with that refund, and so the refund comes first.
        """
        unseen = await self._unseen_reversals(sale)
        if fee_refunds := await self._unseen_fee_refunds(sale):  # a refund may have come between: read once more
            unseen = [*await self._unseen_reversals(sale), *fee_refunds]
        if await self._has_unseen_refund(sale, unseen):
            return await self._context.sales.record_progress(sale, charge=evolve(sale.charge, recheck_due=True))
        for vendor_id, made in unseen:
            await self._adopt(sale.id, vendor_id, made)
        latest = await self._context.sales.get(sale.id)
        return await self._context.sales.record_progress(latest, transfers_recheck_due=False)

    async def _unseen_reversals(self, sale: Sale) -> list[_Unseen]:
        """Return what other hands have taken back of the shares, and is not adopted."""
        context, unseen = self._context, list[_Unseen]()
        for part in sale.parts:
            for transfer_id in [each.id for each in part.transfers if each.id is not None]:
                for made in await context.calls.call(partial(context.connect.list_reversals, transfer_id)):
                    if made.purpose is None and not await is_adopted(context, sale.id, made.id, part.vendor_id):
                        unseen.append((part.vendor_id, made))
        return unseen

    async def _unseen_fee_refunds(self, sale: Sale) -> list[_Unseen]:
        """Return what other hands have given back of the fee, and is not adopted."""
        context, fee_id, vendor_id = self._context, sale.application_fee_id, sale.parts[0].vendor_id
        if fee_id is None:
            return []
        listed = await context.calls.call(partial(context.connect.list_application_fee_refunds, fee_id))
        return [
            (vendor_id, made)
            for made in listed
            if made.purpose is None and not await is_adopted(context, sale.id, made.id, vendor_id)
        ]

    async def _has_unseen_refund(self, sale: Sale, unseen: Sequence[_Unseen]) -> bool:
        """Return whether a refund has taken some of it that is not adopted itself. Raises `PortError`."""
        context, charge_id = self._context, sale.charge_id
        made = [each for _, each in unseen]
        source_ids = {each.source_refund_id for each in made if isinstance(each, TransferReversal)} - {None}
        if not source_ids or charge_id is None:
            return False
        refunds = await context.calls.call(partial(context.connect.list_split_refunds, charge_id))
        if missing := source_ids - {each.id for each in refunds}:
            raise OutcomeUnknown(f"the refunds of {charge_id} do not show {missing} yet")
        for refund in refunds:
            if refund.id in source_ids and refund.purpose is None and not await is_adopted(context, sale.id, refund.id):
                return True
        return False

    async def _adopt(self, sale_id: str, vendor_id: str, made: TransferReversal | ApplicationFeeRefund) -> None:
        """Store what was moved, once, and post it."""
        context, now = self._context, self._context.clock.now()
        if await is_adopted(context, sale_id, made.id, vendor_id):
            return
        sale = await context.sales.get(sale_id)
        part = sale.part_of(vendor_id)
        movement = await self._movement_of(sale, part, made)
        if movement.type is MovementType.REVERSAL:
            changed = part._replace(taken_back_minor=part.taken_back_minor + made.amount.minor)
        else:  # so much less is the fee from now on
            changed = with_fee_given(part, made.amount.minor)
        parts = planned(sale.with_part(changed), [movement])
        entries = entries_of(movement, made, now, is_available=part.is_available)
        await self._store(sale, parts, [movement], entries)

    async def _store(
        self, sale: Sale, parts: tuple[SalePart, ...], movements: Sequence[Movement], entries: Sequence[JournalEntry]
    ) -> None:
        """Store it in one step with the sale, from which all of it was worked out."""
        context = self._context
        changed = context.next_version(SALES, sale, parts=parts)
        try:
            await context.store.change(changed, *(Insert(MOVEMENTS, each) for each in movements), post(*entries))
        except AlreadyExists as error:  # another process has seen it, too
            raise VersionConflict(SALES.name, sale.id) from error
        for each in movements:
            if each.review is not None:
                log.error("a person must look at it", kind=MOVEMENTS.name, id=each.id, reason=each.review.reason)

    async def _movement_of(self, sale: Sale, part: SalePart, made: TransferReversal | ApplicationFeeRefund) -> Movement:
        """Return it as a movement of ours. What was taken pays the vendor's debt, as far as there is one."""
        now = self._context.clock.now()
        movement = movement_by_hand(sale, part, made, now)
        if movement.type is MovementType.FEE_RETURN:
            return movement
        if await self._context.debt_minor(part.vendor_id, made.amount.currency) >= made.amount.minor:
            return evolve(movement, against=receivable(part.vendor_id))
        review = Review(BY_OTHER_HANDS, f"{made.id} of {made.amount}", now, blocks=True)
        return evolve(movement, against=INCORRECT_SPLITS, review=review)


def _borne_by_platform(refund: Movement, now: datetime) -> list[JournalEntry]:
    """Return what is posted of a refund of more than is left of the vendors' goods."""
    borne_minor = refund.amount.minor - sum(minor for _, minor in refund.by_vendor)
    if not borne_minor:
        return []
    return [borne_by_platform(refund.id, Money(borne_minor, refund.amount.currency), now, against=BUYERS)]
