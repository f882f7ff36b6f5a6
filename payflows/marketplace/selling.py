"""Beginning a sale: fee and tier are frozen, the volume is counted, and the ledger expects the payment, in one step."""

from __future__ import annotations

from collections.abc import Sequence

from payflows.clock import SECOND
from payflows.errors import InvalidSale, InvalidState
from payflows.kernel.changes import Change, Insert
from payflows.marketplace.input import CartPart, vendor_row_id
from payflows.marketplace.ledger import post
from payflows.marketplace.messages import SALES
from payflows.marketplace.sale import Sale, SaleOrder, SalePart, SaleStatus
from payflows.marketplace.sale_postings import payment_expected
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor import Vendor
from payflows.marketplace.volume import VolumeMonth, count, volume_of
from payflows.parties import Customer, Merchant
from payflows.payments.charge import Attempt, Charge


class Selling:
    """Begins sales.

    Args:
        merchant: whose platform this is.
        context: the ports and the repositories.
    """

    def __init__(self, merchant: Merchant, context: StepContext) -> None:
        self._merchant = merchant
        self._context = context

    async def begin(
        self, sale_id: str, customer: Customer, order_id: str, cart: Sequence[CartPart], attempt: Attempt
    ) -> Sale:
        """Store a sale with its fees, its vendors' volumes and what is expected of it, in one step.

        Raises:
            InvalidState: a vendor may not sell.
            InvalidSale: a vendor is paid out in another currency.
            NotFound: a vendor is not known.
            AlreadyExists: it was begun meanwhile.
            VersionConflict: the same, or a vendor has sold meanwhile.
        """
        policy = self._context.policy
        now, volumes, known = self._context.clock.now(), [], []
        for part in cart:
            known.append(await self._vendor_of(part))
            month = VolumeMonth.at(part.vendor_id, part.amount.currency, now)
            volumes.append((month, await volume_of(self._context.store, month)))
        quotes = self._context.fees.fees_of_cart(
            [
                (part.amount, 0 if volume is None else volume.amount_minor, part.category)
                for part, (_, volume) in zip(cart, volumes, strict=True)
            ]
        )
        parts = tuple(
            SalePart(
                each.vendor_id, vendor.stored_account_id(), each.amount, kept.application_fee, month, each.category
            )
            for each, vendor, kept, (month, _) in zip(cart, known, quotes, volumes, strict=True)
        )
        total = sum((part.amount for part in parts[1:]), parts[0].amount)
        sale = Sale(
            id=sale_id,
            status=SaleStatus.PENDING,
            changed_at=now,
            lease_until=now + policy.lease_seconds * SECOND,
            order=SaleOrder(self._merchant.id, order_id, customer, now, now + policy.deadline_seconds * SECOND),
            parts=parts,
            charge=Charge(owner_id=sale_id, amount=total, attempt=attempt),
            stripe_fee=self._context.fees.stripe_fee_of(total),
        )
        counted: list[Change] = [
            count(month, volume, part.amount, now) for part, (month, volume) in zip(cart, volumes, strict=True)
        ]
        expected = post(payment_expected(sale_id, [part.share for part in parts], now))
        await self._context.store.change(Insert(SALES, sale), *counted, expected)
        return sale

    async def _vendor_of(self, part: CartPart) -> Vendor:
        """Return who sells it, as stored. Raises where they may not."""
        vendor = await self._context.vendors.get(vendor_row_id(self._merchant.id, part.vendor_id))
        if not vendor.status.may_sell:
            raise InvalidState(f"{part.vendor_id} may not sell: the vendor is {vendor.status}")
        if vendor.currency != part.amount.currency:
            raise InvalidSale(f"{part.vendor_id} is paid out in {vendor.currency}, got {part.amount.currency}")
        return vendor
