"""A testbed: all that the search, its races, storms, shrinking, replays, traces and coverage know of a business."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from payflows.errors import InvalidPolicy

from simulations.search.ports import Port, Site
from simulations.search.rendering import Renderer
from simulations.search.system import System
from simulations.search.transports import HTTP, Transport, transport_of
from simulations.search.universe import Universe


class Testbed(ABC):
    """One business, ready to be searched. It is sent to other processes, so what it holds can be pickled.

    Attributes:
        ports: the program's ports, by the names under which it knows them.
        stories: the names of the ways through the business; a universe is one story and one plan.
        races: the names of the meetings of two processes.
        promises: what the numbers of the promises stand for.
        columns: what `System.standing` says, by name.
        sources: the files whose awaits the stories should reach.
        renderer: what of the business's values a trace may show.
    """

    __test__ = False  # pytest takes it for a class of tests

    ports: ClassVar[Mapping[str, Port]]
    stories: ClassVar[Collection[str]] = ()
    races: ClassVar[Collection[str]] = ()
    promises: ClassVar[Mapping[str, str]] = {}
    columns: ClassVar[Sequence[str]] = ()
    sources: ClassVar[Sequence[Path]] = ()
    renderer: ClassVar[Renderer] = Renderer()

    @abstractmethod
    def build(self, universe: Universe, name: str) -> System:
        """Make the system for one story or race, and have the universe begin with it."""

    def site(self, port: str, method: str) -> Site:
        """Say where a call goes, by its port's name in plans and traces."""
        return next(each for each in self.ports.values() if each.name == port).site(method)

    def transport_of(self, name: str) -> tuple[Transport, str]:
        """The transport and the plain name of a story such as `wire:paid`. Raises `InvalidPolicy`: there is none."""
        transport, plain = transport_of(name)
        if plain not in self.stories:
            names = ", ".join(self.stories)
            raise InvalidPolicy(f"a story is one of {names}, with or without {HTTP!r} before it, got {name!r}")
        return transport, plain
