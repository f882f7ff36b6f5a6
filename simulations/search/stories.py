"""Stories and races as the search plays them: the part that is alike in every business."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from simulations.search.breach import Breach
from simulations.search.process import Process, Racer
from simulations.search.system import System


class Ending(Protocol):
    """How a story must end where nothing goes wrong."""

    def missed(self, system: Any, /) -> Iterable[Breach]:  # noqa: ANN401 - a business's own system
        """A breach where a system did not end so."""
        ...


class AnyStory(Protocol):
    """One way through a business."""

    @property
    def tell(self) -> Callable[[Any], None]:
        """What people do."""
        ...

    @property
    def ends(self) -> Ending:
        """How it ends where nothing goes wrong."""
        ...


class AnyRace(Protocol):
    """Two processes that act concurrently."""

    @property
    def begin(self) -> Callable[[Any, Process], tuple[Racer, Racer]]:
        """Brings the system to where they meet."""
        ...

    @property
    def ends(self) -> Callable[[Any], Iterable[Breach]]:
        """How it must end where nothing goes wrong, whoever is the first."""
        ...


class TellsStory(System):
    """A system in which people do what a story says."""

    _story: AnyStory

    def tell(self) -> None:
        """Let people act."""
        self._story.tell(self)

    def expected(self) -> Iterable[Breach]:
        """Check how the story must end where nothing goes wrong."""
        return self._story.ends.missed(self)


class RunsRace(System):
    """A system in which two processes meet."""

    _race: AnyRace

    def meet(self, other: Process) -> tuple[Racer, Racer]:
        """Bring the race to the point where two processes act concurrently."""
        return self._race.begin(self, other)

    def expected(self) -> Iterable[Breach]:
        """Check how the race must end where nothing goes wrong."""
        return self._race.ends(self)
