"""A broken promise, as a value. Which promises there are, and who checks them, is each business's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Breach(NamedTuple):
    """A promise that does not hold.

    Attributes:
        promise: its number, such as "I3"; empty for an error that no promise speaks of.
        subject: the id of what it is about, such as an order's; empty where it is about the whole business.
        text: what is wrong, as a sentence.
    """

    promise: str
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.promise} {self.text}" if self.promise else self.text


def in_words(breaches: Iterable[Breach]) -> str:
    """All of them in one line; empty where there are none."""
    return "; ".join(map(str, breaches))


class InvariantBroken(AssertionError):
    """Something that must always hold does not.

    Args:
        breaches: which promises, and how.
    """

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__(tuple(breaches))
        self.breaches = tuple(breaches)

    def __str__(self) -> str:
        shown = "\n".join(f"- {breach}" for breach in self.breaches[:20])
        return f"{len(self.breaches)} breaches of the invariants:\n{shown}"
