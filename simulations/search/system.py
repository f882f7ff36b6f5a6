"""The system under test, as the search sees it: a program, what stands behind its ports, and what must hold of it.

A business brings one class of these: `Testbed.build` makes one for each universe. Only the abstract methods are needed
to be searched at all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from payflows.errors import InvalidPolicy

from simulations.search.breach import Breach
from simulations.search.mixed_up import of_another
from simulations.search.ports import Port
from simulations.search.process import Process, Racer
from simulations.stripe.core.faults import Disturbance


class Connection(NamedTuple):
    """A port of the program, and the object that stands behind it."""

    port: Port
    object: object


class System(ABC):
    """One business in one universe."""

    # The program.

    @abstractmethod
    def connections(self) -> Mapping[str, Connection]:
        """Name each port as the program knows it, with what stands behind it."""

    @abstractmethod
    def start(self, ports: Mapping[str, object]) -> object:
        """Build the program on ports that may fail. Called again after every crash, on what the store holds."""

    # What happens.

    @abstractmethod
    def tell(self) -> None:
        """Let people act, whatever has happened before."""

    @abstractmethod
    def settle(self) -> None:
        """Let time pass until nothing is left to do."""

    def meet(self, other: Process) -> tuple[Racer, Racer]:
        """Bring a race to the point where two processes act concurrently: the one that runs, and another one."""
        raise InvalidPolicy("this business has no races")

    def resume(self, process: Process) -> Racer:
        """What a process does that was started in the place of a crashed racer."""
        raise InvalidPolicy("this business has no races")

    def answered(self, answer: object) -> None:  # noqa: B027 - most need not know
        """Take note of what a racer's call was answered with, an error too."""

    def disturb_stripe(self, disturbance: Disturbance) -> None:
        """Have the simulated Stripe do something wrong."""
        raise InvalidPolicy("this business has no simulated Stripe")

    def answer_of_another(self, answer: object) -> object:
        """Return an answer of Stripe's as it would be about another customer; as it is, where that cannot be."""
        return of_another(answer)

    def close(self) -> None:  # noqa: B027 - most have nothing to let go
        """Let go of what would keep the universe in memory."""

    # What must hold.

    @abstractmethod
    def breaches(self) -> Iterable[Breach]:
        """Check all promises, now that all is calm."""

    def safety(self) -> Iterable[Breach]:
        """Check what must hold after every call that moves anything."""
        return ()

    def expected(self) -> Iterable[Breach]:
        """Check how it must end where nothing goes wrong: a program that does nothing breaks no other promise."""
        return ()

    def money(self) -> Iterable[Breach]:
        """Check what can be checked of a system that never comes to rest."""
        return ()

    # What is shown of it.

    def standing(self) -> tuple[str, ...]:
        """Say how the business stands, in the testbed's columns: replays show it after every call."""
        return ()

    def truth(self) -> Iterable[object]:
        """List what became of money and goods, wherever it is recorded: traces end with it."""
        return ()
