"""Asking for refunds: what may go back is checked, and all that it calls for is stored in one step."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.checks import instance_of
from payflows.errors import InvalidSale, InvalidState, NotFound, OrderIdReused, VersionConflict
from payflows.kernel.changes import Insert
from payflows.kernel.evolve import evolve
from payflows.marketplace.accounts import BUYERS
from payflows.marketplace.messages import MOVEMENTS, SALES
from payflows.marketplace.movement import Movement, movement_id
from payflows.marketplace.returns import planned, recoveries_of, refund_of, with_returned
from payflows.marketplace.sale import Sale, SaleStatus
from payflows.marketplace.step_context import StepContext
from payflows.money import Money


class Refunding:
    """Stores refunds.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context

    async def ask(self, sale: Sale, refund_id: str, amounts: Mapping[str, Money] | None) -> Movement:
        """Return the refund, stored with what it takes from the vendors; the same id again is the same refund.

        Args:
            sale: of which.
            refund_id: the caller's own id.
            amounts: by vendor; None: all that is left.

        Raises:
            InvalidState: it is not paid and booked, or nothing is left.
            InvalidSale: more than is left, or of a vendor who has no part of it.
            OrderIdReused: the id stands for another refund.
        """
        purpose = f"refund-{refund_id}"
        while True:
            try:
                known = await self._context.movements.get(movement_id(sale.id, purpose))
            except NotFound:
                pass
            else:
                return _same(known, amounts, sale)
            if sale.status not in (SaleStatus.BOOKED, SaleStatus.AVAILABLE):
                raise InvalidState(f"a sale that is {sale.status} has nothing to refund yet")
            wanted = _wanted(sale, amounts)
            now, context = self._context.clock.now(), self._context
            refund = evolve(refund_of(sale, wanted, purpose, now), of_all=amounts is None)
            recoveries = recoveries_of(
                sale,
                wanted,
                purpose,
                now,
                against=BUYERS,
                returns_fee=context.policy.returns_fee,
                after_id=refund.id,
            )
            parts = planned(with_returned(sale.parts, refund.by_vendor), recoveries)
            ids = (*sale.refund_ids, refund_id)
            try:
                await context.store.change(
                    context.next_version(SALES, sale, parts=parts, refund_ids=ids),
                    Insert(MOVEMENTS, refund),
                    *(Insert(MOVEMENTS, each) for each in recoveries),
                )
            except VersionConflict:
                sale = await context.sales.get(sale.id)
                continue
            return refund


def _same(known: Movement, amounts: Mapping[str, Money] | None, sale: Sale) -> Movement:
    """Return a refund that is known. Raises `OrderIdReused` where another one is asked for under its id."""
    if amounts is None:
        is_another = not known.of_all and any(part.returned_minor < part.amount.minor for part in sale.parts)
    else:
        is_another = dict(known.by_vendor) != {vendor: amount.minor for vendor, amount in amounts.items()}
    if is_another:
        raise OrderIdReused(f"refund {known.purpose.removeprefix('refund-')!r} was asked for with other amounts")
    return known


def _wanted(sale: Sale, amounts: Mapping[str, Money] | None) -> dict[str, Money]:
    """Return, by vendor, what is to go back."""
    currency = sale.charge.amount.currency
    left = {part.vendor_id: part.amount.minor - part.returned_minor for part in sale.parts}
    if amounts is None:
        wanted = {vendor_id: Money(minor, currency) for vendor_id, minor in left.items() if minor}
        if not wanted:
            raise InvalidState("all of it has gone back already")
        return wanted
    instance_of("amounts", amounts, Mapping, error=InvalidSale)
    if not amounts:
        raise InvalidSale("amounts name at least one vendor; None gives all back that is left")
    for vendor_id, amount in amounts.items():
        instance_of(f"the amount of {vendor_id}", amount, Money, error=InvalidSale)
        if vendor_id not in left:
            raise InvalidSale(f"{vendor_id} has no part of this sale")
        if amount.currency != currency or not 0 < amount.minor <= left[vendor_id]:
            most = Money(left[vendor_id], currency)
            raise InvalidSale(f"of the goods of {vendor_id} at most {most} can go back, got {amount}")
    return dict(amounts)
