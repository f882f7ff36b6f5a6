"""Virtual time: SimPy drives ordinary coroutines. The only module that knows SimPy.

Why a driver of our own stands between SimPy and the coroutine: SimPy rebuilds an exception as `type(e)(*e.args)` when
it passes through one of its events, which loses the object and fails for many types. Here a task ends with an
outcome, a value, and whoever awaits the task gets the original error.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from inspect import CORO_CREATED, getcoroutinestate
from types import coroutine
from typing import Any, Generic, TypeVar, cast

import simpy
from payflows.checks import aware, instance_of, not_negative
from simpy.events import Event, Timeout

from simulations.time.garbage import rare_collections

T = TypeVar("T")

MICROSECONDS = 1_000_000
"""In a second. Virtual time is counted in whole microseconds: floats drift."""

_MICROSECOND = timedelta(microseconds=1)

_TIME_IS_UP = object()

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a world begins unless given otherwise."""


class ForeignAwait(TypeError):
    """A coroutine in virtual time awaited something that only asyncio, or another loop, can wake."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """How a task ended: with a value, or with the error that it raised.

    Attributes:
        value: what it returned; None where it failed.
        error: what it raised; None where it did not.
    """

    value: T | None
    error: Exception | None = None

    def result(self) -> T:
        """The value; raises the original error where there is one."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]


class Task(Generic[T]):
    """A coroutine at work in virtual time. Await `join` for its result; unwatched, its error stops the world.

    It runs as a callback of the SimPy event that it waits for: a third cheaper than a SimPy process around it.
    """

    __slots__ = ("_waiting", "_work", "name", "outcome")

    def __init__(self, env: simpy.Environment, work: Coroutine[Any, Any, T], name: str) -> None:
        self._work = work
        self.name = name
        self.outcome: Outcome[T] | None = None
        self._waiting: list[Event] = []
        _call(self._go_on, at=Event(env).succeed())

    def _go_on(self, happened: Event) -> None:
        """Let the coroutine run until it waits for the next SimPy event."""
        try:
            awaited = self._work.send(happened.value)
        except StopIteration as ended:
            self._finish(Outcome(ended.value))
        except Exception as error:
            self._finish(Outcome(None, _explained(error)))
        else:
            if isinstance(awaited, Event):
                _call(self._go_on, at=awaited)
            else:
                self._work.close()
                self._finish(Outcome(None, _foreign(self.name, awaited)))

    def _finish(self, outcome: Outcome[T]) -> None:
        self.outcome = outcome
        watched = False
        for event in self._waiting:
            if not event.triggered:
                event.succeed(outcome)
                watched = True
        if outcome.error is not None and not watched:
            outcome.error.add_note(f"raised by {self.name!r}, started in the background of a World")
            raise outcome.error  # out of whoever runs the world: SimPy leaves what a callback raises as it is

    def __repr__(self) -> str:
        return f"<Task {self.name!r} {'running' if self.outcome is None else 'ended'}>"


class World:
    """Virtual time and the coroutines that live in it; a `Clock` for the flows.

    Args:
        start: the moment at which virtual time begins; aware.
    """

    def __init__(self, start: datetime = START) -> None:
        self._env = simpy.Environment(0)
        aware("start", start)
        self._start = start
        self._moment_us, self._moment = 0, start

    @property
    def now_us(self) -> int:
        """Microseconds since the start."""
        return self._env.now  # type: ignore[return-value]  # whole, because every wait is

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        now_us = int(self._env.now)
        if self._moment_us != now_us:
            self._moment_us, self._moment = now_us, self._start + now_us * _MICROSECOND
        return self._moment

    def us_at(self, moment: datetime) -> int:
        """Microseconds from the start to a moment."""
        return (moment - self._start) // _MICROSECOND

    async def sleep(self, seconds: float) -> None:
        """Wait so long; a negative wait is none."""
        await _wake(Timeout(self._env, max(0, round(seconds * MICROSECONDS))))

    def sleep_us(self, microseconds: int) -> Awaitable[None]:
        """Wait this many whole microseconds. The wait itself is handed out: one coroutine less at every call."""
        return _wake(Timeout(self._env, microseconds))

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until then; not at all if it is past."""
        await self.sleep_us(max(0, self.us_at(moment) - self.now_us))

    @coroutine
    def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """Await the work; cut it off after so long. What only sleeps for less costs no alarm."""
        until_us = self.now_us + round(seconds * MICROSECONDS)
        happened = None
        while True:
            try:
                awaited = work.send(happened)
            except StopIteration as ended:
                return cast(T, ended.value)
            except CancelledError:
                raise TimeoutError("it cancelled itself") from None
            if not isinstance(awaited, Event) or self._happens_by(until_us, awaited):
                happened = yield awaited
            elif (happened := (yield self._first_of(awaited, until_us))) is _TIME_IS_UP:
                work.close()
                raise TimeoutError(f"no answer within {seconds:g} s")

    def _happens_by(self, until_us: int, event: Event) -> bool:
        """Whether it is known by now that an event happens by then."""
        return event.triggered and (not isinstance(event, Timeout) or self.now_us + event._delay <= until_us)

    def _first_of(self, awaited: Event, until_us: int) -> Event:
        """Return an event with the awaited one's value, or one that says that time is up."""
        first = Event(self._env)
        _call(lambda happened: _once(first, happened.value), at=awaited)
        _call(lambda _: _once(first, _TIME_IS_UP), at=Timeout(self._env, until_us - self.now_us))
        return first

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call a plain function so much later."""
        _call(lambda _: callback(), at=Timeout(self._env, max(0, round(seconds * MICROSECONDS))))

    def start(self, work: Coroutine[Any, Any, T], *, name: str = "") -> Task[T]:
        """Start a coroutine beside all others. An error of a task that is not joined stops the world."""
        return Task(self._env, work, name or getattr(work, "__qualname__", "work"))

    async def join(self, task: Task[T], *, patience_seconds: float | None = None) -> T | None:
        """Wait for a task's result; None where patience ends first, and the task goes on.

        One plain event stands for "result or time-out": SimPy's AnyOf costs several times as much.
        """
        if task.outcome is None:
            event = Event(self._env)
            task._waiting.append(event)
            if patience_seconds is not None:
                self.after(patience_seconds, lambda: None if event.triggered else _give_up(event))
            outcome: Outcome[T] | None = await _wake(event)
            return None if outcome is None else outcome.result()
        return task.outcome.result()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Let virtual time pass until the coroutine ends; its value, or its original error."""
        instance_of("work", work, Coroutine)
        task = self.start(work)
        ended = Event(self._env)
        task._waiting.append(ended)
        with rare_collections():
            self._env.run(until=ended)
        return cast(Outcome[T], ended.value).result()

    def __del__(self) -> None:
        """Close what was started in the moment in which this world was left: Python warns of work that never began."""
        for *_, event in self._env._queue:
            for callback in event.callbacks or ():
                task = getattr(callback, "__self__", None)
                if isinstance(task, Task) and getcoroutinestate(task._work) == CORO_CREATED:
                    task._work.close()

    def run_for(self, seconds: float) -> None:
        """Let so much virtual time pass. Raises `InvalidPolicy`: a negative time."""
        not_negative("seconds", seconds)
        until_us = self.now_us + round(seconds * MICROSECONDS)
        if until_us > self.now_us:  # SimPy refuses to run to where it is
            with rare_collections():
                self._env.run(until=until_us)


class Bell:
    """Something to wait for, until it is rung or time is up.

    Args:
        world: whose time passes.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: Event | None = None

    async def wait(self, seconds: float) -> None:
        """Wait until it is rung, or this many seconds have passed."""
        event = self._waiting = Event(self._world._env)
        self._world.after(seconds, lambda: None if event.triggered else _give_up(event))
        await _wake(event)

    def ring(self) -> None:
        """Wake whoever waits."""
        if self._waiting is not None and not self._waiting.triggered:
            self._waiting.succeed()


def _call(callback: Callable[[Event], None], *, at: Event) -> None:
    assert at.callbacks is not None, "it has happened already"
    at.callbacks.append(callback)


@coroutine
def _wake(event: Event) -> Generator[Event, Any, Any]:
    return (yield event)


def _give_up(event: Event) -> None:
    event.succeed(None)


def _once(event: Event, value: object) -> None:
    if not event.triggered:
        event.succeed(value)


def _explained(error: Exception) -> Exception:
    if isinstance(error, RuntimeError) and "event loop" in str(error):
        error.add_note("In virtual time there is no asyncio loop: await the World's own sleep, or a port, instead.")
    return error


def _foreign(name: str, event: object) -> ForeignAwait:
    return ForeignAwait(
        f"{name!r} awaited {type(event).__name__}, which only asyncio could wake; "
        "in virtual time await the World's own sleep, or a port, instead"
    )
