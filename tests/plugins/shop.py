"""The `shop` fixture: a whole shop in virtual time, with the verbs that a story about an order needs."""

from __future__ import annotations

import pytest

from simulations.story import StoryShop


@pytest.fixture
def shop() -> StoryShop:
    """A shop with everything as it comes: authorise first, parcels fetched at once."""
    return StoryShop()
