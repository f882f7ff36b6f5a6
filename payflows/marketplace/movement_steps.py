"""What a movement does: be made once, be posted in the step that notes it, and wake what waits for it."""

from __future__ import annotations

from typing import Any

from payflows.errors import CallRejected
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import Change, Insert
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve
from payflows.marketplace.connect import ACCOUNT_INVALID, BALANCE_INSUFFICIENT, TRANSFERS_INACTIVE, SplitRefund
from payflows.marketplace.ledger import post
from payflows.marketplace.messages import MOVEMENTS, SALES
from payflows.marketplace.movement import Movement, MovementStatus, MovementType
from payflows.marketplace.movement_calls import Made, MovementCalls
from payflows.marketplace.movement_postings import entries_of, entries_when_not_needed, entries_when_owed
from payflows.marketplace.once import NotYet, make_once
from payflows.marketplace.return_postings import refund_failed
from payflows.marketplace.returns import again_of, with_returned
from payflows.marketplace.sale import Sale, SaleStatus
from payflows.marketplace.step_context import StepContext
from payflows.payments.model import RefundStatus

SHARE_OWED = "a share cannot be sent"
"""Why a movement is in review that Stripe refuses for now: it stays owed, and is tried again."""

CAME_BACK = (RefundStatus.FAILED, RefundStatus.CANCELED)
"""How a refund stands that the buyer does not get."""
_NEVER_MADE = (MovementStatus.FAILED, MovementStatus.DROPPED)
_OF_VENDOR = (BALANCE_INSUFFICIENT, ACCOUNT_INVALID)
"""The codes of a reversal whose vendor cannot meet it."""
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
        if movement.type is MovementType.REVERSAL and sale.part_of(movement.vendor_id).transfer_id is None:
            look_at = context.seconds_from_now(context.policy.pending_look_seconds)  # its share is not sent yet
            return await self._movements.schedule(movement, check_at=look_at)
        call = self._calls.of(movement, sale)
        answer = await make_once(
            context,
            movement,
            call.make,
            lambda: self._calls.found(call, movement.purpose, movement.account_id),
        )
        match answer:
            case NotYet():
                return await answer.keep(self._movements, movement)
            case CallRejected():
                return await self._refused(movement, sale, answer)
        return await self._done(movement, sale, answer)

    async def rest(self, movement: Movement) -> None:
        """Any other status: nothing is to be done, until another movement wakes it."""
        if movement.due_at is not None:
            await self._movements.schedule(movement)

    async def _done(self, movement: Movement, sale: Sale, made: Made) -> Movement:
        """Note that it is made, post it, and wake what waits for it, in one step."""
        now = self._context.clock.now()
        is_available = sale.status is SaleStatus.AVAILABLE
        posted = post(*entries_of(movement, made, now, is_available=is_available))
        changed = self._of_sale(movement, sale, made)
        woken = await self._woken(movement, MovementStatus.DONE)
        return await self._movements.transition(
            movement, MovementStatus.DONE, posted, *changed, *woken, stripe_id=made.id, asked_at=None
        )

    def _of_sale(self, movement: Movement, sale: Sale, made: Made) -> tuple[Change, ...]:
        """Return how its sale changes with it: whoever lets its money go compares with that."""
        if isinstance(made, SplitRefund):
            if made.status not in CAME_BACK:
                return ()
            charge = evolve(sale.charge, recheck_due=True)  # it came back before it was found: the sale sees to that
            return (self._context.next_version(SALES, sale, charge=charge, lease_until=self._context.clock.now()),)
        part, minor = sale.part_of(movement.vendor_id), movement.amount.minor
        if movement.type is MovementType.SHARE:
            parts = sale.with_part(part.vendor_id, transfer_id=made.id)
        else:
            sign = 1 if movement.type is MovementType.REVERSAL else -1
            parts = sale.with_part(part.vendor_id, taken_back_minor=part.taken_back_minor + sign * minor)
        return (self._context.next_version(SALES, sale, parts=parts),)

    async def _refused(self, movement: Movement, sale: Sale, error: CallRejected) -> Movement | None:
        """Go on after a refusal: a vendor owes what the balance does not hold; what we cannot pay is tried again."""
        now = self._context.clock.now()
        if movement.type is MovementType.REVERSAL and error.code in _OF_VENDOR:
            if movement.against.startswith("receivable:"):  # it is owed already, and stays so
                return await self._movements.transition(movement, MovementStatus.OWED)
            posted = post(*entries_when_owed(movement, now))
            woken = await self._woken(movement, MovementStatus.OWED)
            return await self._movements.transition(movement, MovementStatus.OWED, posted, *woken)
        if error.code in _FOR_NOW:
            review = Review(SHARE_OWED, f"{movement.id}: {error}", now)
            look_at = self._context.seconds_from_now(self._context.policy.pending_look_seconds)
            anew: dict[str, Any] = {"key_generation": movement.key_generation + 1}
            return await self._movements.schedule(movement, check_at=look_at, review=review, **anew)
        woken = await self._woken(movement, MovementStatus.FAILED)
        changed = self._not_returned(movement, sale)
        return await self._movements.transition(movement, MovementStatus.FAILED, *woken, *changed)

    async def refund_failed(self, refund: Movement) -> Movement:
        """Note that a refund came back, days after it was made: the vendors get again what was taken from them."""
        now = self._context.clock.now()
        sale = await self._context.sales.get(refund.sale_id)
        posted = post(refund_failed(refund.stored_stripe_id(), refund.amount, now))
        undone = await self.undone(f"after:{refund.id}")
        return await self._movements.transition(
            refund, MovementStatus.FAILED, posted, *undone, *self._not_returned(refund, sale)
        )

    async def undone(self, group: str) -> list[Change]:
        """Return the changes that undo what was taken from vendors, or is being taken.

        Args:
            group: in which the movements are that took it.
        """
        movements, now = await self._context.all_of(MOVEMENTS, group), self._context.clock.now()
        fees = {each.vendor_id: each.amount for each in movements if each.type is MovementType.FEE_RETURN}
        changes: list[Change] = []
        for each in movements:
            if each.type is not MovementType.REVERSAL or each.status in _NEVER_MADE:
                continue
            again = again_of(each, fees.get(each.vendor_id), now)
            if each.status is MovementStatus.OWED:
                changes.append(post(*entries_when_not_needed(again, now)))
            elif again.amount.minor or again.fee_minor:
                changes.append(Insert(MOVEMENTS, again))
        return changes

    def _not_returned(self, movement: Movement, sale: Sale) -> tuple[Change, ...]:
        """Return how its sale changes where a refund failed for good: that part may be refunded again."""
        if movement.type is not MovementType.REFUND:
            return ()
        parts = with_returned(sale, movement.by_vendor, sign=-1)
        return (self._context.next_version(SALES, sale, parts=parts),)

    async def _woken(self, movement: Movement, status: MovementStatus) -> list[Change]:
        """Return the changes of what waits for it: made now, or not needed."""
        changes: list[Change] = []
        for waiting in await self._context.all_of(MOVEMENTS, f"after:{movement.id}"):
            if waiting.status is not MovementStatus.WAITING:
                continue
            if status is MovementStatus.DONE:
                changes.append(self._context.next_version(MOVEMENTS, waiting, status=MovementStatus.MOVING))
                continue
            changes.append(self._context.next_version(MOVEMENTS, waiting, status=MovementStatus.DROPPED))
            if status is MovementStatus.OWED and waiting.type is MovementType.SHARE_AGAIN:
                changes.append(post(*entries_when_not_needed(waiting, self._context.clock.now())))
        return changes
