"""Handlers of business events that fail some of the time: whatever happens, each event has its effect once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from payflows.app import App
from payflows.checkout.messages import EventType
from payflows.kernel.bus import HALF_A_DAY
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.unit_of_work import UnitOfWork

from simulations.checkout.checkers.webhooks import announced
from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach
from simulations.time.draws import Draws

FAILING_SHARE = 0.05
"""Of business events: their handler succeeds only after one to three failures."""

STUBBORN_SHARE = 0.005
"""Of business events: their delivery becomes a dead letter, and fails once more after it was replayed."""


class UnreliableHandlers:
    """One handler for every type of business event, with an effect in the store, and failing some of the time.

    Args:
        draws: which calls fail, keyed by handler and event.

    Attributes:
        failures: calls that ended with an error.
    """

    def __init__(self, draws: Draws) -> None:
        self._draws = draws.of("soak: handler fails")
        self._calls: Counter[str] = Counter()
        self.failures = 0

    def subscribe(self, app: App) -> None:
        """Subscribe to all business events of a process; what failed before a crash has failed."""
        for event_type in EventType:
            app.bus.subscribe(event_type, self.handle, name=f"unreliable {event_type}")

    async def handle(self, event: BusinessEvent, work: UnitOfWork) -> None:
        """Do the effect, then fail as often as is drawn."""
        self._calls[work.key] += 1
        await self.do(event, work)
        if self._calls[work.key] <= self._failures_of(work.key):
            self.failures += 1
            raise ConnectionError("the handler's own service does not answer")

    async def do(self, event: BusinessEvent, work: UnitOfWork) -> None:
        """Count in the store how often this event had its effect."""
        record = await work.record(record_of(event.key))
        work.put(record, {"times": int(record.fields.get("times") or 0) + 1})

    def forget(self, event_keys: Iterable[str]) -> None:
        """Forget the calls for these events, which are all handled."""
        gone = set(event_keys)
        self._calls = Counter({key: calls for key, calls in self._calls.items() if key.partition(":")[2] not in gone})

    def _failures_of(self, key: str) -> int:
        drawn = self._draws.uniform(key)
        if drawn < STUBBORN_SHARE:
            return (HALF_A_DAY.max_retries or 0) + 2
        return 1 + self._draws.below(3, key, 1) if drawn < STUBBORN_SHARE + FAILING_SHARE else 0


def record_of(event_key: str) -> str:
    """Return the name of the record in which an event's effect is counted."""
    return f"unreliable {event_key}"


def breaches(universe: CheckoutSystem) -> Iterator[Breach]:
    """Find business events without their effect, or with more than one (I24)."""
    for event in announced(universe):
        record = universe.clock.run(universe.store.record(record_of(event.key)))
        if record.fields.get("times") != 1:
            times = record.fields.get("times", 0)
            yield Breach("I24", event.key, f"{event.key} had its effect {times} times, and its handler may fail")
