"""Which lines of a module a story or a test runs: a mutant is tried by those that run what is changed in it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.mutants.probes import Probe, in_order
from tests.mutants.trace import Mark, Trace


class Reach(NamedTuple):
    """What is known of some probes.

    Attributes:
        probes: by the mark that they reach, their numbers.
        seconds: of each, by its number; traced, so some times what it takes.
        failing: what those find that find something without a mutant.
    """

    probes: Mapping[Mark, Sequence[int]]
    seconds: Mapping[int, float]
    failing: Sequence[str]

    def reaching(self, mark: Mark) -> Sequence[int]:
        """Return the numbers of those that reach a mark."""
        return self.probes.get(mark, ())

    def __or__(self, other: Reach) -> Reach:
        probes = {
            mark: [*self.probes.get(mark, ()), *other.probes.get(mark, ())] for mark in {**self.probes, **other.probes}
        }
        return Reach(probes, {**self.seconds, **other.seconds}, [*self.failing, *other.failing])


def reach(probes: Mapping[int, Probe], files: Sequence[str]) -> Reach:
    """Run some probes, by their numbers, and note which marks of the files each reaches."""
    reached: defaultdict[Mark, list[int]] = defaultdict(list)
    seconds: dict[int, float] = {}
    failing = []
    in_order(probes.values())
    for number, probe in probes.items():
        trace, began = Trace(files), time.perf_counter()
        with trace.on():
            found = probe.finds()
        seconds[number] = time.perf_counter() - began
        failing += [found] if found else []
        for mark in trace.marks:
            reached[mark].append(number)
    return Reach(dict(reached), seconds, failing)
