"""The verdict on a universe: safety after every call that moves anything, and all promises when it has come to rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simulations.search.breach import Breach
from simulations.search.universe import Universe

Check = Callable[[], Iterable[Breach]]


class SafetyMonitor:
    """Keeps what was broken on the way, without raising anything: a program must not catch it as an error.

    Attributes:
        seen: each breach, and the number of the call after which it was seen first.
    """

    def __init__(self) -> None:
        self.seen: dict[Breach, int] = {}

    def __call__(self, breaches: Iterable[Breach], call: int) -> None:
        """Keep what is broken after a call."""
        for breach in breaches:
            self.seen.setdefault(breach, call)

    def breaches(self) -> list[Breach]:
        """Each of them, saying when it was seen first."""
        return [breach._replace(text=f"{breach.text} (after call {call})") for breach, call in self.seen.items()]


def run_and_judge(
    universe: Universe, act: Callable[[], object], monitor: SafetyMonitor, *checks: Check
) -> tuple[Breach, ...]:
    """Let a universe come true to its end, and judge it.

    Args:
        universe: at its beginning; it reports to the monitor.
        act: what people do in it.
        monitor: keeps what is broken on the way.
        checks: what is checked when all is calm.

    Returns:
        The promises that it broke. What it raises is a breach too.
    """
    system = universe.system
    try:
        act()
        system.settle()
        found = [breach for check in checks for breach in check()]
    except Exception as error:
        found = [Breach("", "", error_in_words(error)), *system.money()]
    return (*monitor.breaches(), *found)


def error_in_words(error: BaseException) -> str:
    """What went wrong; of a group of errors each."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(map(error_in_words, error.exceptions))
    return f"{type(error).__name__}: {error}"
