"""The testbed of an account with three businesses: ports, stories and promises, as the search asks for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import payflows

from simulations.checkout import promises as of_checkout
from simulations.checkout import rendering as checkout_types
from simulations.marketplace import promises as of_marketplace
from simulations.marketplace import rendering as marketplace_types
from simulations.one_account.stories import STORIES, Story
from simulations.one_account.system import PORTS, Factory, OneAccount, our_businesses
from simulations.search.ports import Port
from simulations.search.rendering import Renderer
from simulations.search.stories import TellsStory
from simulations.search.system import System
from simulations.search.testbed import Testbed
from simulations.search.universe import Universe
from simulations.subscriptions import promises as of_subscriptions
from simulations.subscriptions import rendering as subscription_types

_TYPES = (checkout_types, subscription_types, marketplace_types)


def _promises() -> Mapping[str, str]:
    """Return all promises; a number that several businesses have says what each of them means by it."""
    found: dict[str, list[str]] = {}
    for promises in (of_checkout.PROMISES, of_subscriptions.PROMISES, of_marketplace.PROMISES):
        for number, text in promises.items():
            found.setdefault(number, []).append(text)
    return {number: " ".join(dict.fromkeys(texts)) for number, texts in found.items()}


@dataclass(frozen=True)
class OneAccountTestbed(Testbed):
    """An account with three businesses, ready to be searched.

    Attributes:
        factory: builds them; other processes import it by its name.
    """

    factory: Factory = our_businesses

    ports: ClassVar[Mapping[str, Port]] = PORTS
    stories: ClassVar[Collection[str]] = STORIES
    promises: ClassVar[Mapping[str, str]] = _promises()
    columns: ClassVar[Sequence[str]] = ("order", "subscription", "sale")
    renderer: ClassVar[Renderer] = Renderer(
        {kind: fields for each in _TYPES for kind, fields in each.FIELDS.items()},
        arguments=frozenset().union(*(each.ARGUMENTS for each in _TYPES)),
        digested=frozenset().union(*(each.DIGESTED for each in _TYPES)),
    )
    sources: ClassVar[Sequence[Path]] = tuple(sorted(Path(payflows.__file__).parent.glob("kernel/*.py")))

    def build(self, universe: Universe, name: str) -> System:
        """Make the account for one story."""
        return StoryOfThree(universe, STORIES[name], self.factory)


class StoryOfThree(TellsStory, OneAccount):
    """An account with which a story is played."""

    def __init__(self, universe: Universe, story: Story, factory: Factory = our_businesses) -> None:
        self._story = story
        super().__init__(universe, factory=factory)
        self.checkout.may_need_a_person = story.checkout.may_need_a_person
        self.subscriptions.may_need_a_person = story.subscriptions.may_need_a_person
        self.marketplace.may_need_a_person = story.marketplace.may_need_a_person


ONE_ACCOUNT = OneAccountTestbed()
"""Ours."""
