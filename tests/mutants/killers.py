"""The universe that kills each mutant, as it was found last. Which bugs there are is in the tables."""

from __future__ import annotations

from typing import NamedTuple

from simulations.search.interleavings import RaceEnding, read_schedule, run_race
from simulations.search.plan import read
from simulations.search.search import Ending, run
from simulations.search.testbed import Testbed
from tests.mutants.families import FAMILIES
from tests.mutants.mutant import Family


class KillerLine(NamedTuple):
    """The universe that kills a mutant.

    Attributes:
        story: what people do; or a race.
        schedule: a race's, as written in a line; empty in a story.
        plan: what goes wrong, as written in a line; with fewer faults all promises are kept.
        is_race: two processes act concurrently.
    """

    story: str
    schedule: str
    plan: str
    is_race: bool

    @classmethod
    def of(cls, line: str, testbed: Testbed) -> KillerLine:
        """As `replay` takes it."""
        story, *rest = line.split(" ")
        is_race = story in testbed.races
        schedule = rest.pop(0) if is_race else ""
        return cls(story, schedule, rest[0] if rest else "calm", is_race)

    @property
    def line(self) -> str:
        """As `replay` takes it."""
        words = (self.story, self.schedule, "" if self.is_race and self.plan == "calm" else self.plan)
        return " ".join(filter(None, words))

    @property
    def faults(self) -> int:
        """How many it needs."""
        return len(read(self.plan))

    def run(self, testbed: Testbed) -> Ending | RaceEnding:
        """Let it come true."""
        if self.is_race:
            return run_race(testbed, self.story, read_schedule(self.schedule), read(self.plan))
        return run(testbed, self.story, read(self.plan))


def killers(family: Family = FAMILIES["checkout"]) -> dict[str, KillerLine]:
    """Each mutant's, as they were found last."""
    lines = (line.partition(": ") for line in family.killers_file.read_text().splitlines())
    return {name: KillerLine.of(line, family.ours) for name, _, line in lines}
