"""The testbed of the marketplace: its ports, stories, races and promises, as the search asks for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import payflows

from simulations.marketplace.promises import PROMISES
from simulations.marketplace.races import RACES, Race
from simulations.marketplace.rendering import RENDERER
from simulations.marketplace.stories import STORIES
from simulations.marketplace.story import Story
from simulations.marketplace.system import PORTS, Factory, our_marketplace
from simulations.marketplace.verdict import JudgedMarketplace
from simulations.search.ports import Port
from simulations.search.rendering import Renderer
from simulations.search.stories import RunsRace, TellsStory
from simulations.search.system import System
from simulations.search.testbed import Testbed
from simulations.search.universe import Universe

_HOME = Path(payflows.__file__).parent


@dataclass(frozen=True)
class MarketplaceTestbed(Testbed):
    """A marketplace, ready to be searched.

    Attributes:
        factory: builds it; other processes import it by its name.
    """

    factory: Factory = our_marketplace

    ports: ClassVar[Mapping[str, Port]] = PORTS
    stories: ClassVar[Collection[str]] = STORIES
    races: ClassVar[Collection[str]] = RACES
    promises: ClassVar[Mapping[str, str]] = PROMISES
    columns: ClassVar[Sequence[str]] = ("sale", "vendor")
    renderer: ClassVar[Renderer] = RENDERER
    sources: ClassVar[Sequence[Path]] = tuple(sorted(_HOME.glob("marketplace/*.py")))

    def build(self, universe: Universe, name: str) -> System:
        """Make the platform for one story or race."""
        if name in RACES:
            return MarketplaceRace(universe, RACES[name], self.factory)
        return MarketplaceStory(universe, STORIES[name], self.factory)


class MarketplaceStory(TellsStory, JudgedMarketplace):
    """A marketplace with which a story is played."""

    def __init__(self, universe: Universe, story: Story, factory: Factory = our_marketplace) -> None:
        self._story = story
        super().__init__(universe, story.settings, factory=factory)
        self.may_need_a_person = story.may_need_a_person


class MarketplaceRace(RunsRace, JudgedMarketplace):
    """A marketplace for which two processes meet."""

    def __init__(self, universe: Universe, race: Race, factory: Factory) -> None:
        self._race = race
        super().__init__(universe, race.settings, factory=factory)


MARKETPLACE = MarketplaceTestbed()
"""Ours."""
