"""The `shop` fixture: a whole shop in virtual time, with the verbs that a story about an order needs."""

from __future__ import annotations

import pytest

from simulations.checkout.scripted_shop import ScriptedShop


@pytest.fixture
def shop() -> ScriptedShop:
    """A shop with everything as it comes: authorise first, parcels fetched immediately."""
    return ScriptedShop()
