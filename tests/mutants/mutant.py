"""A mutant: one of our businesses with one bug planted in it; and the family of all mutants of a business."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from simulations.search.testbed import Testbed


class Mutant(NamedTuple):
    """A mutant.

    Attributes:
        what: what it does wrong, in one sentence.
        defect: the audit's number, or the rule that it breaks.
        factory: our business with the bug in it.
    """

    what: str
    defect: str
    factory: Callable[[Any, Any], Any]


class Family(NamedTuple):
    """All mutants of one business.

    Attributes:
        mutants: each by its name.
        ours: the business as it is, ready to be searched.
        testbed: the same for what a factory builds.
        killers_file: a line a mutant: `name: story plan`, a universe in which it breaks a promise.
        troubled: stories that bring a trouble of their own: without a fault they are not calm.
    """

    mutants: Mapping[str, Mutant]
    ours: Testbed
    testbed: Callable[[Any], Testbed]
    killers_file: Path
    troubled: frozenset[str] = frozenset()

    def testbed_of(self, name: str) -> Testbed:
        """The business with the bug in it."""
        return self.testbed(self.mutants[name].factory)
