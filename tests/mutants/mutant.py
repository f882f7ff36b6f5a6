"""A mutant: our checkout with one bug planted in it."""

from __future__ import annotations

from typing import NamedTuple

from tests.mutants.shop import Variant


class Mutant(NamedTuple):
    """A mutant.

    Attributes:
        what: what it does wrong, in one sentence.
        defect: the audit's number, or the rule that it breaks.
        factory: our checkout with the bug in it.
    """

    what: str
    defect: str
    factory: Variant
