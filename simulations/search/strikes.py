"""Strikes: what becomes of a call at which a fault strikes, and how one is made of an effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from simulations.network.effects import Answer, Effect, Make
from simulations.search.plan import Fault
from simulations.search.ports import Site
from simulations.stripe.core import faults
from simulations.stripe.core.faults import Disturbance
from simulations.time.hand_clock import HandClock, OwnClock


class Call(NamedTuple):
    """A call that a fault strikes.

    Attributes:
        site: where it goes.
        make: makes it, each time that it is called.
    """

    site: Site
    make: Make

    @property
    def method(self) -> str:
        """Which of the port's methods."""
        return self.site.method


class Struck(Protocol):
    """The system under test, as far as faults know it."""

    def disturb_stripe(self, disturbance: Disturbance) -> None:
        """Have the simulated Stripe do something wrong."""
        ...

    def answer_of_another(self, answer: object) -> object:
        """Return an answer as it would be about another customer."""
        ...


class Surroundings(Protocol):
    """What a fault can touch beside the call that it strikes: the universe, as far as faults know it."""

    clock: HandClock
    own_clock: OwnClock

    @property
    def system(self) -> Struck:
        """What is struck."""
        ...

    def begin_ongoing(self, port: str, strike: Strike, fault: Fault) -> None:
        """Have every call of a port struck, for as long as the fault lasts."""
        ...

    def postpone_calm(self, seconds: float) -> None:
        """Count trouble as over only this much later."""
        ...

    async def crash(self) -> object:
        """End the process that called."""
        ...


Strike = Callable[[Surroundings, Fault, Call], Answer]
"""What becomes of the call: its answer, or an error."""


def on_the_network(effect: Effect) -> Strike:
    """An effect of the network, as a fault of one call."""

    def strike(universe: Surroundings, fault: Fault, call: Call) -> Answer:
        return effect(universe.clock, call.method, call.make)

    strike.__doc__ = effect.__doc__
    return strike


def ongoing(strike: Strike, what: str) -> Strike:
    """A strike at this call and, for as long as the fault lasts, at every call of its port; and what it is."""

    async def begin(universe: Surroundings, fault: Fault, call: Call) -> object:
        universe.begin_ongoing(call.site.port, strike, fault)
        return await strike(universe, fault, call)

    begin.__doc__ = what
    return begin


def at_stripe(trouble: faults.Fault, what: str, *, slow_seconds: float = 0) -> Strike:
    """A trouble of the simulated Stripe's own, which knows keys and stored answers; and what it is, in a sentence."""

    async def strike(universe: Surroundings, fault: Fault, call: Call) -> object:
        universe.postpone_calm(slow_seconds)
        universe.system.disturb_stripe(Disturbance(fault=trouble, call=call.method, slow_seconds=slow_seconds))
        return await call.make()

    strike.__doc__ = what
    return strike
