"""The worker: one loop for all that becomes due, stepped or running, in virtual time and under asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest

from payflows.checkout.messages import EventType
from payflows.clock import Clock, WallClock
from payflows.errors import InvalidPolicy, OutcomeUnknown
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.runner import AsyncioRunner, TaskRunner
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.kernel.worker import Worker
from simulations.checkout.scripted_shop import ScriptedShop
from simulations.time.hand_clock import HandClock
from simulations.time.runner import VirtualRunner
from simulations.time.world import START, World


class Dishes:
    """A task: a pile, of which one is done at a time, each taking so long."""

    def __init__(self, clock: Clock, *, pile: int, seconds: float = 0, name: str = "dishes") -> None:
        self.name = name
        self.clock = clock
        self.pile = pile
        self.seconds = seconds
        self.due = clock.now()
        self.done: list[datetime] = []
        self.trouble: Exception | None = None

    async def due_at(self) -> datetime | None:
        return self.due if self.pile else None

    async def run_once(self, now: datetime) -> bool:
        if self.trouble is not None:
            raise self.trouble
        if not self.pile or self.due > now:
            return False
        self.pile -= 1
        if self.seconds:
            await self.clock.sleep(self.seconds)
        self.done.append(self.clock.now())
        return True


class Kitchen:
    """A world, its runner, and a worker in it: the same tests in virtual time and under asyncio."""

    def __init__(self, clock: Clock, runner: TaskRunner, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.clock, self.runner, self.run = clock, runner, run

    def worker(self, *tasks: Dishes, poll_seconds: float = 0.01) -> Worker:
        return Worker(tasks, clock=self.clock, runner=self.runner, poll_seconds=poll_seconds)


def virtual() -> Kitchen:
    world = World()
    return Kitchen(world, VirtualRunner(world), world.run)


def by_the_wall_clock() -> Kitchen:
    return Kitchen(WallClock(), AsyncioRunner(), asyncio.run)


@pytest.fixture(params=[virtual, by_the_wall_clock])
def kitchen(request: pytest.FixtureRequest) -> Kitchen:
    made: Kitchen = request.param()
    return made


def test_a_run_does_all_that_is_due_and_says_what_is_due_next(kitchen: Kitchen) -> None:
    now, later = Dishes(kitchen.clock, pile=3), Dishes(kitchen.clock, pile=1, name="windows")
    later.due += timedelta(hours=1)

    assert kitchen.run(kitchen.worker(now, later).run_due()) == later.due

    assert (len(now.done), len(later.done)) == (3, 0)


def test_when_nothing_will_be_due_it_says_so(kitchen: Kitchen) -> None:
    assert kitchen.run(kitchen.worker(Dishes(kitchen.clock, pile=0)).run_due()) is None


def test_a_slow_task_holds_up_no_other(kitchen: Kitchen) -> None:
    """B6: in the seed one slow handler delays all."""
    slow = Dishes(kitchen.clock, pile=1, seconds=0.2, name="laundry")
    quick = Dishes(kitchen.clock, pile=1)
    worker = kitchen.worker(slow, quick)

    async def evening() -> None:
        await worker.poll()
        await kitchen.clock.sleep(0.05)
        quick.pile += 1  # comes while the laundry is under way
        await worker.poll()
        await kitchen.clock.sleep(0.05)
        assert (len(quick.done), len(slow.done)) == (2, 0)
        await kitchen.runner.join()

    kitchen.run(evening())

    assert len(slow.done) == 1


def test_it_runs_until_it_is_stopped_finishing_what_it_holds_and_no_more(kitchen: Kitchen) -> None:
    dishes = Dishes(kitchen.clock, pile=100, seconds=0.02)
    worker = kitchen.worker(dishes)

    async def evening() -> None:
        done = asyncio.create_task(worker.run()) if isinstance(kitchen.clock, WallClock) else None
        started = kitchen.clock.start(worker.run()) if isinstance(kitchen.clock, World) else None
        await kitchen.clock.sleep(0.05)
        worker.stop()
        if done is not None:
            await done
        if started is not None and isinstance(kitchen.clock, World):
            await kitchen.clock.join(started)

    kitchen.run(evening())

    assert 1 <= len(dishes.done) < 50
    assert len(dishes.done) + dishes.pile == 100


def test_what_a_slow_task_leaves_for_later_is_done_in_its_time() -> None:
    """The poll that began it could not know when it is due next, and nothing is stored after its end."""
    world = World()
    dishes = Dishes(world, pile=2, seconds=5)

    async def soak(now: datetime) -> bool:
        if dishes.due > now:
            return False
        await Dishes.run_once(dishes, now)
        dishes.due = world.now() + timedelta(seconds=10)
        return True

    dishes.run_once = soak  # type: ignore[method-assign]
    worker = Worker([dishes], clock=world, runner=VirtualRunner(world), on_change=lambda wake: None, poll_seconds=1)
    world.start(worker.run())

    world.run_for(60)

    assert dishes.done == [START + timedelta(seconds=5), START + timedelta(seconds=20)]


def test_a_store_that_cannot_be_reached_is_left_until_the_next_look(kitchen: Kitchen) -> None:
    broken, well = Dishes(kitchen.clock, pile=1), Dishes(kitchen.clock, pile=2, name="windows")
    broken.trouble = OutcomeUnknown("the store did not answer")
    worker = kitchen.worker(broken, well)

    async def evening() -> None:
        await worker.run_due()
        assert (broken.pile, well.pile) == (1, 0)
        broken.trouble = None
        await worker.run_due()

    kitchen.run(evening())

    assert broken.pile == 0


def test_our_own_mistakes_are_not_swallowed(kitchen: Kitchen) -> None:
    dishes = Dishes(kitchen.clock, pile=1)
    dishes.trouble = mistake = ZeroDivisionError("no plates")

    async def evening(run: bool) -> None:
        worker = kitchen.worker(dishes)
        await (worker.run() if run else worker.run_due())

    for run in (False, True):
        with pytest.raises(ExceptionGroup) as raised:
            kitchen.run(evening(run))
        assert raised.value.exceptions == (mistake,)


def test_trouble_of_several_concurrent_pieces_is_trouble_too(kitchen: Kitchen) -> None:
    dishes = Dishes(kitchen.clock, pile=1)
    dishes.trouble = ExceptionGroup("some of the work failed", [OutcomeUnknown("no answer"), OutcomeUnknown("none")])

    kitchen.run(kitchen.worker(dishes).run_due())

    assert dishes.pile == 1


def test_a_task_that_is_never_done_is_a_mistake() -> None:
    class Hydra(Dishes):
        async def run_once(self, now: datetime) -> bool:
            return False

    kitchen = virtual()

    with pytest.raises(AssertionError, match="dishes: due again and again at one moment"):
        kitchen.run(kitchen.worker(Hydra(kitchen.clock, pile=1)).run_due())


def test_no_pause_at_all_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="poll_seconds must be a number above 0"):
        Worker((), clock=World(), poll_seconds=0)


# In a shop.


def test_a_slow_handler_holds_up_neither_mails_nor_other_handlers() -> None:
    """B6, in the shop: ten minutes of one handler, and everything else goes on."""
    shop = ScriptedShop()
    handled: list[tuple[str, float]] = []

    async def slow(event: BusinessEvent, work: UnitOfWork) -> None:
        await shop.world.sleep(600)
        handled.append(("slow", (shop.world.now() - START).total_seconds()))

    async def quick(event: BusinessEvent, work: UnitOfWork) -> None:
        handled.append(("quick", (shop.world.now() - START).total_seconds()))

    shop.app.bus.subscribe(EventType.ORDER_PLACED, slow, name="slow")
    shop.app.bus.subscribe(EventType.ORDER_PLACED, quick, name="quick")
    first = shop.buy()
    shop.pass_time(minutes=2)
    second = shop.buy(checkout_id="checkout-2")
    shop.pass_time(minutes=30)

    assert handled == [("quick", 40), ("quick", 160), ("slow", 640), ("slow", 1_240)]
    assert all(len(shop.mailer.about(order.id)) == 2 for order in (first, second))


def test_a_running_shop_stops_cleanly() -> None:
    shop = ScriptedShop()
    shop.buy()

    shop.app.worker.stop()
    shop.pass_time(minutes=5)

    assert shop.mailer.sent == {}  # it was in the outbox, and is there for the next worker
    assert shop.world.run(shop.store.next_item(OUTBOX)) is not None


# Cancelled.


@pytest.mark.parametrize("step", ["run_due", "poll"])
def test_a_task_that_was_cancelled_is_due_again_and_so_are_those_behind_it(step: str) -> None:
    """A step of the worker under a time-out: what it had taken in hand must not count as under way for ever."""
    clock = WallClock()
    slow, behind = Dishes(clock, pile=1, seconds=60, name="laundry"), Dishes(clock, pile=1)
    worker = Worker([slow, behind], clock=clock)

    async def evening() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await (worker.run_due() if step == "run_due" else worker.poll())
        slow.pile, slow.seconds = 1, 0
        await worker.run_due()

    asyncio.run(evening())

    assert (slow.pile, behind.pile) == (0, 0)


def test_concurrent_tasks_that_were_cancelled_are_due_again() -> None:
    """Also those that had not begun, since there were too many."""
    clock = WallClock()
    tasks = [Dishes(clock, pile=1, seconds=60, name=f"pile {number}") for number in range(3)]
    worker = Worker(tasks, clock=clock, runner=AsyncioRunner(max_concurrent=1))

    async def evening() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await worker.run_due()
        for task in tasks:
            task.pile, task.seconds = 1, 0
        await worker.run_due()

    asyncio.run(evening())

    assert [task.pile for task in tasks] == [0, 0, 0]


def test_an_error_that_ends_the_worker_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    dishes = Dishes(World(), pile=1)
    dishes.trouble = ZeroDivisionError("ada@example.com has no plates")

    with pytest.raises(ExceptionGroup):
        HandClock().run(Worker([dishes], clock=HandClock()).run_due())

    (record,) = caplog.records
    assert record.getMessage().startswith("a task failed, and the worker ends: task dishes, error ZeroDivisionError in")
    assert "raise self.trouble" in record.getMessage()
    assert "ada@" not in record.getMessage()
