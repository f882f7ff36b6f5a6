"""The fixtures `marketplace` and `open_marketplace`: the books are compared at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulations.marketplace.scripted_marketplace import ScriptedMarketplace
from tests.marketplace_books import check_books

OpenMarketplace = Callable[..., ScriptedMarketplace]


@pytest.fixture
def open_marketplace() -> Iterator[OpenMarketplace]:
    """Opens marketplaces as a test wants them."""
    opened: list[ScriptedMarketplace] = []

    def open_one(**options: object) -> ScriptedMarketplace:
        opened.append(ScriptedMarketplace(**options))  # type: ignore[arg-type]  # its own
        return opened[-1]

    yield open_one
    for marketplace in opened:
        check_books(marketplace)


@pytest.fixture
def marketplace(open_marketplace: OpenMarketplace) -> ScriptedMarketplace:
    """A marketplace with everything as it comes, where Bob and Carol sell."""
    marketplace = open_marketplace()
    marketplace.onboard("bob")
    marketplace.onboard("carol")
    return marketplace
