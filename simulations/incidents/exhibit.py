"""What every exhibit says of itself. Which story it tells, and to whom, the businesses' own exhibits say."""

from __future__ import annotations

from typing import NamedTuple, Protocol


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


class Exhibit(Protocol):
    """A public payment bug, replayed; each business has a type that says how."""

    @property
    def name(self) -> str:
        """By which it is found in the registry."""
        ...

    @property
    def bug(self) -> str:
        """One line on it."""
        ...

    @property
    def thread(self) -> Thread:
        """Where it was reported."""
        ...

    @property
    def liberties(self) -> str:
        """Where the exhibit says more or less than the thread does."""
        ...

    @property
    def promise(self) -> Promise:
        """What the buggy variant breaks."""
        ...
