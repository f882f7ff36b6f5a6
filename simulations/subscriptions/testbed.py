"""The testbed of subscriptions: their ports, stories, races and promises, as the search asks for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import payflows

from simulations.search.ports import Port
from simulations.search.rendering import Renderer
from simulations.search.stories import RunsRace, TellsStory
from simulations.search.system import System
from simulations.search.testbed import Testbed
from simulations.search.universe import Universe
from simulations.subscriptions.promises import PROMISES
from simulations.subscriptions.races import RACES, Race
from simulations.subscriptions.rendering import RENDERER
from simulations.subscriptions.stories import STORIES
from simulations.subscriptions.story import Story
from simulations.subscriptions.system import PORTS, Factory, our_subscriptions
from simulations.subscriptions.verdict import JudgedSubscriptions

_HOME = Path(payflows.__file__).parent


@dataclass(frozen=True)
class SubscriptionTestbed(Testbed):
    """Subscriptions, ready to be searched.

    Attributes:
        factory: builds them; other processes import it by its name.
    """

    factory: Factory = our_subscriptions

    ports: ClassVar[Mapping[str, Port]] = PORTS
    stories: ClassVar[Collection[str]] = STORIES
    races: ClassVar[Collection[str]] = RACES
    promises: ClassVar[Mapping[str, str]] = PROMISES
    columns: ClassVar[Sequence[str]] = ("subscription", "access")
    renderer: ClassVar[Renderer] = RENDERER
    sources: ClassVar[Sequence[Path]] = tuple(
        path for room in ("subscriptions",) for path in sorted(_HOME.glob(f"{room}/*.py"))
    )

    def build(self, universe: Universe, name: str) -> System:
        """Make the merchant for one story or race."""
        if name in RACES:
            return SubscriptionRace(universe, RACES[name], self.factory)
        return SubscriptionStory(universe, STORIES[name], self.factory)


class SubscriptionStory(TellsStory, JudgedSubscriptions):
    """Subscriptions with which a story is played."""

    def __init__(self, universe: Universe, story: Story, factory: Factory = our_subscriptions) -> None:
        self._story = story
        super().__init__(universe, story.settings, factory=factory)
        self.may_need_a_person = story.may_need_a_person


class SubscriptionRace(RunsRace, JudgedSubscriptions):
    """Subscriptions for which two processes meet."""

    def __init__(self, universe: Universe, race: Race, factory: Factory) -> None:
        self._race = race
        super().__init__(universe, race.settings, factory=factory)


SUBSCRIPTIONS = SubscriptionTestbed()
"""Ours."""
