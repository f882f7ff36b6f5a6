"""The fault schedule of a soak: which call is struck by what, and for how long. What it does is in `search.kinds`."""

from __future__ import annotations

from functools import cache

from simulations.search.kinds import KINDS, kinds_at
from simulations.search.plan import Fault
from simulations.search.ports import Site
from simulations.time.draws import Draws, Mix

SHARE_OF_CALLS = 0.02
"""That are struck."""

LENGTHS = Mix(
    ("20", "60", "300", "1200", "4000", "90000", "650000"),
    (12_000, 14_000, 8_000, 4_600, 1_350, 48, 2),
)
"""How long a fault lasts that lasts, in seconds: mostly a minute or so; once a quarter a day, in some years a week."""

CRASH_WITHIN_CALLS = 1_500
"""Once a day, at one of this many calls after the day's beginning, the process crashes."""


class FaultSchedule:
    """Strikes calls by keyed draws: a call's fault depends on its number alone, and on what can strike it.

    Args:
        draws: all chance.
    """

    def __init__(self, draws: Draws) -> None:
        self._strikes = draws.of("soak: strikes")
        self._kinds = draws.of("soak: kind")
        self._lengths = draws.of("soak: length")
        self._crashes = draws.of("soak: crash")
        self._crash_at_call: int | None = None
        self._is_calm = False

    def begin_day(self, day: int, calls: int) -> None:
        """Begin a day, before which this many calls have been made."""
        self._is_calm = False
        self._crash_at_call = calls + 1 + self._crashes.below(CRASH_WITHIN_CALLS, day)

    def calm(self) -> None:
        """Let nothing new strike for the rest of the day; what lasts goes on."""
        self._is_calm = True

    def fault_at(self, number: int, site: Site) -> Fault | None:
        """Return the fault of the call of this number, if any."""
        if self._is_calm:
            return None
        if self._crash_at_call is not None and number >= self._crash_at_call:
            self._crash_at_call = None
            return Fault(number, self._crash(number, site))
        if not self._strikes.chance(SHARE_OF_CALLS, number):
            return None
        kinds = _usual_at(site)
        if not kinds:
            return None
        kind = kinds[self._kinds.below(len(kinds), number)]
        lasts = KINDS[kind].lengths_seconds != (0,)
        return Fault(number, kind, int(LENGTHS.pick(self._lengths, number)) if lasts else 0)

    def _crash(self, number: int, site: Site) -> str:
        """Before the call, or after it where that is something else."""
        after = KINDS["crash_after"].strikes(site) and self._crashes.chance(0.5, number, 1)
        return "crash_after" if after else "crash_before"


@cache
def _usual_at(site: Site) -> tuple[str, ...]:
    """The kinds that can strike there, without crashes: those have a draw of their own."""
    return tuple(dict.fromkeys(name for name, _ in kinds_at(site) if not name.startswith("crash_")))
