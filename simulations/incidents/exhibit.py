"""What every exhibit says of itself. Which story it tells, and to whom, the businesses' own exhibits say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Thread(NamedTuple):
    """Where a bug was reported.

    Attributes:
        repository: `owner/name` on GitHub.
        number: the issue's.
    """

    repository: str
    number: int

    @property
    def url(self) -> str:
        """Where it can be read."""
        return f"https://github.com/{self.repository}/issues/{self.number}"

    def __str__(self) -> str:
        return f"{self.repository} #{self.number}"


class Promise(NamedTuple):
    """A promise of the project's list of invariants, as this bug breaks it.

    Attributes:
        number: such as `I1`.
        sentence: what must hold.
    """

    number: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.number}: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyExhibit:
    """A public payment bug, replayed; each business has a type that says how.

    Attributes:
        name: by which it is found in the registry.
        bug: one line on it.
        thread: where it was reported.
        liberties: where the exhibit says more or less than the thread does.
        promise: what the buggy variant breaks.
    """

    name: str
    bug: str
    thread: Thread
    liberties: str
    promise: Promise
