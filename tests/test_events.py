"""The bus: who may subscribe, and who hears what. What becomes of a handler that fails is in `test_deliveries`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from payflows.checkout.messages import EventType
from payflows.errors import InvalidHandler
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.unit_of_work import Handler, UnitOfWork
from payflows.money import Money
from simulations.time.world import START
from tests.bus_fixture import PLACED, BusFixture, Listener


@pytest.fixture
def fixture() -> BusFixture:
    return BusFixture()


async def listen(event: BusinessEvent, work: UnitOfWork, into: list[BusinessEvent]) -> None:
    into.append(event)


@pytest.mark.parametrize("event_type", [EventType.ORDER_PLACED, "order.placed"], ids=["member", "value"])
def test_a_handler_hears_each_event_of_its_type_once_and_no_other(
    fixture: BusFixture, event_type: EventType | str
) -> None:
    listener = Listener()
    fixture.bus.subscribe(event_type, listener.hear, name="ledger")
    shipped = BusinessEvent("ord_1:7:order.shipped", EventType.ORDER_SHIPPED, "ord_1", START, PLACED.amount)

    for event in (PLACED, shipped, PLACED):
        fixture.tell(event)

    assert listener.received == [PLACED]


HANDLERS: dict[str, Callable[[Listener], Handler]] = {
    "method": lambda listener: listener.hear,
    "object": lambda listener: listener,
    "partial": lambda listener: partial(listen, into=listener.received),
}


@pytest.mark.parametrize("kind", HANDLERS)
def test_whatever_can_be_awaited_may_subscribe(fixture: BusFixture, kind: str) -> None:
    """B8: what cannot be is refused when it subscribes (`bad_input/bus.py`), not when it is called."""
    listener = Listener()
    fixture.bus.subscribe(EventType.ORDER_PLACED, HANDLERS[kind](listener), name="ledger")

    fixture.tell()

    assert listener.received == [PLACED]


@pytest.mark.parametrize("event_type", [EventType.ORDER_PLACED, EventType.ORDER_SHIPPED])
def test_a_name_is_taken_once_and_the_first_to_take_it_keeps_it(fixture: BusFixture, event_type: EventType) -> None:
    first, second = Listener(), Listener()
    fixture.bus.subscribe(EventType.ORDER_PLACED, first.hear, name="ledger")

    with pytest.raises(InvalidHandler, match="'ledger' is subscribed already"):
        fixture.bus.subscribe(event_type, second.hear, name="ledger")

    fixture.tell()
    assert (first.received, second.received) == ([PLACED], [])


@pytest.mark.parametrize("length", [1, 100])
def test_a_name_may_be_as_short_and_as_long_as_it_says(fixture: BusFixture, length: int) -> None:
    listener = Listener()
    fixture.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name="l" * length)

    fixture.tell()

    assert listener.received == [PLACED]


def test_a_misspelt_type_is_refused_with_those_that_there_are(fixture: BusFixture) -> None:
    """B9: the seed never calls a handler of a type that does not exist."""
    with pytest.raises(
        InvalidHandler, match=r"'payment\.suceeded' is no business event; there are .*payment\.succeeded"
    ):
        fixture.bus.subscribe("payment.suceeded", Listener().hear, name="ledger")


def test_a_handler_may_subscribe_another_which_hears_what_is_published_next(fixture: BusFixture) -> None:
    """B10: the seed walks through a list that changes."""
    late = Listener()

    async def invite(event: BusinessEvent, work: UnitOfWork) -> None:
        if not late.received:
            fixture.bus.subscribe(EventType.ORDER_PLACED, late.hear, name="late")

    fixture.bus.subscribe(EventType.ORDER_PLACED, invite, name="host")
    again = PLACED._replace(key="ord_2:1:order.placed")

    fixture.tell()
    assert late.received == []
    fixture.tell(again)

    assert late.received == [again]


def test_no_handler_can_change_what_another_hears() -> None:
    """B10: in the seed all handlers share one dict."""
    with pytest.raises(AttributeError):
        PLACED.amount = Money(1, "usd")  # type: ignore[misc]
