"""The universe that kills each mutant, as it was found last. Which bugs there are is in `table.py`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from simulations.checkout.races import RACES
from simulations.checkout.subject import Factory
from simulations.checkout.testbed import CheckoutTestbed
from simulations.search.interleavings import RaceEnding, read_schedule, run_race
from simulations.search.plan import read
from simulations.search.search import Ending, run

KILLERS_FILE = Path(__file__).with_name("killers.txt")
"""A line a mutant: `name: story plan`, a universe in which it breaks a promise. `find_killers` writes it."""


class KillerLine(NamedTuple):
    """The universe that kills a mutant.

    Attributes:
        story: what people do; or a race.
        schedule: a race's, as written in a line; empty in a story.
        plan: what goes wrong, as written in a line; with fewer faults all promises are kept.
    """

    story: str
    schedule: str
    plan: str

    @classmethod
    def of(cls, line: str) -> KillerLine:
        """As `replay` takes it."""
        story, *rest = line.split(" ")
        schedule = rest.pop(0) if story in RACES else ""
        return cls(story, schedule, rest[0] if rest else "calm")

    @property
    def line(self) -> str:
        """As `replay` takes it."""
        words = (self.story, self.schedule, "" if self.is_race and self.plan == "calm" else self.plan)
        return " ".join(filter(None, words))

    @property
    def is_race(self) -> bool:
        """Say whether two processes act concurrently."""
        return self.story in RACES

    @property
    def faults(self) -> int:
        """How many it needs."""
        return len(read(self.plan))

    def run(self, factory: Factory) -> Ending | RaceEnding:
        """Let it come true."""
        if self.is_race:
            return run_race(CheckoutTestbed(factory), self.story, read_schedule(self.schedule), read(self.plan))
        return run(CheckoutTestbed(factory), self.story, read(self.plan))


def killers() -> dict[str, KillerLine]:
    """Each mutant's, as they were found last."""
    lines = (line.partition(": ") for line in KILLERS_FILE.read_text().splitlines())
    return {name: KillerLine.of(line) for name, _, line in lines}
