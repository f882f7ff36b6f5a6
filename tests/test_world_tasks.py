"""Tasks in virtual time: original errors, patience, the same turns in every run, and nothing that fails unseen."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected, PaymentDeclined
from simulations.time.world import Outcome, Task, World

HOUR = 3_600


class Awkward(Exception):
    """An error that cannot be rebuilt from its args, as SimPy would try to."""

    def __init__(self, order_id: str, *, tries: int) -> None:
        super().__init__(f"{order_id} after {tries} tries")
        self.order_id = order_id
        self.tries = tries


ERRORS = [
    ValueError("plain"),
    Awkward("ord_1", tries=3),
    PaymentDeclined("card_declined", "lost_card", "ch_1"),
    CallRejected("no such payment", "resource_missing"),
    ExceptionGroup("several", [ValueError("one"), KeyError("two")]),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad byte"),
]


@pytest.fixture
def world() -> World:
    return World()


async def fail(error: Exception) -> None:
    raise error


async def fail_later(world: World, error: Exception, seconds: float = 1) -> None:
    await world.sleep(seconds)
    raise error


async def answer_later(world: World, answer: str, seconds: float = 1) -> str:
    await world.sleep(seconds)
    return answer


# Results and errors.


def test_run_gives_the_value(world: World) -> None:
    assert world.run(answer_later(world, "shipped")) == "shipped"


def test_other_tasks_live_on_from_one_run_to_the_next(world: World) -> None:
    task = world.start(answer_later(world, "late", 10))

    world.run(world.sleep(5))
    assert task.outcome is None
    world.run(world.sleep(5))

    assert task.outcome == Outcome("late")


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_run_raises_the_original_error(world: World, error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        world.run(fail_later(world, error))

    assert raised.value is error


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_who_joins_gets_the_original_error_and_may_go_on(world: World, error: Exception) -> None:
    async def watch() -> str:
        task = world.start(fail_later(world, error))
        with pytest.raises(type(error)) as raised:
            await world.join(task)
        assert raised.value is error
        await world.sleep(1)
        return "went on"

    assert world.run(watch()) == "went on"
    assert world.now_us == 2_000_000


def test_an_error_says_where_it_was_raised(world: World) -> None:
    with pytest.raises(ValueError, match="plain") as raised:
        world.run(fail_later(world, ValueError("plain")))

    assert "fail_later" in [entry.name for entry in raised.traceback]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_in_the_background_stops_the_world_and_is_the_original(world: World, error: Exception) -> None:
    world.start(fail_later(world, error, HOUR), name="the night shift")

    with pytest.raises(type(error)) as raised:
        world.run(world.sleep(2 * HOUR))

    assert raised.value is error
    assert world.now_us == HOUR * 1_000_000
    assert any("'the night shift'" in note and "background" in note for note in raised.value.__notes__)


def test_an_error_in_the_background_stops_the_world(world: World) -> None:
    world.start(fail_later(world, ValueError("plain"), HOUR), name="the night shift")

    with pytest.raises(ValueError, match="plain"):
        world.run_for(2 * HOUR)

    assert world.now_us == HOUR * 1_000_000


def test_a_plain_functions_error_stops_the_world(world: World) -> None:
    def trip() -> None:
        raise ValueError("tripped")

    world.after(1, trip)

    with pytest.raises(ValueError, match="tripped"):
        world.run_for(2)


# Joining.


def test_joining_waits_for_the_value_and_again_finds_it_there(world: World) -> None:
    async def watch() -> tuple[tuple[str | None, int], ...]:
        task = world.start(answer_later(world, "shipped", 5))
        first = await world.join(task), world.now_us
        return first, (await world.join(task), world.now_us)

    assert world.run(watch()) == (("shipped", 5_000_000), ("shipped", 5_000_000))


def test_a_task_that_failed_while_watched_fails_for_whoever_joins_later(world: World) -> None:
    error = Awkward("ord_1", tries=3)

    async def watch() -> None:
        task = world.start(fail_later(world, error))
        for _ in range(2):
            with pytest.raises(Awkward) as raised:
                await world.join(task)
            assert raised.value is error

    world.run(watch())


def test_several_may_join_one_task(world: World) -> None:
    async def answer_to(task: Task[str]) -> str | None:
        return await world.join(task)

    async def watch() -> list[str | None]:
        task = world.start(answer_later(world, "shipped", 5))
        watchers = [world.start(answer_to(task)) for _ in range(3)]
        return [await world.join(watcher) for watcher in watchers]

    assert world.run(watch()) == 3 * ["shipped"]


@pytest.mark.parametrize(
    ("patience", "result", "when"), [(4.999_999, None, 4_999_999), (5.000_001, "shipped", 5_000_000), (0, None, 0)]
)
def test_patience_ends_when_it_ends(world: World, patience: float, result: str | None, when: int) -> None:
    async def watch() -> tuple[str | None, int]:
        task = world.start(answer_later(world, "shipped", 5))
        return await world.join(task, patience_seconds=patience), world.now_us

    assert world.run(watch()) == (result, when)


def test_who_lost_patience_leaves_the_task_at_work(world: World) -> None:
    async def watch() -> tuple[str | None, str | None, int]:
        task = world.start(answer_later(world, "shipped", 5))
        first = await world.join(task, patience_seconds=1)
        return first, await world.join(task, patience_seconds=10), world.now_us

    assert world.run(watch()) == (None, "shipped", 5_000_000)


def test_patience_that_ends_after_the_answer_does_nothing(world: World) -> None:
    async def watch() -> str | None:
        answer = await world.join(world.start(answer_later(world, "shipped", 1)), patience_seconds=2)
        await world.sleep(5)
        return answer

    assert world.run(watch()) == "shipped"


def test_an_error_after_everybody_lost_patience_stops_the_world(world: World) -> None:
    async def watch() -> None:
        await world.join(world.start(fail_later(world, ValueError("unseen"), 5)), patience_seconds=1)
        await world.sleep(HOUR)

    with pytest.raises(ValueError, match="unseen"):
        world.run(watch())

    assert world.now_us == 5_000_000


def test_a_task_says_whether_it_has_ended(world: World) -> None:
    task = world.start(answer_later(world, "shipped"), name="checkout-1")
    assert repr(task) == "<Task 'checkout-1' running>"

    world.run_for(2)

    assert repr(task) == "<Task 'checkout-1' ended>"


# Many together.


def test_many_tasks_always_take_the_same_turns() -> None:
    def diary() -> list[tuple[int, int]]:
        world, seen = World(), []

        async def live(number: int) -> None:
            for turn in range(3):
                await world.sleep_us((number * 7919 + turn * 104_729) % 50)
                seen.append((world.now_us, number))

        for number in range(40):
            world.start(live(number))
        world.run_for(1)
        return seen

    seen = diary()

    assert len(seen) == 120
    assert [moment for moment, _ in seen] == sorted(moment for moment, _ in seen)
    assert diary() == seen


def test_at_one_moment_who_began_to_wait_first_goes_first(world: World) -> None:
    seen: list[int] = []

    async def live(number: int) -> None:
        await world.sleep(1)
        seen.append(number)

    for number in range(20):
        world.start(live(number))
    world.run_for(2)

    assert seen == list(range(20))


def test_a_run_within_a_run_lets_time_pass_for_all(world: World) -> None:
    async def outer() -> tuple[str, int]:
        await world.sleep(1)
        return world.run(answer_later(world, "inner", 3)), world.now_us

    other = world.start(answer_later(world, "other", 2))

    assert world.run(outer()) == ("inner", 4_000_000)
    assert other.outcome == Outcome("other")


def test_waiting_for_what_never_comes_is_an_error(world: World) -> None:
    async def wait_for_myself() -> None:
        await world.join(me[0])

    me: list[Task[None]] = []
    me.append(world.start(wait_for_myself()))

    with pytest.raises(RuntimeError):
        world.run(wait_for_myself())
