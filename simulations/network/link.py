"""Network links in virtual time: any port, with latency, outages and a trace of its calls."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar, cast

from payflows import errors
from payflows.checks import sequence, share, whole_number
from payflows.errors import InvalidPolicy

from simulations.network.effects import Effect, answer_lost, connection_refused, request_lost
from simulations.network.interceptor import Intercepted, Method
from simulations.time.draws import Draws
from simulations.time.world import MICROSECONDS, World

P = TypeVar("P")


class Strike(Enum):
    """What the network does to one call; the effects themselves are in `effects`."""

    CONNECTION_REFUSED = "connection_refused"
    REQUEST_LOST = "request_lost"
    ANSWER_LOST = "answer_lost"


_EFFECTS: Mapping[Strike, Effect] = {
    Strike.CONNECTION_REFUSED: connection_refused,
    Strike.REQUEST_LOST: request_lost,
    Strike.ANSWER_LOST: answer_lost,
}

FaultSchedule = Callable[[str, str, int, int], Strike | None]
"""Says what happens to a call: (method, entity, how many calls of it before, now in microseconds)."""


class Call(NamedTuple):
    """One call of a port, as it was seen on the link.

    Attributes:
        started_us: when it set out, in microseconds of virtual time.
        ended_us: when the answer, or the time-out, came.
        port: name of the port.
        method: name of the method.
        args: its positional arguments; the first of all arguments names the object.
        kwargs: its keyword arguments.
        outcome: "ok", or the name of the error.
    """

    started_us: int
    ended_us: int
    port: str
    method: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    outcome: str


@dataclass(frozen=True, slots=True)
class Latency:
    """How long an answer takes, as percentiles; between two of them it is interpolated.

    Attributes:
        percentiles: (percent, milliseconds), rising, from 0 to 100.

    Raises:
        InvalidPolicy: not from 0 to 100, not rising, or a negative latency.
    """

    percentiles: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        sequence("percentiles", self.percentiles)
        for pair in self.percentiles:
            sequence("each of percentiles", pair)
            whole_number("the length of each of percentiles", len(pair), least=2, most=2)
        percents = [percent for percent, _ in self.percentiles]
        times = [milliseconds for _, milliseconds in self.percentiles]
        for number in (*percents, *times):
            whole_number("percents and milliseconds", number)
        if len(percents) < 2 or percents[0] != 0 or percents[-1] != 100 or percents != sorted(set(percents)):
            raise InvalidPolicy(f"percentiles rise from 0 to 100, got {percents}")
        if times != sorted(times) or times[0] < 0:
            raise InvalidPolicy(f"latencies are at least 0 and rise with their percentiles, got {times}")

    def table_us(self) -> tuple[int, ...]:
        """Latency in microseconds at every 1/1024 of the distribution: integers, so that draws need no logarithm."""
        percents = [percent * 1024 for percent, _ in self.percentiles]
        times = [milliseconds * 1000 for _, milliseconds in self.percentiles]
        table = []
        for place in range(0, 102400, 100):
            upper = bisect_right(percents, place)
            low, high = percents[upper - 1], percents[upper]
            table.append(times[upper - 1] + (times[upper] - times[upper - 1]) * (place - low) // (high - low))
        return tuple(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time of day in which calls are lost on the link.

    Attributes:
        start: when it begins, as "14:00".
        minutes: how long it lasts.
        answers_lost_share: share of the lost calls that reached the other side, so that only their answers were lost.

    Raises:
        InvalidPolicy: no time of day, a negative length, or no share.
    """

    start: str
    minutes: int
    answers_lost_share: float = 0.5

    def __post_init__(self) -> None:
        minute_of_day(self.start)
        whole_number("minutes", self.minutes, most=24 * 60)
        share("answers_lost_share", self.answers_lost_share)

    @property
    def start_us(self) -> int:
        """When it begins, in microseconds after midnight."""
        return minute_of_day(self.start) * 60 * MICROSECONDS

    @property
    def end_us(self) -> int:
        """When it is over, in microseconds after midnight."""
        return self.start_us + self.minutes * 60 * MICROSECONDS

    def weather(self, draws: Draws) -> FaultSchedule:
        """This outage, as a schedule of faults."""
        start_us, end_us, lost = self.start_us, self.end_us, draws.of("outage")

        def strike(method: str, entity: str, number: int, now_us: int) -> Strike | None:
            if not start_us <= now_us < end_us:
                return None
            arrived = lost.chance(self.answers_lost_share, f"{method}:{entity}", number)
            return Strike.ANSWER_LOST if arrived else Strike.REQUEST_LOST

        return strike


def minute_of_day(text: str) -> int:
    """Minutes after midnight of a time such as "14:00". Raises `InvalidPolicy` where it is none."""
    match = re.fullmatch("([01][0-9]|2[0-3]):([0-5][0-9])", text) if isinstance(text, str) else None
    if match is None:
        raise InvalidPolicy(f'a time of day is written as "14:00", got {text!r}')
    return int(match[1]) * 60 + int(match[2])


def over_network(
    port: P,
    name: str,
    world: World,
    *,
    latency: Latency | None = None,
    draws: Draws | None = None,
    calls: list[Call] | None = None,
    weather: FaultSchedule | None = None,
) -> P:
    """The same port at the end of a network link.

    Args:
        port: any object whose public methods are coroutines that take the id of what they are about first.
        name: as the trace shall call it.
        world: whose time passes.
        latency: how long an answer takes; None for no time at all.
        draws: where latencies come from; needed with a latency.
        calls: the trace that each call is appended to.
        weather: which calls are struck, and how.
    """
    return cast(P, Intercepted(port, _Link(name, world, latency, draws, calls, weather).wrap))


@cache
def _name_of(kind: type[Exception]) -> str:
    """An error's name as flows know it; the simulated Stripe's own classes are finer."""
    return next((each.__name__ for each in kind.__mro__ if each.__module__ == errors.__name__), kind.__name__)


class _Link:
    """Adds latency, outages and the trace to each method of one port."""

    def __init__(
        self,
        name: str,
        world: World,
        latency: Latency | None,
        draws: Draws | None,
        calls: list[Call] | None,
        weather: FaultSchedule | None,
    ) -> None:
        self._name = name
        self._world = world
        self._table = latency.table_us() if latency else None
        self._draws = draws
        self._calls = calls if calls is not None else []
        self._weather = weather

    def wrap(self, method: str, ask: Method) -> Method:
        """The method at the far end of the link."""
        delays = self._delays(method)
        counts: dict[str, int] = {}
        world, calls, weather, port = self._world, self._calls, self._weather, self._name

        async def call(*args: Any, **kwargs: Any) -> object:  # any port's any method
            started_us = world.now_us
            entity = args[0] if args else next(iter(kwargs.values()))
            number = counts.get(entity, 0)
            counts[entity] = number + 1
            outcome = "ok"
            try:
                strike = weather(method, entity, number, started_us) if weather else None
                if strike is not None:
                    return await _EFFECTS[strike](world, f"{port}.{method}", partial(ask, *args, **kwargs))
                if delays is not None:
                    await world.sleep_us(delays(entity, number))
                return await ask(*args, **kwargs)
            except Exception as error:
                outcome = _name_of(type(error))  # type: ignore[arg-type]  # a class can be hashed
                raise
            finally:
                calls.append(Call(started_us, world.now_us, port, method, args, kwargs, outcome))

        return call

    def _delays(self, method: str) -> Callable[[str, int], int] | None:
        if self._table is None:
            return None
        assert self._draws is not None, "a latency needs draws"
        table, bits = self._table, self._draws.of(f"latency:{self._name}.{method}").bits
        return lambda entity, number: table[bits(entity, number) >> 54]
