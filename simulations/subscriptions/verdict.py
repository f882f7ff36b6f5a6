"""The verdict on subscriptions: which promises are broken now, and which in the end. The checks are in `checkers`."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.search.breach import Breach
from simulations.subscriptions import user_actions
from simulations.subscriptions.checkers import access, dunning, given_back, messages, money, plans, state, usage
from simulations.subscriptions.system import SubscriptionSystem


class JudgedSubscriptions(SubscriptionSystem):
    """Subscriptions of which all promises are checked, and with which nothing happens by itself."""

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
        return [
            *money.safety(self),
            *money.final(self),
            *given_back.breaches(self),
            *state.breaches(self),
            *messages.breaches(self),
            *plans.breaches(self),
            *access.breaches(self),
            *usage.breaches(self),
            *dunning.breaches(self),
        ]
