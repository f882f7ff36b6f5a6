"""The engine of sales: which step a sale takes in each status, and the look at its money after a notice."""

from __future__ import annotations

from dataclasses import dataclass

from payflows.errors import NotFound
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve
from payflows.marketplace.adopting import Adopting
from payflows.marketplace.booking import Booking
from payflows.marketplace.connect import SplitRefund
from payflows.marketplace.dashboard_refunds import purpose_in_dashboard
from payflows.marketplace.dispute_case import CaseStatus, DisputeCase
from payflows.marketplace.dispute_steps import DisputeEngine
from payflows.marketplace.messages import DISPUTES, MOVEMENTS
from payflows.marketplace.movement import MovementStatus, movement_id
from payflows.marketplace.movement_steps import CAME_BACK, MovementEngine
from payflows.marketplace.payout_steps import PayoutEngine
from payflows.marketplace.refunding import Refunding
from payflows.marketplace.sale import CANCELLED, Sale, SaleStatus
from payflows.marketplace.sale_steps import SaleSteps
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor_steps import VendorEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What does what, by its class.

    Attributes:
        vendors: what vendors do.
        movements: what movements do.
        disputes: what disputes do.
        payouts: what payouts do.
        unpaid: what a sale does until it is paid.
        booking: what it does after that.
    """

    vendors: type[VendorEngine] = VendorEngine
    movements: type[MovementEngine] = MovementEngine
    disputes: type[DisputeEngine] = DisputeEngine
    payouts: type[PayoutEngine] = PayoutEngine
    unpaid: type[SaleSteps] = SaleSteps
    booking: type[Booking] = Booking


class MarketplaceEngine(Engine[Sale]):
    """The one way in which sales move, beside those of vendors, movements, disputes and payouts.

    Args:
        context: the ports, the repositories and the payments core.
        parts: what does what; as usual where none are given.

    Attributes:
        context: the same.
        vendors: moves vendors.
        movements: moves what is moved at Stripe.
        disputes: moves disputes.
        payouts: moves payouts.
    """

    def __init__(self, context: StepContext, parts: Parts = Parts()) -> None:
        self.context = context
        self.vendors = parts.vendors(context)
        self.movements = parts.movements(context)
        self.disputes = parts.disputes(context, self.movements)
        self.payouts = parts.payouts(context)
        self._sales = context.sales
        self._unpaid, self._booking = parts.unpaid(context), parts.booking(context)
        self._adopting, self._refunding = Adopting(context), Refunding(context)
        steps = {
            SaleStatus.PENDING: self._unpaid.create,
            SaleStatus.PAYMENT_PROCESSING: self._unpaid.attempt_payment,
            SaleStatus.CUSTOMER_ACTION: self._unpaid.wait_for_buyer,
            SaleStatus.ABANDONING: self._unpaid.abandon,
            SaleStatus.FAILED: self._unpaid.clean_up,
            SaleStatus.PAID: self._booking.book,
            SaleStatus.BOOKED: self.wait_for_money,
            SaleStatus.AVAILABLE: self.keep,
        }
        super().__init__(context.sales, steps)

    async def wait_for_money(self, sale: Sale) -> Sale | None:
        """BOOKED: look at what a notice is about; else wait until the money may be used, and do what comes before.

        What was cancelled while it was being paid goes back.
        """
        if sale.is_recheck_due:
            return await self._recheck(sale)
        if sale.is_refund_due:
            await self._refunding.ask(sale, CANCELLED, None)
            return await self._sales.get(sale.id)
        now, orphans_at, reserve_until = self.context.clock.now(), sale.next_orphan_check(), sale.reserve_until
        if reserve_until is not None and reserve_until <= now:
            return await self._booking.let_go(sale)
        if orphans_at is not None and orphans_at <= now:
            return await self._unpaid.clean_up(sale)
        return await self._booking.release(sale)

    async def keep(self, sale: Sale) -> Sale | None:
        """AVAILABLE: look at what a notice is about; let the reserve go; cancel what was left over."""
        if sale.is_recheck_due:
            return await self._recheck(sale)
        if sale.reserve_until is not None and sale.reserve_until <= self.context.clock.now():
            return await self._booking.let_go(sale)
        return await self._unpaid.clean_up(sale)

    async def _recheck(self, sale: Sale) -> Sale | None:
        """Look into what notices are about."""
        return await (self.reconcile(sale) if sale.charge.recheck_due else self._adopting.reconcile(sale))

    async def reconcile(self, sale: Sale) -> Sale | None:
        """Read what has become of its refunds, and which disputes there are; the notice itself does not come again."""
        context, charge_id = self.context, sale.charge_id
        assert charge_id is not None, "it is paid"
        refunds = await context.calls.call(lambda: context.connect.list_split_refunds(charge_id))
        for refund in refunds:
            await self._follow_refund(sale, refund)
        payment_id = sale.charge.stored_payment_id()
        for dispute in await context.calls.call(lambda: context.payments.list_disputes(payment_id)):
            await context.disputes.add(
                DisputeCase(
                    id=dispute.id,
                    status=CaseStatus.OPEN,
                    changed_at=context.clock.now(),
                    sale_id=sale.id,
                    merchant_id=sale.order.merchant_id,
                    amount=dispute.amount,
                )
            )
        for case in await context.all_of(DISPUTES, f"sale:{sale.id}"):
            await self.disputes.advance(case)
        latest = await context.sales.get(sale.id)
        return await self._sales.record_progress(latest, charge=evolve(latest.charge, recheck_due=False))

    async def _follow_refund(self, sale: Sale, refund: SplitRefund) -> None:
        """See whether a refund came back. One that was made in the dashboard is borne as a lost dispute is."""
        purpose = refund.purpose or purpose_in_dashboard(refund.id)
        try:
            movement = await self.context.movements.get(movement_id(sale.id, purpose))
        except NotFound:
            if refund.purpose is not None:
                raise
            movement = await self._adopting.refund(await self._sales.get(sale.id), refund, purpose)
        if refund.status in CAME_BACK and movement.status is MovementStatus.DONE:
            await self.movements.refund_failed(movement)

    async def advance_all(self, sale: Sale) -> Sale:
        """Move a sale on, and what is moved for it, until all of it rests."""
        advanced = await self.advance(sale)
        for movement in await self.context.all_of(MOVEMENTS, f"sale:{sale.id}"):
            if movement.status is MovementStatus.MOVING:
                await self.movements.advance(movement)
        return advanced

    async def sale_of_payment(self, payment_id: str) -> str:
        """Return whose payment it is. A webhook may overtake the step that stores its id: then by its metadata."""
        owner = await self.context.collection.owner_of(payment_id)
        if owner is None:
            raise NotFound("no sale has this payment")
        return owner
