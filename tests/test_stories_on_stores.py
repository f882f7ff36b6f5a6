"""The checkout's stories on every store: they end alike, with the same orders, log, messages and webhooks."""

from __future__ import annotations

import pytest

from payflows.checkout.messages import ORDERS
from payflows.store.memory import InMemoryStore
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import our_checkout
from simulations.checkout.testbed import StoryInAShop
from simulations.search.app_system import ReadableStore
from tests.on_stores import OnAStore


class StoryOnAStore(OnAStore, StoryInAShop):
    """A story in a shop that keeps its orders in a store of ours."""

    kinds = (ORDERS,)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_ends_as_it_does_in_memory(story: str, store: ReadableStore) -> None:
    shop = StoryOnAStore(store, STORIES[story], our_checkout)

    assert not [*shop.breaches(), *shop.expected()]
    assert shop.recorded() == StoryOnAStore(InMemoryStore(), STORIES[story], our_checkout).recorded()
