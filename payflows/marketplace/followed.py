"""What Stripe's notices and the worker ask of a marketplace: rows are read anew, and move on until they rest."""

from __future__ import annotations

from payflows.checks import instance_of
from payflows.errors import InvalidSale, NotFound, VersionConflict
from payflows.kernel.evolve import evolve
from payflows.marketplace.dispute_case import DisputeCase
from payflows.marketplace.input import check_request, vendor_row_id
from payflows.marketplace.messages import SALES, VENDORS
from payflows.marketplace.movement import Movement
from payflows.marketplace.payout import Payout
from payflows.marketplace.sale import Sale
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.steps import MarketplaceEngine
from payflows.marketplace.vendor import Vendor
from payflows.parties import Actor, Customer, Merchant, check_id


class FollowedMarketplace:
    """Follows Stripe, and the clock.

    Args:
        merchant: whose platform this is.
        context: the ports and the repositories.
        engine: moves all rows on; as usual where none is given.

    Attributes:
        engine: moves all rows on.

    Raises:
        InvalidPolicy: a part of another type.
    """

    def __init__(self, merchant: Merchant, context: StepContext, engine: MarketplaceEngine | None = None) -> None:
        instance_of("merchant", merchant, Merchant)
        instance_of("engine", engine, MarketplaceEngine, None)
        self._merchant = merchant
        self._context = context
        self.engine = engine or MarketplaceEngine(context)

    async def account_changed(self, merchant: Merchant, account_id: str) -> Vendor:
        """Something happened to an account at Stripe: read it and follow.

        Raises:
            NotFound: no vendor of this platform has it.
        """
        self._check_merchant(merchant)
        check_id("an account id", account_id, error=InvalidSale)
        return await self.engine.vendors.advance(await self._context.store.find(VENDORS, account_id))

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Sale:
        """Something happened to a payment at Stripe: read it and go on. Old, double and late notices do no harm.

        Raises:
            NotFound: no sale of this platform has the payment.
        """
        self._check_merchant(merchant)
        check_id("a payment id", payment_id, error=InvalidSale)
        try:
            sale = await self._context.store.find(SALES, payment_id)
        except NotFound:
            sale = await self.sale(merchant, await self.engine.sale_of_payment(payment_id))
        while sale.status.is_paid and not sale.charge.recheck_due:
            try:
                sale = await self._context.sales.request(sale, charge=evolve(sale.charge, recheck_due=True))
            except VersionConflict:
                sale = await self._context.sales.get(sale.id)
        return await self.engine.advance_all(sale)

    async def vendor(self, vendor_id: str) -> Vendor:
        """Return a vendor as stored. Raises `NotFound`."""
        check_id("a vendor's id", vendor_id, error=InvalidSale)
        return await self._context.vendors.get(vendor_row_id(self._merchant.id, vendor_id))

    async def sale(self, actor: Actor, sale_id: str) -> Sale:
        """Return a sale as stored. Raises `NotFound` where it is not theirs."""
        check_request(actor, sale_id)
        sale = await self._context.sales.get(sale_id)
        owner = sale.order.customer.id if isinstance(actor, Customer) else sale.order.merchant_id
        if actor.id != owner:
            raise NotFound("no such sale")
        return sale

    async def advance(self, sale_id: str) -> Sale:
        """Move a sale on until it rests."""
        return await self.engine.advance(await self._context.sales.get(sale_id))

    async def advance_vendor(self, row_id: str) -> Vendor:
        """Move a vendor on."""
        return await self.engine.vendors.advance(await self._context.vendors.get(row_id))

    async def advance_movement(self, movement_id: str) -> Movement:
        """Move a movement on."""
        return await self.engine.movements.advance(await self._context.movements.get(movement_id))

    async def advance_dispute(self, dispute_id: str) -> DisputeCase:
        """Move a dispute on."""
        return await self.engine.disputes.advance(await self._context.disputes.get(dispute_id))

    async def advance_payout(self, payout_id: str) -> Payout:
        """Move a payout on."""
        return await self.engine.payouts.advance(await self._context.payouts.get(payout_id))

    def _check_merchant(self, merchant: Merchant) -> None:
        if merchant != self._merchant:
            raise NotFound("this platform has no vendors here")
