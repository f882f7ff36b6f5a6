"""What is checked of a marketplace, however it came to stand so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from payflows.errors import PayflowsError
from payflows.marketplace.sale import Sale

from simulations.search.app_system import CheckedApp


class Checked(CheckedApp, Protocol):
    """A platform's books, Stripe's, and what buyers were answered."""

    @property
    def answers(self) -> Sequence[Sale]:
        """The sales that buyers were answered with, as they were then."""
        ...

    @property
    def conflicts(self) -> Sequence[PayflowsError]:
        """What reached a caller, though all that was asked was the same again."""
        ...

    def objects_of_others(self) -> Collection[str]:
        """Return the objects at Stripe that are none of a marketplace's."""
        ...
