"""What an exhibit is: a public payment bug, replayed. How one is shown is in `visiting.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from simulations.checkout.incidents.scene import Scene
from simulations.checkout.subject import Factory, Settings


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


class Exhibit(NamedTuple):
    """A public payment bug, replayed.

    Attributes:
        name: by which it is found in the registry.
        bug: one line on it.
        thread: where it was reported.
        liberties: where the exhibit says more or less than the thread does.
        promise: what the buggy shop breaks.
        tell: what people do, and what goes wrong; the same for every shop.
        buggy: builds a small checkout with exactly this flaw.
        settings: the shop that it happens in.
    """

    name: str
    bug: str
    thread: Thread
    liberties: str
    promise: Promise
    tell: Callable[[Scene], None]
    buggy: Factory
    settings: Settings
