"""The checkout's testbed: its ports, stories, races and promises, as the search asks for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import payflows

from simulations.checkout.promises import PROMISES
from simulations.checkout.races import RACES, Race
from simulations.checkout.rendering import RENDERER
from simulations.checkout.stories import STORIES, Story
from simulations.checkout.subject import Factory, our_checkout
from simulations.checkout.system import PORTS
from simulations.checkout.verdict import JudgedCheckout
from simulations.search.ports import Port
from simulations.search.rendering import Renderer
from simulations.search.stories import RunsRace, TellsStory
from simulations.search.system import System
from simulations.search.testbed import Testbed
from simulations.search.universe import Universe

_HOME = Path(payflows.__file__).parent


@dataclass(frozen=True)
class CheckoutTestbed(Testbed):
    """A checkout, ready to be searched.

    Attributes:
        factory: builds the checkout; other processes import it by its name.
    """

    factory: Factory = our_checkout

    ports: ClassVar[Mapping[str, Port]] = PORTS
    stories: ClassVar[Collection[str]] = STORIES
    races: ClassVar[Collection[str]] = RACES
    promises: ClassVar[Mapping[str, str]] = PROMISES
    columns: ClassVar[Sequence[str]] = ("order", "money")
    renderer: ClassVar[Renderer] = RENDERER
    sources: ClassVar[Sequence[Path]] = tuple(
        path for room in ("checkout", "kernel", "payments") for path in sorted(_HOME.glob(f"{room}/*.py"))
    )

    def build(self, universe: Universe, name: str) -> System:
        """Make the shop for one story or race."""
        if name in RACES:
            return RaceInAShop(universe, RACES[name], self.factory)
        return StoryInAShop(universe, STORIES[name], self.factory)


class StoryInAShop(TellsStory, JudgedCheckout):
    """A checkout in which a story is played."""

    def __init__(self, universe: Universe, story: Story, factory: Factory) -> None:
        self._story = story
        self.may_need_a_person = story.may_need_a_person
        super().__init__(universe, story.settings, factory=factory)


class RaceInAShop(RunsRace, JudgedCheckout):
    """A checkout in which two processes meet."""

    def __init__(self, universe: Universe, race: Race, factory: Factory) -> None:
        self._race = race
        super().__init__(universe, race.settings, factory=factory)


CHECKOUT = CheckoutTestbed()
"""Ours."""
