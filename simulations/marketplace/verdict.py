"""The verdict on a marketplace: every promise, checked after each call that moves money, and when all is calm."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.marketplace import user_actions
from simulations.marketplace.checkers import messages, money, state
from simulations.marketplace.system import MarketplaceSystem
from simulations.search.breach import Breach


class JudgedMarketplace(MarketplaceSystem):
    """A marketplace of which all promises are checked, and with which nothing happens by itself."""

    def tell(self) -> None:
        """Nothing: a story says more."""

    def settle(self) -> None:
        """Let the worker settle what it can."""
        user_actions.end(self)

    def safety(self) -> Iterator[Breach]:
        """Check money, whenever it may have moved."""
        return money.safety(self)

    def breaches(self) -> list[Breach]:
        """Check all promises, now that all is calm."""
        return [*money.safety(self), *money.final(self), *state.breaches(self), *messages.breaches(self)]
