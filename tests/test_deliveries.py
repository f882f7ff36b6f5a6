"""Deliveries: tried again, given up, replayed; and kept through a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from payflows.kernel.delivery import DeliveryStatus

from payflows.clock import SECOND
from payflows.errors import InvalidState, OutcomeUnknown
from payflows.kernel.messages import BusinessEvent, EventType
from payflows.kernel.unit_of_work import UnitOfWork
from simulations.time.world import START
from tests.newsroom import PLACED, Listener, Newsroom


@pytest.fixture
def room() -> Newsroom:
    return Newsroom()


def test_a_failing_handler_waits_for_its_next_try_and_holds_up_no_other(room: Newsroom) -> None:
    """B4: in the seed a failure is printed and the event lost. B5: who heard it does not hear it again."""
    first, ledger, last = Listener(), Listener(), Listener()
    for name, listener in {"first": first, "ledger": ledger, "last": last}.items():
        room.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name=name)
    ledger.deaf = True

    room.publish()
    assert room.deliver() == START + timedelta(seconds=20)
    assert first.heard == last.heard == [PLACED]
    ledger.deaf = False
    room.world.run_for(20)

    assert room.deliver() is None
    assert first.heard == last.heard == ledger.heard == [PLACED]


def test_what_went_wrong_is_kept_without_anybodys_data(room: Newsroom) -> None:
    """B12: the seed prints exceptions, and a customer's address with them."""
    ledger = Listener()
    ledger.deaf = True
    room.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")

    room.tell()

    (waiting,) = room.deliveries(DeliveryStatus.WAITING)
    assert waiting.reason is not None
    assert waiting.reason.startswith("ValueError in hear, line ")
    assert "@" not in waiting.reason


def test_a_handler_that_never_works_becomes_a_dead_letter_and_is_replayed(room: Newsroom) -> None:
    ledger = Listener()
    ledger.deaf = True
    room.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")
    room.publish()
    while (due_at := room.deliver()) is not None:
        room.world.run(room.world.sleep_until(due_at))

    (dead,) = room.world.run(room.bus.dead_letters())
    assert (dead.event, dead.handler, dead.waits, room.world.now()) == (PLACED, "ledger", 2, START + 60 * SECOND)
    ledger.deaf = False
    room.world.run(room.bus.replay(dead.key))
    room.deliver()

    assert ledger.heard == [PLACED]
    assert room.world.run(room.bus.dead_letters()) == ()
    with pytest.raises(InvalidState, match="this delivery is delivered"):
        room.world.run(room.bus.replay(dead.key))


def test_all_dead_letters_are_replayed_at_once(room: Newsroom) -> None:
    ledger = Listener()
    ledger.deaf = True
    room.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")
    events = [PLACED._replace(key=f"ord_{number}:1:order.placed") for number in range(5)]
    for event in events:
        room.publish(event)
    while (due_at := room.deliver()) is not None:
        room.world.run(room.world.sleep_until(due_at))

    ledger.deaf = False
    assert room.world.run(room.bus.replay_all()) == 5
    room.deliver()

    assert ledger.heard == events
    assert room.world.run(room.bus.replay_all()) == 0


# Restarts and timers.


def test_a_restart_loses_nothing(room: Newsroom) -> None:
    """B7: in the seed what was not handled when the process ended is gone."""
    room.bus.subscribe(EventType.ORDER_PLACED, Listener().hear, name="ledger")
    room.publish()

    room.restart()
    again = Listener()
    room.bus.subscribe(EventType.ORDER_PLACED, again.hear, name="ledger")
    room.deliver()

    assert again.heard == [PLACED]


def test_what_waits_for_a_handler_that_is_gone_is_kept_until_it_is_back(room: Newsroom) -> None:
    room.bus.subscribe(EventType.ORDER_PLACED, Listener().hear, name="ledger")
    room.publish()

    room.restart()
    room.deliver()
    (waiting,) = room.deliveries(DeliveryStatus.WAITING)
    assert waiting.reason == "nobody is subscribed under this name"
    again = Listener()
    room.bus.subscribe(EventType.ORDER_PLACED, again.hear, name="ledger")
    room.world.run_for(20)
    room.deliver()

    assert again.heard == [PLACED]


def test_a_handler_that_is_cut_off_is_called_again(room: Newsroom) -> None:
    """B7: a cancelled handler does not take the rest with it."""
    ledger = Listener()

    async def cut_off(event: BusinessEvent, work: UnitOfWork) -> None:
        raise GeneratorExit

    room.bus.subscribe(EventType.ORDER_PLACED, cut_off, name="ledger")
    room.publish()
    with pytest.raises(GeneratorExit):
        room.bus.deliver_due(START).send(None)

    room.restart()
    room.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")
    room.deliver()

    assert ledger.heard == [PLACED]


def test_a_business_event_may_be_told_later(room: Newsroom) -> None:
    listener = Listener()
    room.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name="reminder")

    room.publish(at=START + timedelta(days=3))
    assert room.deliver() == START + timedelta(days=3)
    assert listener.heard == []
    room.world.run_for(3 * 86_400)
    room.deliver()

    assert listener.heard == [PLACED]


def test_a_store_that_cannot_be_reached_is_the_callers_trouble_and_nothing_is_lost(room: Newsroom) -> None:
    listener = Listener()
    room.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name="ledger")
    room.publish()
    save_delivery = room.store.save_delivery

    async def no_answer(before: object, after: object, writes: object) -> None:
        raise OutcomeUnknown("the store did not answer")

    room.store.save_delivery = no_answer  # type: ignore[method-assign]
    with pytest.raises(ExceptionGroup) as trouble:
        room.deliver()
    assert trouble.group_contains(OutcomeUnknown)
    room.store.save_delivery = save_delivery  # type: ignore[method-assign]
    room.deliver()

    assert listener.heard == [PLACED, PLACED]  # the second call's effects are the ones that were stored
    assert len(room.deliveries(DeliveryStatus.DELIVERED)) == 1
