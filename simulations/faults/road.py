"""The roads from a process to its ports: every call gets a number, and is struck where the plan says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from types import coroutine
from typing import TYPE_CHECKING

from simulations.faults.kinds import Call

if TYPE_CHECKING:
    from simulations.faults.universe import Universe

POLLS = frozenset({"next_message", "orders_due_at", "deliveries_due_at", "next_webhook", "next_delivery"})
"""Whether something is due is asked all the time; a fault there only means that it is asked again."""

MOVES = frozenset(
    {"confirm_payment", "capture_payment", "cancel_payment", "refund_payment"}
    | {"hold", "commit", "release", "ship", "book"}
)
"""The calls that may move money or goods."""

Make = Callable[..., Awaitable[object]]


class Life:
    """One process, from its start to its crash."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe


class Road:
    """The road to a port, for one process's life."""

    def __init__(self, life: Life, name: str, port: object) -> None:
        self._life = life
        self._name = "stripe" if name == "gateway" else name
        self._port = port

    def __getattr__(self, method: str) -> Callable[..., Awaitable[object]]:
        make = getattr(self._port, method)
        if method in POLLS:
            setattr(self, method, make)
            return make  # type: ignore[no-any-return]
        life, name, universe = self._life, self._name, self._life.universe

        scribe = universe.scribe

        async def call(*args: object, **kwargs: object) -> object:
            if universe.life is not life:
                return await never()
            struck = Call(name, method, lambda: made(*args, **kwargs), args, kwargs)
            if scribe is None:
                return await universe.struck(struck)
            try:
                return await universe.struck(struck)
            finally:
                if universe.life is life:
                    scribe(universe)

        made = _watched(make, universe) if method in MOVES and universe.watch is not None else make
        setattr(self, method, call)
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


@coroutine
def never() -> Generator[None, None, object]:
    """What a process waits for that is gone."""
    yield
    raise AssertionError("a process that is gone was woken")
