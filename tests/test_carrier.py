"""The carrier in memory: one parcel per order, fetched and brought by the clock, called off while it waits."""

from __future__ import annotations

import pytest

from payflows.checkout.goods import Address, Quantity, Shipment, ShipmentStatus
from payflows.checkout.inmemory.carrier import InMemoryCarrier, Parcel
from payflows.errors import InvalidPolicy
from simulations.time.world import World

HOUR = 3_600
INSTANT = 1e-6
GOODS = (Quantity("mug", 1),)
HOME = Address(name="Ada Example", line1="1 Example Street", city="Springfield", postal_code="00000", country="US")
ABROAD = Address(name="Bob Example", line1="2 Example Street", city="Erewhon", postal_code="00000", country="XX")


class Depot:
    """A carrier in virtual time that fetches after an hour and brings a day later."""

    def __init__(self, *, pickup_seconds: int = HOUR, transit_seconds: int = 24 * HOUR) -> None:
        self.world = World()
        self.carrier = InMemoryCarrier(
            clock=self.world, pickup_seconds=pickup_seconds, transit_seconds=transit_seconds, refuses=["XX"]
        )

    def book(self, order: str = "ord_1", address: Address = HOME) -> Shipment:
        return self.world.run(self.carrier.book(order, goods=GOODS, address=address))

    def void(self, order: str = "ord_1") -> Shipment:
        return self.world.run(self.carrier.void(order))

    def look(self, order: str = "ord_1") -> Shipment | None:
        return self.world.run(self.carrier.shipment(order))

    def status(self, order: str = "ord_1") -> ShipmentStatus:
        shipment = self.look(order)
        assert shipment is not None
        return shipment.status


@pytest.fixture
def depot() -> Depot:
    return Depot()


def test_a_parcel_is_booked_with_a_unique_number(depot: Depot) -> None:
    first, second = depot.book("ord_1"), depot.book("ord_2")

    assert (first.status, second.status) == (ShipmentStatus.BOOKED, ShipmentStatus.BOOKED)
    assert first.order_id == "ord_1"
    assert first.tracking_number
    assert first.tracking_number != second.tracking_number


def test_what_it_was_asked_first_to_bring_stands(depot: Depot) -> None:
    depot.book("ord_1", HOME)
    depot.book("ord_1", ABROAD)

    assert depot.carrier.parcels == {"ord_1": Parcel(GOODS, HOME)}
    assert depot.carrier.serves(HOME)
    assert not depot.carrier.serves(ABROAD)


def test_it_is_taken_and_delivered_each_at_its_moment(depot: Depot) -> None:
    number = depot.book().tracking_number

    depot.world.run_for(HOUR - INSTANT)
    assert depot.status() is ShipmentStatus.BOOKED
    depot.world.run_for(INSTANT)
    assert depot.status() is ShipmentStatus.TAKEN
    depot.world.run_for(24 * HOUR - INSTANT)
    assert depot.status() is ShipmentStatus.TAKEN
    depot.world.run_for(INSTANT)

    assert depot.look() == Shipment("ord_1", ShipmentStatus.DELIVERED, number)


def test_where_pickup_takes_no_time_the_answer_says_taken() -> None:
    depot = Depot(pickup_seconds=0)

    assert depot.book().status is ShipmentStatus.TAKEN


def test_booking_again_is_the_same_parcel_as_it_stands(depot: Depot) -> None:
    first = depot.book()
    depot.world.run_for(HOUR)

    again = depot.book()

    assert again == Shipment("ord_1", ShipmentStatus.TAKEN, first.tracking_number)
    depot.world.run_for(24 * HOUR)
    assert depot.status() is ShipmentStatus.DELIVERED
    assert list(depot.carrier.shipments()) == ["ord_1"]


def test_what_it_cannot_bring_is_refused_with_the_reason(depot: Depot) -> None:
    refused = depot.book(address=ABROAD)

    assert refused == Shipment("ord_1", ShipmentStatus.REFUSED, reason="no delivery to XX")
    depot.world.run_for(48 * HOUR)
    assert depot.look() == refused
    assert depot.book(address=HOME) == refused


def test_of_an_order_never_booked_it_knows_nothing(depot: Depot) -> None:
    depot.book("ord_1")

    assert depot.look("ord_2") is None


def test_a_parcel_that_still_waits_can_be_called_off(depot: Depot) -> None:
    depot.book()
    depot.world.run_for(HOUR - INSTANT)

    assert depot.void() == Shipment("ord_1", ShipmentStatus.VOIDED)

    depot.world.run_for(48 * HOUR)
    assert depot.status() is ShipmentStatus.VOIDED


@pytest.mark.parametrize(("seconds", "status"), [(HOUR, ShipmentStatus.TAKEN), (25 * HOUR, ShipmentStatus.DELIVERED)])
def test_what_the_carrier_has_cannot_be_called_off(depot: Depot, seconds: int, status: ShipmentStatus) -> None:
    depot.book()
    depot.world.run_for(seconds)

    assert depot.void().status is status
    assert depot.status() is status


@pytest.mark.parametrize("booked_first", [True, False])
def test_no_later_booking_revives_a_parcel_that_was_called_off(depot: Depot, booked_first: bool) -> None:
    if booked_first:
        depot.book()
    depot.void()

    late = depot.book()

    assert late.status is ShipmentStatus.VOIDED
    depot.world.run_for(48 * HOUR)
    assert depot.carrier.shipments() == {"ord_1": Shipment("ord_1", ShipmentStatus.VOIDED)}


def test_a_refused_parcel_is_called_off_for_good(depot: Depot) -> None:
    depot.book(address=ABROAD)

    assert depot.void().status is ShipmentStatus.VOIDED
    assert depot.book(address=HOME).status is ShipmentStatus.VOIDED


@pytest.mark.parametrize("seconds", [-1, 0.5, True, "3600"])
def test_a_time_that_cannot_be_is_refused(seconds: object) -> None:
    with pytest.raises(InvalidPolicy, match="pickup_seconds must be a whole number"):
        InMemoryCarrier(clock=World(), pickup_seconds=seconds)  # type: ignore[arg-type]
    with pytest.raises(InvalidPolicy, match="transit_seconds must be a whole number"):
        InMemoryCarrier(clock=World(), transit_seconds=seconds)  # type: ignore[arg-type]
