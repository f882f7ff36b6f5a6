"""What is checked of a marketplace, however it came to stand so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from payflows.errors import PayflowsError
from payflows.kernel.store import StoreReader
from payflows.marketplace.sale import Sale

from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock


class Checked(Protocol):
    """A platform's books, Stripe's, and what buyers were answered."""

    @property
    def store(self) -> StoreReader:
        """Our books."""
        ...

    @property
    def stripe(self) -> SimulatedStripe:
        """Stripe's."""
        ...

    @property
    def clock(self) -> HandClock:
        """The right time."""
        ...

    @property
    def clock_ahead(self) -> timedelta:
        """How far our own clock is ahead of it."""
        ...

    @property
    def may_need_a_person(self) -> bool:
        """Whether something may be left to a person."""
        ...

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
