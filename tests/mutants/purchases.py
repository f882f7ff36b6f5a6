"""Bugs about what was bought, and by whom: goods left out, parcels and mails that go to others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from payflows.checkout.fulfilment import Fulfilment
from payflows.checkout.goods import Address, Hold, Quantity, Shipment, ShipmentStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.errors import OutcomeUnknown
from payflows.kernel.messages import Mail
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around


class HoldsTheFirst(Around):
    """An inventory that is asked for the first product alone."""

    async def hold(self, hold_id: str, goods: Sequence[Quantity], *, expires_at: datetime) -> Hold:
        held: Hold = await self._port.hold(hold_id, goods[:1], expires_at=expires_at)
        return held


class BooksTheFirst(Around):
    """A carrier that is given the first product alone."""

    async def book(self, order_id: str, *, goods: Sequence[Quantity], **parcel: Any) -> Shipment:
        booked: Shipment = await self._port.book(order_id, goods=goods[:1], **parcel)
        return booked


class EmptyParcels(Around):
    """A carrier that is given nothing."""

    async def book(self, order_id: str, **parcel: Any) -> Shipment:
        booked: Shipment = await self._port.book(order_id, **{**parcel, "goods": ()})
        return booked


class AddressOfTheFirst(Around):
    """A carrier that is given the address of the first parcel for all of them."""

    def __init__(self, port: object) -> None:
        super().__init__(port)
        self._address: Address | None = None

    async def book(self, order_id: str, *, address: Address, **parcel: Any) -> Shipment:
        self._address = self._address or address
        booked: Shipment = await self._port.book(order_id, address=self._address, **parcel)
        return booked


class NumberOfTheFirst(Around):
    """A carrier whose first tracking number is taken for all."""

    def __init__(self, port: object) -> None:
        super().__init__(port)
        self._number: str | None = None

    async def book(self, order_id: str, **parcel: Any) -> Shipment:
        booked: Shipment = await self._port.book(order_id, **parcel)
        return self._tracked(booked)

    def _tracked(self, shipment: Shipment) -> Shipment:
        self._number = self._number or shipment.tracking_number
        return shipment._replace(tracking_number=self._number)


class MailsTheFirst(Around):
    """A mailer that has the address of the first customer for all."""

    def __init__(self, port: object) -> None:
        super().__init__(port)
        self._address: str | None = None

    async def send(self, mail: Mail, *, to: str) -> None:
        self._address = self._address or to
        await self._port.send(mail, to=self._address)


class ARefusalIsABooking(Around):
    """A carrier whose refusal is taken for a parcel that is going to be fetched."""

    async def book(self, order_id: str, **parcel: Any) -> Shipment:
        booked: Shipment = await self._port.book(order_id, **parcel)
        is_refused = booked.status is ShipmentStatus.REFUSED
        return booked._replace(status=ShipmentStatus.BOOKED) if is_refused else booked


class SilenceOfTheCarrierIsARefusal(Fulfilment):
    """Gives the money back, in order, where the carrier did not answer."""

    async def ship(self, order: Order) -> Order | None:
        try:
            return await super().ship(order)
        except OutcomeUnknown:
            return await self._orders.enter(order, OrderStatus.REFUNDING, reason=Reason.NOT_SHIPPABLE)


def holds_the_first(ports: Ports) -> Ports:
    return ports._replace(inventory=HoldsTheFirst.around(ports.inventory))


def books_the_first(ports: Ports) -> Ports:
    return ports._replace(carrier=BooksTheFirst.around(ports.carrier))


def empty_parcels(ports: Ports) -> Ports:
    return ports._replace(carrier=EmptyParcels.around(ports.carrier))


def address_of_the_first(ports: Ports) -> Ports:
    return ports._replace(carrier=AddressOfTheFirst.around(ports.carrier))


def number_of_the_first(ports: Ports) -> Ports:
    return ports._replace(carrier=NumberOfTheFirst.around(ports.carrier))


def mails_the_first(ports: Ports) -> Ports:
    return ports._replace(mailer=MailsTheFirst.around(ports.mailer))


def a_refusal_is_a_booking(ports: Ports) -> Ports:
    return ports._replace(carrier=ARefusalIsABooking.around(ports.carrier))
