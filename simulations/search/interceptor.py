"""The roads from a process to its ports: every call gets a number, and is struck where the plan says so."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum
from functools import partial
from types import coroutine
from typing import TYPE_CHECKING

from simulations.search.kinds import Answer, Site, site_of

if TYPE_CHECKING:
    from simulations.checkout.protocols import Searchable
    from simulations.search.universe import Universe

POLLS = frozenset({"due_at", "next_item", "queues_due_at", "on_change"})
"""Whether something is due is asked all the time; a fault there only means that it is asked again."""

MOVES = frozenset(
    {"confirm_payment", "capture_payment", "cancel_payment", "refund_payment"}
    | {"hold", "commit", "release", "ship", "book"}
    | {"change"}
)
"""The calls that may move money or goods, or say of an order that they have moved."""

Make = Callable[..., Answer]


class Crash(Enum):
    """What a caller hears of a process that is gone: nothing."""

    OF_THE_PROCESS = "crash"


class Process:
    """One process, from its start to its crash.

    Attributes:
        universe: in which it lives.
        app: the checkout that it runs.
        is_over: it has crashed, and calls nothing any more.
    """

    app: Searchable

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.is_over = False


class Interceptor:
    """The road to a port, for one process's life."""

    def __init__(self, life: Process, name: str, port: object) -> None:
        self._life = life
        self._name = "stripe" if name == "gateway" else name
        self._port = port

    def __getattr__(self, method: str) -> Make:
        make = getattr(self._port, method)
        way = make if method in POLLS else self._way(site_of(self._name, method), make)
        setattr(self, method, way)
        return way

    def _way(self, site: Site, make: Make) -> Make:
        life, universe = self._life, self._life.universe
        made = _watched(make, universe) if site.method in MOVES and universe.watch is not None else make

        def call(*args: object, **kwargs: object) -> Answer:
            if life.is_over:
                return never()
            return universe.sent(site, partial(made, *args, **kwargs))

        return call


def _watched(make: Make, universe: Universe) -> Make:
    """The call, after which somebody looks at the truth: whatever its answer is, and whoever hears it."""
    watch = universe.watch
    assert watch is not None, "somebody watches"

    async def made(*args: object, **kwargs: object) -> object:
        try:
            return await make(*args, **kwargs)
        finally:
            watch(universe)

    return made


async def never() -> object:
    """What a process waits for that is gone."""
    await _no_turn()
    raise AssertionError("a process that is gone was woken")


@coroutine
def _no_turn() -> Generator[Crash, None, None]:
    yield Crash.OF_THE_PROCESS
