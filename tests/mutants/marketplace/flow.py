"""Bugs in vendors, sales, and what is moved for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from payflows.errors import AlreadyExists, CallRejected, OrderIdReused, VersionConflict
from payflows.kernel.changes import Change
from payflows.kernel.evolve import evolve
from payflows.marketplace.booking import Booking
from payflows.marketplace.connect import SplitRefund
from payflows.marketplace.dispute_case import CaseStatus, DisputeCase
from payflows.marketplace.dispute_steps import DisputeEngine
from payflows.marketplace.flow import MarketplacePaymentFlow
from payflows.marketplace.ledger import post
from payflows.marketplace.movement import Movement, MovementStatus, MovementType
from payflows.marketplace.movement_calls import Made
from payflows.marketplace.movement_postings import entries_of
from payflows.marketplace.movement_steps import MovementEngine
from payflows.marketplace.payout import Payout, PayoutState
from payflows.marketplace.payout_steps import PayoutEngine
from payflows.marketplace.sale import CANCELLED, Sale, SalePart, SaleStatus
from payflows.marketplace.sale_postings import payment_abandoned
from payflows.marketplace.sale_steps import SaleSteps
from payflows.marketplace.selling import Selling
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.steps import MarketplaceEngine
from payflows.marketplace.vendor import Vendor
from payflows.marketplace.vendor_steps import VendorEngine
from payflows.payments.model import Payment


class AnotherAccountToBeSafe(VendorEngine):
    """After silence an account is asked for under another key (M8)."""

    async def create(self, vendor: Vendor) -> Vendor | None:
        generation = vendor.key_generation + vendor.failures
        return await super().create(evolve(vendor, key_generation=generation))


class FirstAnswerIsForGood(VendorEngine):
    """What Stripe says of an account later is not looked at (M7)."""

    async def follow(self, vendor: Vendor) -> Vendor | None:
        return await self._vendors.schedule(vendor, check_at=self._context.seconds_from_now(30 * 86_400))


class AccountOfA5xx(VendorEngine):
    """An account that a 5xx may have made is not looked for."""

    async def create(self, vendor: Vendor) -> Vendor | None:
        if vendor.asked_at is not None:
            vendor = evolve(vendor, asked_at=None, key_generation=vendor.key_generation + 1)
        return await super().create(vendor)


class SellsForAnyone(SaleSteps):
    """Whether a vendor may be sent money is not looked at before the charge (M6)."""

    async def _may_sell(self, account_id: str) -> bool:
        return True


class KeepsTheVolume(SaleSteps):
    """The volume of a sale that failed is not given back."""

    async def abandon(self, sale: Sale) -> Sale | None:
        if sale.charge.payment_id is not None:
            await self._collection.close(sale.charge)
        now = self._context.clock.now()
        undone = post(payment_abandoned(sale.id, [part.share for part in sale.parts], now))
        return await self._sales.transition(sale, SaleStatus.FAILED, undone)


class ForgetsACancellation(SaleSteps):
    """What is paid though it was cancelled is taken for given back."""

    async def _enter_paid(self, sale: Sale, payment: Payment) -> Sale | None:
        return await super()._enter_paid(evolve(sale, refund_ids=(CANCELLED,)), payment)


class FailsBeforeItIsCancelled(SaleSteps):
    """A sale fails without its intent being cancelled first."""

    async def abandon(self, sale: Sale) -> Sale | None:
        failed = await super().abandon(evolve(sale, charge=evolve(sale.charge, payment_id=None)))
        return None if failed is None else await self._sales.update(failed, charge=sale.charge)


class NeverLooksForOrphans(SaleSteps):
    """Intents that lost answers have left are never cancelled."""

    async def clean_up(self, sale: Sale) -> Sale | None:
        return await self._sales.schedule(sale, charge=evolve(sale.charge, orphan_possible=False))


class MovesWithoutALook(MovementEngine):
    """After a 5xx a movement is made under another key, and not looked for."""

    async def move(self, movement: Movement) -> Movement | None:
        if movement.asked_at is not None:
            movement = evolve(movement, asked_at=None, key_generation=movement.key_generation + 1)
        return await super().move(movement)


class AnotherKeyEachTime(MovementEngine):
    """Every try of a movement has another key (M4)."""

    async def move(self, movement: Movement) -> Movement | None:
        return await super().move(evolve(movement, key_generation=movement.key_generation + movement.failures))


class PostsAfterwards(MovementEngine):
    """A movement is noted, and posted after that (M5)."""

    async def _done(self, movement: Movement, sale: Sale, made: Made) -> Movement:
        changed = self._of_sale(movement, sale, made)
        woken = await self._woken(movement, MovementStatus.DONE)
        done = await self._movements.transition(
            movement, MovementStatus.DONE, *changed, *woken, stripe_id=made.id, asked_at=None
        )
        is_available = bool(movement.vendor_id) and sale.part_of(movement.vendor_id).is_available
        now = self._context.clock.now()
        await self._context.store.change(post(*entries_of(movement, made, now, is_available=is_available)))
        return done


class TakesNoShareBack(MovementEngine):
    """The buyer is refunded, and what waits for that is never woken."""

    async def _woken(self, movement: Movement, status: MovementStatus) -> list[Change]:
        return []


class ForgetsADebt(MovementEngine):
    """What a vendor's balance does not hold is owed by no one."""

    async def _refused(self, movement: Movement, sale: Sale, error: CallRejected) -> Movement | None:
        if movement.type is MovementType.REVERSAL:
            return await self._movements.transition(movement, MovementStatus.OWED)
        return await super()._refused(movement, sale, error)


class KeepsTheShare(MovementEngine):
    """A refund came back, and the vendor's share stays with the platform."""

    async def undone(self, group: str) -> list[Change]:
        return []


class PaysAWriteOff(MovementEngine):
    """What was written off, and is no debt after all, is taken for what the vendor has paid."""

    def __init__(self, context: StepContext) -> None:
        super().__init__(_NothingWrittenOff(**{each.name: getattr(context, each.name) for each in fields(context)}))


class _NothingWrittenOff(StepContext):
    async def written_off_minor(self, vendor_id: str, currency: str) -> int:
        return 0


class ForgetsWhatItTook(MovementEngine):
    """What was taken back of a share is not noted with its sale."""

    def _of_sale(self, movement: Movement, sale: Sale, made: Made) -> tuple[Change, ...]:
        if movement.type is MovementType.REVERSAL:
            return ()
        return super()._of_sale(movement, sale, made)


class RefundsAreForGood(MarketplaceEngine):
    """What becomes of a refund later is not looked at."""

    async def reconcile(self, sale: Sale) -> Sale | None:
        return await self._sales.record_progress(sale, charge=evolve(sale.charge, recheck_due=False))


class TakesTheShareTwice(MarketplaceEngine):
    """What a refund in the dashboard has taken back itself is not looked at."""

    async def _follow_refund(self, sale: Sale, refund: SplitRefund) -> None:
        await super()._follow_refund(sale, refund._replace(transfer_reversal_id=None))


class LossIsOurs(DisputeEngine):
    """What a bank takes for good is not taken from the vendors (M9)."""

    async def _recovered(self, case: DisputeCase, target_minor: int) -> tuple[list[Change], int]:
        return [], 0


class LostIsLost(DisputeEngine):
    """A dispute that is won late changes nothing."""

    async def follow(self, case: DisputeCase) -> DisputeCase | None:
        if case.status is CaseStatus.LOST:
            return await self._disputes.schedule(case)
        return await super().follow(case)


class ReleasesTheWhole(Booking):
    """All of a share becomes available, even what was taken back of it."""

    async def release(self, sale: Sale) -> Sale | None:
        parts = tuple(part._replace(taken_back_minor=0) for part in sale.parts)
        return await super().release(evolve(sale, parts=parts))


class ReservesForEver(Booking):
    """A reserve is never let go."""

    async def let_go(self, sale: Sale) -> Sale | None:
        parts = tuple(part._replace(reserve_until=None) for part in sale.parts)
        return await self._sales.update(sale, parts=parts)


class BooksInTwoSteps(Booking):
    """The shares of a charge are sent after it is booked, in another step."""

    def _share(self, sale: Sale, part: SalePart, now: datetime) -> Movement:
        share = super()._share(sale, part, now)
        return evolve(share, status=MovementStatus.WAITING, after_id="nothing", lease_until=None)


class NeverRecovers(Booking):
    """What a vendor owes is not taken from later sales."""

    async def _recoveries(self, sale: Sale, parts: Sequence[SalePart]) -> tuple[list[Movement], list[Change]]:
        return [], []


class PaidIsForGood(PayoutEngine):
    """A payout that was paid is not looked at any more."""

    async def follow(self, payout: Payout) -> Payout | None:
        if payout.status is PayoutState.PAID:
            return await self._payouts.schedule(payout, is_watched=False)
        return await super().follow(payout)


class PaysOutWithoutALook(PayoutEngine):
    """After a 5xx a payout is made under another key, and not looked for."""

    async def create(self, payout: Payout) -> Payout | None:
        if payout.asked_at is not None:
            payout = evolve(payout, asked_at=None, key_generation=payout.key_generation + 1)
        return await super().create(payout)


class BlocksTheVendor(PayoutEngine):
    """A vendor whose payout was made is paid out no more."""

    async def _freed(self, payout: Payout) -> tuple[Change, ...]:
        return ()


class RefusesTheSecondPress(MarketplacePaymentFlow):
    """Who presses "buy" while the first press is being stored is answered that the order is another one."""

    async def process_marketplace_payment(self, *asked: Any, **details: Any) -> Sale:
        self._selling = _Refusing(self._merchant, self._context)
        return await super().process_marketplace_payment(*asked, **details)


class KnowsNoAccount(MarketplacePaymentFlow):
    """Webhooks of vendors' accounts are taken for those of strangers."""

    async def has_account(self, account_id: str) -> bool:
        return False


class _Refusing(Selling):
    async def begin(self, *asked: Any) -> Sale:
        try:
            return await super().begin(*asked)
        except (AlreadyExists, VersionConflict) as conflict:
            raise OrderIdReused("it was placed before") from conflict
