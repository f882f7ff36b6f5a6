"""Deliveries: tried again, given up, replayed; and kept through a restart."""

from __future__ import annotations

from asyncio import CancelledError
from datetime import timedelta

import pytest

from payflows.checkout.messages import EventType
from payflows.clock import SECOND
from payflows.errors import InvalidInput, InvalidState, OutcomeUnknown
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.kernel.unit_of_work import UnitOfWork
from simulations.time.world import START
from tests.bus_fixture import PLACED, BusFixture, Listener


@pytest.fixture
def fixture() -> BusFixture:
    return BusFixture()


def test_a_failing_handler_waits_for_its_next_try_and_holds_up_no_other(fixture: BusFixture) -> None:
    """B4: in the seed a failure is printed and the event lost. B5: a handler that has it does not get it again."""
    first, ledger, last = Listener(), Listener(), Listener()
    for name, listener in {"first": first, "ledger": ledger, "last": last}.items():
        fixture.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name=name)
    ledger.deaf = True

    fixture.publish()
    assert fixture.deliver() == START + timedelta(seconds=20)
    assert first.received == last.received == [PLACED]
    ledger.deaf = False
    fixture.world.run_for(20)

    assert fixture.deliver() is None
    assert first.received == last.received == ledger.received == [PLACED]


def test_what_went_wrong_is_kept_without_anybodys_data(fixture: BusFixture) -> None:
    """B12: the seed prints exceptions, and a customer's address with them."""
    ledger = Listener()
    ledger.deaf = True
    fixture.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")

    fixture.tell()

    (waiting,) = fixture.items(ItemStatus.RETRYING)
    assert waiting.last_error is not None
    assert waiting.last_error.startswith("ValueError in hear, line ")
    assert "@" not in waiting.last_error


def test_a_handler_that_fails_is_in_the_log_with_its_traceback(
    fixture: BusFixture, caplog: pytest.LogCaptureFixture
) -> None:
    """The cause must be found after months; the dead letter has its type and its place alone."""
    ledger = Listener()
    ledger.deaf = True
    fixture.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")
    fixture.publish()
    while (due_at := fixture.deliver()) is not None:
        fixture.world.run(fixture.world.sleep_until(due_at))

    *retried, given_up = caplog.records
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 3
    assert {record.getMessage().partition(":")[0] for record in retried} == {"an item failed, and is tried again"}
    assert given_up.getMessage().startswith("an item was given up, and is a dead letter: queue handler ledger, key ")
    assert 'raise ValueError("ada@example.com cannot be reached")' in given_up.getMessage()  # the line of code
    assert given_up.getMessage().endswith("\nValueError")


def test_a_handler_that_hangs_or_cancels_itself_has_failed_and_holds_up_no_other(fixture: BusFixture) -> None:
    listener = Listener()

    async def hang(event: BusinessEvent, work: UnitOfWork) -> None:
        await fixture.world.sleep(7 * 86_400)

    async def cancel_itself(event: BusinessEvent, work: UnitOfWork) -> None:
        raise CancelledError

    for handler in (hang, cancel_itself, listener.hear):
        fixture.bus.subscribe(EventType.ORDER_PLACED, handler, name=handler.__name__)

    fixture.tell()

    assert listener.received == [PLACED]
    errors = {item.queue: item.last_error for item in fixture.items(ItemStatus.RETRYING)}
    assert set(errors) == {"handler hang", "handler cancel_itself"}
    assert all((error or "").startswith("TimeoutError in within, line") for error in errors.values())
    assert fixture.world.now() == START + timedelta(hours=1)  # the one that hangs was waited for no longer


def test_a_handler_that_never_works_becomes_a_dead_letter_and_is_replayed(fixture: BusFixture) -> None:
    ledger = Listener()
    ledger.deaf = True
    fixture.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")
    fixture.publish()
    while (due_at := fixture.deliver()) is not None:
        fixture.world.run(fixture.world.sleep_until(due_at))

    (dead,) = fixture.world.run(fixture.bus.dead_letters())
    assert (dead.content, dead.queue, dead.failures, fixture.world.now()) == (
        PLACED,
        "handler ledger",
        2,
        START + 60 * SECOND,
    )
    ledger.deaf = False
    fixture.world.run(fixture.bus.replay(dead.key))
    fixture.deliver()

    assert ledger.received == [PLACED]
    assert fixture.world.run(fixture.bus.dead_letters()) == ()
    with pytest.raises(InvalidState, match="this one is processed"):
        fixture.world.run(fixture.bus.replay(dead.key))
    with pytest.raises(InvalidInput, match="key must be"):
        fixture.world.run(fixture.bus.replay(7))  # type: ignore[arg-type]


def test_a_handlers_items_are_listed_by_how_far_they_are(fixture: BusFixture) -> None:
    for name in ("ledger", "mail"):
        fixture.bus.subscribe(EventType.ORDER_PLACED, Listener(), name=name)
    fixture.publish()

    (waiting,) = fixture.world.run(fixture.bus.items("ledger", ItemStatus.PENDING))

    assert (waiting.key, waiting.content) == (f"ledger:{PLACED.key}", PLACED)
    assert fixture.world.run(fixture.bus.items("ledger", ItemStatus.DEAD)) == ()


def test_of_handlers_whose_names_begin_alike_the_right_one_is_replayed(fixture: BusFixture) -> None:
    ledger = Listener()
    ledger.deaf = True
    for name in ("ledger", "ledger:vat"):
        fixture.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name=name)
    fixture.publish()
    while (due_at := fixture.deliver()) is not None:
        fixture.world.run(fixture.world.sleep_until(due_at))

    replayed = [fixture.world.run(fixture.bus.replay(f"{name}:{PLACED.key}")) for name in ("ledger", "ledger:vat")]

    assert [item.queue for item in replayed] == ["handler ledger", "handler ledger:vat"]


def test_all_dead_letters_are_replayed_together(fixture: BusFixture) -> None:
    ledger = Listener()
    ledger.deaf = True
    fixture.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")
    events = [PLACED._replace(key=f"ord_{number}:1:order.placed") for number in range(5)]
    for event in events:
        fixture.publish(event)
    while (due_at := fixture.deliver()) is not None:
        fixture.world.run(fixture.world.sleep_until(due_at))

    ledger.deaf = False
    assert fixture.world.run(fixture.bus.replay_all()) == 5
    fixture.deliver()

    assert ledger.received == events
    assert fixture.world.run(fixture.bus.replay_all()) == 0


# Restarts and timers.


def test_a_restart_loses_nothing(fixture: BusFixture) -> None:
    """B7: in the seed what was not handled when the process ended is gone."""
    fixture.bus.subscribe(EventType.ORDER_PLACED, Listener().hear, name="ledger")
    fixture.publish()

    fixture.restart()
    again = Listener()
    fixture.bus.subscribe(EventType.ORDER_PLACED, again.hear, name="ledger")
    fixture.deliver()

    assert again.received == [PLACED]


def test_what_waits_for_a_handler_that_is_gone_is_kept_until_it_is_back(fixture: BusFixture) -> None:
    fixture.bus.subscribe(EventType.ORDER_PLACED, Listener().hear, name="ledger")
    fixture.publish()

    fixture.restart()
    fixture.deliver()
    (waiting,) = fixture.items(ItemStatus.RETRYING)
    assert waiting.last_error == "NotFound: no handler is subscribed under this name"
    again = Listener()
    fixture.bus.subscribe(EventType.ORDER_PLACED, again.hear, name="ledger")
    fixture.world.run_for(20)
    fixture.deliver()

    assert again.received == [PLACED]


def test_a_handler_that_is_cut_off_is_called_again(fixture: BusFixture) -> None:
    """B7: a cancelled handler does not take the rest with it."""
    ledger = Listener()

    async def cut_off(event: BusinessEvent, work: UnitOfWork) -> None:
        raise GeneratorExit

    fixture.bus.subscribe(EventType.ORDER_PLACED, cut_off, name="ledger")
    fixture.publish()
    with pytest.raises(GeneratorExit):
        fixture.bus.deliver_due(START).send(None)

    fixture.restart()
    fixture.bus.subscribe(EventType.ORDER_PLACED, ledger.hear, name="ledger")
    fixture.deliver()

    assert ledger.received == [PLACED]


def test_a_business_event_may_be_published_later(fixture: BusFixture) -> None:
    listener = Listener()
    fixture.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name="reminder")

    fixture.publish(at=START + timedelta(days=3))
    assert fixture.deliver() == START + timedelta(days=3)
    assert listener.received == []
    fixture.world.run_for(3 * 86_400)
    fixture.deliver()

    assert listener.received == [PLACED]


def test_a_store_that_cannot_be_reached_is_the_callers_trouble_and_nothing_is_lost(fixture: BusFixture) -> None:
    listener = Listener()
    fixture.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name="ledger")
    fixture.publish()
    advance = fixture.store.advance

    async def no_answer(before: object, after: object, *changes: object) -> None:
        raise OutcomeUnknown("the store did not answer")

    fixture.store.advance = no_answer  # type: ignore[method-assign]
    with pytest.raises(ExceptionGroup) as trouble:
        fixture.deliver()
    assert trouble.group_contains(OutcomeUnknown)
    fixture.store.advance = advance  # type: ignore[method-assign]
    fixture.deliver()

    assert listener.received == [PLACED, PLACED]  # the second call's effects are the ones that were stored
    assert len(fixture.items(ItemStatus.PROCESSED)) == 1
