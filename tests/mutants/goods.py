"""Bugs about goods: holds, parcels and payments left over. Refunds are in `refunds.py`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from payflows.checkout.fulfilment import GoodsSteps
from payflows.checkout.goods import Shipment, ShipmentStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.step_context import Shopkeeper
from payflows.errors import OutcomeUnknown, PortError
from payflows.kernel.evolve import evolve
from payflows.payments.model import Payment, PaymentStatus
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around


class NeverRenews(Shopkeeper):
    async def renew_hold(self, order: Order, *, seconds: int) -> Order:
        return order


class NeverCommits(Shopkeeper):
    async def commit_stock(self, order: Order) -> bool:
        return True


class CommitWillHaveWorked(Shopkeeper):
    async def commit_stock(self, order: Order) -> bool:
        await self.ask(lambda: self.inventory.commit(order.id))
        return True


class ReleasesAnotherId(Shopkeeper):
    async def release_stock(self, order: Order) -> None:
        await self.ask(lambda: self.inventory.release(f"hold-{order.id}"))


class ReleasesOnceAtBest(Shopkeeper):
    async def release_stock(self, order: Order) -> None:
        with suppress(PortError):
            await self.inventory.release(order.id)


class ShipsUnread(GoodsSteps):
    """Hands the parcel over without reading the payment once more."""

    async def ship(self, order: Order) -> Order | None:
        if order.cancel_asked:
            return await self._book.enter(order, OrderStatus.REFUNDING, reason=Reason.CANCEL_ASKED)
        await self._keeper.commit_stock(order)
        parcel = await self._keeper.ask(lambda: self._booked(order))
        if parcel.status is not ShipmentStatus.BOOKED:
            return await self._enter_shipped(order, parcel)
        next_look = self._keeper.soon(self._keeper.policy.pending_look_seconds)
        return await self._book.rest(order, until=next_look)

    async def _booked(self, order: Order) -> Shipment:
        purchase = order.purchase
        return await self._keeper.carrier.book(order.id, goods=purchase.price.goods, address=purchase.address)


class ShipsUncaptured(ShipsUnread):
    """Reads the payment, and looks only at whether money went back."""

    async def ship(self, order: Order) -> Order | None:
        payment = await self._keeper.read_payment(order)
        if payment.returned.minor or payment.disputed:
            return await GoodsSteps.ship(self, order)
        return await super().ship(order)


class ShippedBeforeTheStockIsGone(GoodsSteps):
    async def _enter_shipped(self, order: Order, shipment: Shipment, *, having: Order | None = None) -> Order:
        shipped = evolve(having or order, tracking_number=shipment.tracking_number)
        shipped = await self._book.enter(order, OrderStatus.SHIPPED, having=shipped)
        await self._keeper.ask(lambda: self._keeper.inventory.ship(order.id))
        return shipped


class TakesThemOffTheShelfFirst(GoodsSteps):
    """Takes the goods off the shelf before the carrier is there."""

    async def ship(self, order: Order) -> Order | None:
        if not order.cancel_asked and await self._keeper.commit_stock(order):
            await self._keeper.ask(lambda: self._keeper.inventory.ship(order.id))
        return await super().ship(order)


class CarriersTroubleCancels(GoodsSteps):
    async def ship(self, order: Order) -> Order | None:
        try:
            return await super().ship(order)
        except PortError:
            undone = await self._book.enter(order, OrderStatus.REFUNDING, reason=Reason.NOT_SHIPPABLE)
            await self._keeper.release_stock(order)
            return await self._book.enter(undone, OrderStatus.CANCELLED, reason=Reason.NOT_SHIPPABLE)


class LeavesTheParcel(GoodsSteps):
    async def undo(self, order: Order) -> Order | None:
        if not order.refunded:
            return await self._giving_back.give_back(order)
        await self._keeper.release_stock(order)
        return await self._book.enter(order, OrderStatus.CANCELLED, reason=order.reason)


class RefundsBeforeItCallsOff(GoodsSteps):
    async def undo(self, order: Order) -> Order | None:
        if not order.refunded:
            return await self._giving_back.give_back(order)
        return await super().undo(order)


class LeavesStrays(GoodsSteps):
    async def _cancel_strays(self, order: Order) -> Order | None:
        return await self._book.progress(order, having=evolve(order, orphan_possible=False, due_at=None))


class LooksForStraysTooSoon(GoodsSteps):
    async def tidy(self, order: Order) -> Order | None:
        return await (self._cancel_strays(order) if order.orphan_possible else super().tidy(order))


class StrayCancelWillHaveWorked(GoodsSteps):
    async def _cancelled(self, payment_id: str, *, key: str) -> Payment:
        return (await super()._cancelled(payment_id, key=key))._replace(status=PaymentStatus.CANCELED)


class NoAnswerMeansNoStrays(GoodsSteps):
    async def _cancel_strays(self, order: Order) -> Order | None:
        try:
            return await super()._cancel_strays(order)
        except PortError:
            return await LeavesStrays._cancel_strays(self, order)  # type: ignore[arg-type]


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
