"""What a movement does: be made once, be posted in the step that notes it, and wake what waits for it."""

from __future__ import annotations

from payflows.errors import CallRejected
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve
from payflows.marketplace.booking import SHARE
from payflows.marketplace.connect import ACCOUNT_INVALID, BALANCE_INSUFFICIENT, TRANSFERS_INACTIVE, SplitRefund
from payflows.marketplace.input import vendor_row_id
from payflows.marketplace.ledger import post
from payflows.marketplace.messages import MOVEMENTS, SALES, VENDORS
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.movement_calls import Made, MovementCalls
from payflows.marketplace.movement_postings import (
    entries_beside,
    entries_of,
    entries_when_fee_cannot_return,
    entries_when_kept,
    entries_when_not_owed,
    entries_when_owed,
    fee_regained_by,
)
from payflows.marketplace.once import make_once
from payflows.marketplace.return_postings import loss_undone, refund_failed, write_off_undone
from payflows.marketplace.returns import again_of, debt_return_of, fees_returned, planned, with_returned
from payflows.marketplace.sale import Sale, SentTransfer
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor import VendorStatus
from payflows.money import Money
from payflows.payments.model import RefundStatus

SHARE_OWED = "a share cannot be sent"
"""Why a movement is in review that Stripe refuses for now: it stays owed, and is tried again."""

CAME_BACK = (RefundStatus.FAILED, RefundStatus.CANCELED)
"""How a refund stands that the buyer does not get."""
_NEVER_MADE = (MovementStatus.FAILED, MovementStatus.DROPPED)
_FOR_NOW = (BALANCE_INSUFFICIENT, TRANSFERS_INACTIVE, ACCOUNT_INVALID)
"""The codes of what may work later."""


class MovementEngine(Engine[Movement]):
    """The one way in which movements move.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._movements = context.movements
        self._calls = MovementCalls(context.connect, context.calls)
        over = (status for status in MovementStatus if status.is_over)
        steps = {MovementStatus.MOVING: self.move, MovementStatus.WAITING: self.rest}
        super().__init__(context.movements, steps | dict.fromkeys(over, self.rest))

    async def move(self, movement: Movement) -> Movement | None:
        """MOVING: make it, once."""
        context, sale = self._context, await self._context.sales.get(movement.sale_id)
        if movement.type is MovementType.REVERSAL and sale.part_of(movement.vendor_id).is_unsent:
            return await self._kept(movement, sale)
        if not movement.amount.minor:
            posted = post(*entries_beside(movement, context.clock.now()))
            woken = await self._woken(movement, MovementStatus.DONE)
            return await self._movements.transition(movement, MovementStatus.DONE, posted, *woken)
        call = self._calls.of(movement, sale)
        purpose, account_id = movement.purpose, movement.account_id
        made = await make_once(
            context, self._movements, movement, call.make, lambda: self._calls.found(call, purpose, account_id)
        )
        if made is None:
            return None
        asked, answer = made
        if isinstance(answer, CallRejected):
            return await self._refused(asked, sale, answer)
        return await self._done(asked, sale, answer)

    async def rest(self, movement: Movement) -> None:
        """Any other status: nothing is to be done, until another movement wakes it."""
        if movement.due_at is not None:
            await self._movements.schedule(movement)

    async def _done(self, movement: Movement, sale: Sale, made: Made) -> Movement:
        """Note that it is made, post it, and wake what waits for it, in one step."""
        now = self._context.clock.now()
        is_available = bool(movement.vendor_id) and sale.part_of(movement.vendor_id).is_available
        posted = post(*entries_of(movement, made, now, is_available=is_available))
        changed = self._of_sale(movement, sale, made)
        woken = await self._woken(movement, MovementStatus.DONE)
        return await self._movements.transition(
            movement, MovementStatus.DONE, posted, *changed, *woken, stripe_id=made.id, asked_at=None
        )

    async def _kept(self, reversal: Movement, sale: Sale) -> Movement | None:
        """Keep it back from the share, which is not sent yet: less is sent. One that may be sent already is awaited."""
        context, now = self._context, self._context.clock.now()
        share = await self._movements.get(movement_id(sale.id, SHARE, reversal.vendor_id))
        if share.status is not MovementStatus.MOVING or share.asked_at is not None:
            look_at = context.seconds_from_now(context.policy.pending_look_seconds)
            return await self._movements.schedule(reversal, check_at=look_at)
        part, left = sale.part_of(reversal.vendor_id), share.amount - reversal.amount
        part = part._replace(taken_back_minor=part.taken_back_minor + reversal.amount.minor)
        if left.minor:
            less = context.next_version(MOVEMENTS, share, amount=left)
        else:
            part = part._replace(transfers=tuple(each for each in part.transfers if each.id is not None))
            less = context.next_version(MOVEMENTS, share, amount=left, status=MovementStatus.DROPPED)
        changed = context.next_version(SALES, sale, parts=sale.with_part(part), check_at=None)
        posted, woken = post(*entries_when_kept(reversal, now)), await self._woken(reversal, MovementStatus.DONE)
        return await self._movements.transition(reversal, MovementStatus.DONE, posted, less, changed, *woken)

    def _of_sale(self, movement: Movement, sale: Sale, made: Made) -> tuple[Change, ...]:
        """Return how its sale changes with it: whoever lets its money go compares with that."""
        if movement.type is MovementType.DEBT_RETURN:
            return ()
        if isinstance(made, SplitRefund):
            if made.status not in CAME_BACK:
                return ()
            charge = evolve(sale.charge, recheck_due=True)  # it came back before it was found: the sale sees to that
            return (self._context.next_version(SALES, sale, charge=charge, lease_until=self._context.clock.now()),)
        part, minor = sale.part_of(movement.vendor_id), movement.amount.minor
        if movement.type is MovementType.SHARE:
            parts = sale.with_part(part.with_transfer(None, id=made.id))
            return (self._context.next_version(SALES, sale, parts=parts, check_at=None),)
        sign = 1 if movement.type is MovementType.REVERSAL else -1
        part = part._replace(taken_back_minor=part.taken_back_minor + sign * minor)
        if movement.type is MovementType.SHARE_AGAIN:
            part = part._replace(transfers=(*part.transfers, SentTransfer(made.id, minor)))
        return (self._context.next_version(SALES, sale, parts=sale.with_part(part)),)

    async def _refused(self, movement: Movement, sale: Sale, error: CallRejected) -> Movement | None:
        """Go on after a refusal: a vendor owes what the balance does not hold; what we cannot pay is tried again."""
        now = self._context.clock.now()
        if movement.type is MovementType.REVERSAL:
            return await self._owed(movement, sale)
        if movement.type is MovementType.FEE_RETURN and error.code == ACCOUNT_INVALID:
            given_up = post(*entries_when_fee_cannot_return(movement, now))
            return await self._movements.transition(movement, MovementStatus.OWED, given_up)
        if error.code in _FOR_NOW:
            detail, anew = f"{movement.id}: {error}", {"key_generation": movement.key_generation + 1, "asked_at": None}
            if await self._is_closed(movement):  # for good: the vendor can only be paid in another way
                return await self._movements.request_review(movement, SHARE_OWED, detail, **anew)
            review = Review(SHARE_OWED, detail, now)
            look_at = self._context.seconds_from_now(self._context.policy.pending_look_seconds)
            return await self._movements.schedule(movement, check_at=look_at, review=review, **anew)
        if movement.type is not MovementType.REFUND:
            await self._movements.back_off(movement, error, asked_at=None)  # for a person: what is owed stays owed
            return None
        woken = await self._woken(movement, MovementStatus.FAILED)
        dropped = [change.before for change in woken if isinstance(change, Replace)]
        parts = planned(sale.parts, (each for each in dropped if isinstance(each, Movement)), sign=-1)
        parts = with_returned(parts, movement.by_vendor, sign=-1)
        changed = self._context.next_version(SALES, sale, parts=parts)
        return await self._movements.transition(movement, MovementStatus.FAILED, *woken, changed)

    async def _is_closed(self, movement: Movement) -> bool:
        """Whether it is for a vendor whose account is closed."""
        if not movement.vendor_id:
            return False
        vendor = await self._context.vendors.get(vendor_row_id(movement.merchant_id, movement.vendor_id))
        return vendor.status is VendorStatus.CLOSED

    async def _owed(self, movement: Movement, sale: Sale) -> Movement:
        """Have the vendor owe what cannot be taken back now; the transfer still holds it."""
        parts = planned(sale.parts, [movement], sign=-1)
        changes: list[Change] = [self._context.next_version(SALES, sale, parts=parts)]
        if not movement.against.startswith("receivable:"):  # else it is owed already, and stays so
            changes.append(post(*entries_when_owed(movement, self._context.clock.now())))
        changes += await self._woken(movement, MovementStatus.OWED)
        return await self._movements.transition(movement, MovementStatus.OWED, *changes)

    async def refund_failed(self, refund: Movement) -> Movement:
        """Note that a refund came back, days after it was made: the vendors get again what was taken from them."""
        now = self._context.clock.now()
        sale = await self._context.sales.get(refund.sale_id)
        entries = [refund_failed(refund.stored_stripe_id(), refund.amount, now)]
        borne_minor = refund.amount.minor - sum(minor for _, minor in refund.by_vendor)
        if borne_minor:  # of one that was made in the dashboard
            borne = Money(borne_minor, refund.amount.currency)
            entries.append(loss_undone(refund.id, borne, now, against=refund.against))
        posted = post(*entries)
        undone = await self.undone(f"after:{refund.id}")
        parts = with_returned(sale.parts, refund.by_vendor, sign=-1)
        changed = self._context.next_version(SALES, sale, parts=parts)
        return await self._movements.transition(refund, MovementStatus.FAILED, posted, *undone, changed)

    async def undone(self, group: str) -> list[Change]:
        """Return the changes that undo what was taken from vendors, or is being taken.

        Args:
            group: in which the movements are that took it.
        """
        movements, now = await self._context.all_of(MOVEMENTS, group), self._context.clock.now()
        fees = fees_returned(movements)
        changes: list[Change] = []
        not_owed: dict[str, tuple[Movement, int]] = {}
        for each in movements:
            if each.type is not MovementType.REVERSAL or each.status in _NEVER_MADE:
                continue
            fee = fees.get(each.id)
            again = again_of(each, fee, now)
            minor = again.owed_minor if each.status.is_over else 0
            if each.status is MovementStatus.OWED:
                minor += again.amount.minor
                if again.fee_minor:
                    changes.append(post(*fee_regained_by(again, now)))
            else:
                changes.append(Insert(MOVEMENTS, again))
            first, before_minor = not_owed.get(each.vendor_id, (again, 0))
            not_owed[each.vendor_id] = (first, before_minor + minor)
        for again, minor in not_owed.values():
            changes += await self._not_owed(again, minor)
        return changes

    async def _not_owed(self, again: Movement, minor: int) -> list[Change]:
        """Return the changes by which a vendor does not owe so much; what was kept of it from later sales is sent.

        What the vendor still owes is owed no more; then what was written off was no loss; the vendor has paid the rest.

        Args:
            again: what undoes that the vendor bears it.
            minor: how much is not owed.
        """
        if not minor:
            return []
        context, now, currency = self._context, self._context.clock.now(), again.amount.currency
        vendor = await context.vendors.get(vendor_row_id(again.merchant_id, again.vendor_id))
        changes: list[Change] = [context.next_version(VENDORS, vendor)]  # nothing more is kept of it meanwhile
        owed_minor = min(minor, max(0, await context.debt_minor(again.vendor_id, currency)))
        written_off_minor = 0
        if minor > owed_minor:
            lost_minor = await context.written_off_minor(again.vendor_id, currency)
            written_off_minor = min(minor - owed_minor, lost_minor)
        if written_off_minor:
            lost = Money(written_off_minor, currency)
            changes.append(post(write_off_undone(again.id, again.vendor_id, lost, now)))
        not_owed_minor = owed_minor + written_off_minor
        if not_owed_minor:
            changes.append(post(*entries_when_not_owed(again, not_owed_minor, now)))
        if minor > not_owed_minor:
            changes.append(Insert(MOVEMENTS, debt_return_of(again, Money(minor - not_owed_minor, currency), now)))
        return changes

    async def _woken(self, movement: Movement, status: MovementStatus) -> list[Change]:
        """Return the changes of what waits for it: made now, or not needed."""
        changes: list[Change] = []
        for waiting in await self._context.all_of(MOVEMENTS, f"after:{movement.id}"):
            if waiting.status is not MovementStatus.WAITING:
                continue
            is_again = waiting.type is MovementType.SHARE_AGAIN
            if status is MovementStatus.DONE:
                changes.append(self._context.next_version(MOVEMENTS, waiting, status=MovementStatus.MOVING))
                if is_again:
                    changes += await self._not_owed(waiting, waiting.owed_minor)
                continue
            changes.append(self._context.next_version(MOVEMENTS, waiting, status=MovementStatus.DROPPED))
            if is_again and status is MovementStatus.OWED:
                changes += await self._not_owed(waiting, waiting.amount.minor + waiting.owed_minor)
                if waiting.fee_minor:
                    changes.append(post(*fee_regained_by(waiting, self._context.clock.now())))
        return changes
