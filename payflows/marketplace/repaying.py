"""What a platform does about money that goes back: refunds, evidence against disputes, and debts that it gives up."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.errors import InvalidSale, InvalidState, NotFound, VersionConflict
from payflows.marketplace.debts import Debts
from payflows.marketplace.dispute_case import CaseStatus, DisputeCase
from payflows.marketplace.followed import FollowedMarketplace
from payflows.marketplace.input import check_evidence, vendor_row_id
from payflows.marketplace.movement import Movement
from payflows.marketplace.refunding import Refunding
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.steps import MarketplaceEngine
from payflows.money import Money
from payflows.parties import Merchant, check_id


class RepayingMarketplace(FollowedMarketplace):
    """Gives money back, on whose behalf the platform asks.

    Args:
        merchant: whose platform this is.
        context: the ports and the repositories.
        engine: moves all rows on; as usual where none is given.

    Raises:
        InvalidPolicy: a part of another type.
    """

    def __init__(self, merchant: Merchant, context: StepContext, engine: MarketplaceEngine | None = None) -> None:
        super().__init__(merchant, context, engine)
        self._refunding = Refunding(context)
        self._debts = Debts(context)

    async def refund(
        self, merchant: Merchant, sale_id: str, refund_id: str, *, amounts: Mapping[str, Money] | None = None
    ) -> Movement:
        """Give a buyer the whole back that is left, or parts by vendor; the same refund id again is the same refund.

        Args:
            merchant: whose platform.
            sale_id: which sale.
            refund_id: the caller's own id, unique in the sale.
            amounts: by vendor, what goes back of their goods; None: all that is left.

        Returns:
            The refund to the buyer; what it takes from the vendors follows it.

        Raises:
            NotFound: not theirs.
            InvalidState: it is not paid, or nothing is left.
            InvalidSale: more than is left, or of a vendor who has no part of it.
            OrderIdReused: the id stands for another refund.
        """
        self._check_merchant(merchant)
        check_id("a refund's id", refund_id, error=InvalidSale)
        refund = await self._refunding.ask(await self.sale(merchant, sale_id), refund_id, amounts)
        refund = await self.engine.movements.advance(refund)
        await self.engine.advance_all(await self._context.sales.get(sale_id))
        return refund

    async def write_off(self, merchant: Merchant, vendor_id: str) -> Money:
        """Take what a vendor owes as lost. Returns how much that is: nothing, the second time.

        A balance below zero at Stripe is owed once Stripe has collected it from the platform, after 180 days.

        Args:
            merchant: whose platform.
            vendor_id: the caller's own id.

        Raises:
            NotFound: not theirs.
        """
        self._check_merchant(merchant)
        check_id("a vendor's id", vendor_id, error=InvalidSale)
        row_id = vendor_row_id(self._merchant.id, vendor_id)
        while True:
            vendor = await self._context.vendors.get(row_id)
            try:
                return await self._debts.write_off(vendor)
            except VersionConflict:
                continue

    async def submit_evidence(self, merchant: Merchant, dispute_id: str, evidence: Mapping[str, str]) -> DisputeCase:
        """Give a bank our evidence about a dispute; there is one try.

        Args:
            merchant: whose platform.
            dispute_id: Stripe's.
            evidence: by the names of Stripe's fields.

        Raises:
            InvalidSale: it is none.
            NotFound: not theirs.
            InvalidState: other evidence was given already, or it is over.
        """
        self._check_merchant(merchant)
        check_evidence(dispute_id, evidence)
        case = await self._context.disputes.get(dispute_id)
        if case.merchant_id != merchant.id:
            raise NotFound("no such dispute")
        if case.evidence and dict(case.evidence) != dict(evidence):
            raise InvalidState("other evidence was given already, and there is one try")
        if not case.evidence:
            if case.status is not CaseStatus.OPEN:
                raise InvalidState(f"the dispute is {case.status}: evidence is not wanted any more")
            case = await self._context.disputes.request(case, evidence=tuple(sorted(evidence.items())))
        return await self.engine.disputes.advance(case)
