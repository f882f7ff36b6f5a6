"""Bugs about goods: holds, parcels and payments left over. Refunds are in `refunds.py`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from payflows.checkout.fulfilment import Fulfilment
from payflows.checkout.goods import Shipment, ShipmentStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.step_context import StepContext
from payflows.errors import OutcomeUnknown, PortError
from payflows.kernel.evolve import evolve
from payflows.payments.charge import Charge
from payflows.payments.model import Payment, PaymentStatus
from payflows.payments.orphans import Orphans
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around


class NeverRenews(StepContext):
    async def renew_hold(self, order: Order, *, seconds: int) -> Order:
        return order


class NeverCommits(StepContext):
    async def commit_stock(self, order: Order) -> bool:
        return True


class CommitWillHaveWorked(StepContext):
    async def commit_stock(self, order: Order) -> bool:
        await self.calls.call(lambda: self.inventory.commit(order.id))
        return True


class ReleasesAnotherId(StepContext):
    async def release_stock(self, order: Order) -> None:
        await self.calls.call(lambda: self.inventory.release(f"hold-{order.id}"))


class ReleasesOnceAtBest(StepContext):
    async def release_stock(self, order: Order) -> None:
        with suppress(PortError):
            await self.inventory.release(order.id)


class ShipsUnread(Fulfilment):
    """Hands the parcel over without reading the payment once more."""

    async def ship(self, order: Order) -> Order | None:
        if order.cancel_asked:
            return await self._orders.enter(order, OrderStatus.REFUNDING, reason=Reason.CANCEL_ASKED)
        await self._context.commit_stock(order)
        parcel = await self._context.calls.call(lambda: self._booked(order))
        if parcel.status is ShipmentStatus.REFUSED:
            return await self._orders.enter(order, OrderStatus.REFUNDING, reason=Reason.NOT_SHIPPABLE)
        if parcel.status is not ShipmentStatus.BOOKED:
            return await self._enter_shipped(order, parcel)
        return await self._check_later(order)

    async def _booked(self, order: Order) -> Shipment:
        purchase = order.purchase
        return await self._context.carrier.book(order.id, goods=purchase.price.goods, address=purchase.address)


class ShipsUncaptured(ShipsUnread):
    """Reads the payment, and looks only at whether money went back."""

    async def ship(self, order: Order) -> Order | None:
        payment = await self._context.collection.read(order.charge)
        if payment.returned.minor or payment.disputed:
            return await Fulfilment.ship(self, order)
        return await super().ship(order)


class ShippedBeforeTheStockIsGone(Fulfilment):
    async def _enter_shipped(self, order: Order, shipment: Shipment, **changes: Any) -> Order:
        number = shipment.tracking_number
        shipped = await self._orders.enter(order, OrderStatus.SHIPPED, tracking_number=number, **changes)
        await self._context.calls.call(lambda: self._context.inventory.ship(order.id))
        return shipped


class TakesThemOffTheShelfFirst(Fulfilment):
    """Takes the goods off the shelf before the carrier is there."""

    async def ship(self, order: Order) -> Order | None:
        if not order.cancel_asked and await self._context.commit_stock(order):
            await self._context.calls.call(lambda: self._context.inventory.ship(order.id))
        return await super().ship(order)


class CarriersTroubleCancels(Fulfilment):
    async def ship(self, order: Order) -> Order | None:
        try:
            return await super().ship(order)
        except PortError:
            undone = await self._orders.enter(order, OrderStatus.REFUNDING, reason=Reason.NOT_SHIPPABLE)
            await self._context.release_stock(order)
            return await self._orders.enter(undone, OrderStatus.CANCELLED, reason=Reason.NOT_SHIPPABLE)


class LeavesTheParcel(Fulfilment):
    async def unwind(self, order: Order) -> Order | None:
        if not order.refunded:
            return await self._refund(order)
        await self._context.release_stock(order)
        return await self._orders.enter(order, OrderStatus.CANCELLED, reason=order.reason)


class RefundsBeforeItCallsOff(Fulfilment):
    async def unwind(self, order: Order) -> Order | None:
        if not order.refunded:
            return await self._refund(order)
        return await super().unwind(order)


class LeavesOrphans(Fulfilment):
    async def _cancel_orphans(self, order: Order) -> Order | None:
        return await self._orders.schedule(order, charge=evolve(order.charge, orphan_possible=False))


class LooksForOrphansTooSoon(Fulfilment):
    async def clean_up(self, order: Order) -> Order | None:
        return await (self._cancel_orphans(order) if order.charge.orphan_possible else super().clean_up(order))


class OrphanCancelWillHaveWorked(Orphans):
    async def _cancelled(self, payment_id: str, *, key: str) -> Payment:
        return (await super()._cancelled(payment_id, key=key))._replace(status=PaymentStatus.CANCELED)


class NoAnswerMeansNoOrphans(Orphans):
    async def cancel_all(self, charge: Charge) -> OutcomeUnknown | None:
        try:
            return await super().cancel_all(charge)
        except PortError:
            return None


class LooksForOrphansOnce(Fulfilment):
    async def _cancel_orphans(self, order: Order) -> Order | None:
        if await self._context.orphans.cancel_all(order.charge) is not None:
            return await super()._cancel_orphans(order)
        return await self._orders.schedule(order, charge=evolve(order.charge, orphan_possible=False))


class ANewParcelEachTry(Around):
    """A carrier asked again, after silence, under another id."""

    async def book(self, order_id: str, **parcel: Any) -> Shipment:
        try:
            return await self._book(order_id, **parcel)
        except OutcomeUnknown:
            again = await self._book(f"{order_id}-again", **parcel)
            return again._replace(order_id=order_id)

    async def _book(self, parcel_id: str, **parcel: Any) -> Shipment:
        booked: Shipment = await self._port.book(parcel_id, **parcel)
        return booked


class ALabelIsAShipment(Around):
    """A carrier that is said to have a parcel once it was asked to fetch it."""

    async def book(self, order_id: str, **parcel: Any) -> Shipment:
        booked: Shipment = await self._port.book(order_id, **parcel)
        return booked._replace(status=ShipmentStatus.TAKEN)


def a_new_parcel_each_try(ports: Ports) -> Ports:
    return ports._replace(carrier=ANewParcelEachTry.around(ports.carrier))


def a_label_is_a_shipment(ports: Ports) -> Ports:
    return ports._replace(carrier=ALabelIsAShipment.around(ports.carrier))
