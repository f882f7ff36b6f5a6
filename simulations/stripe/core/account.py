"""One account at Stripe: what its resources share. What may happen to an object is decided by its resource."""

from __future__ import annotations

from collections.abc import Callable

from simulations.stripe.core.agenda import Agenda
from simulations.stripe.core.calls import Calls
from simulations.stripe.core.events import Changes, EventOwner, EventStream
from simulations.stripe.core.faults import FaultInjection
from simulations.stripe.core.ledger import Ledger, Movement, MovementKind
from simulations.stripe.core.times import StripeTimes
from simulations.time.hand_clock import VirtualClock


class Account:
    """The ledger, the events, the calls and the agenda of one account.

    Args:
        clock: whose time passes.
        times: how long things take.
        currency: the account's own, in which an order without a payment has captured nothing.
        id: Stripe's id of the account.

    Attributes:
        agenda: what Stripe will do by itself.
        calls: how a call is answered, whatever it does.
        events: what is announced of changes.
        faults: what goes wrong with calls.
        ledger: what became of the money.
    """

    def __init__(self, clock: VirtualClock, times: StripeTimes, currency: str, id: str = "acct_simulated") -> None:
        self.id = id
        self.clock = clock
        self.times = times
        self.currency = currency
        self.agenda = Agenda(clock)
        self.faults = FaultInjection(clock)
        self.calls = Calls(clock, self.agenda, self.faults, times.client_timeout_seconds)
        self.events = EventStream()
        self.ledger = Ledger()
        self._epoch = int(clock.now().timestamp()) - clock.now_us // 1_000_000

    def seconds(self) -> int:
        """Return the present in Unix seconds, as Stripe's objects name it."""
        return self._epoch + self.clock.now_us // 1_000_000

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after that delay."""
        self.agenda.add(self.clock.now_us + round(seconds * 1_000_000), act)

    def at(self, seconds: int, act: Callable[[], None]) -> None:
        """Do something at a moment, in Unix seconds; immediately where that is past."""
        self.agenda.add(max(self.clock.now_us, (seconds - self._epoch) * 1_000_000), act)

    def changed(self, owner: EventOwner, changes: Changes) -> None:
        """Announce a change of an object or its parts."""
        owner.changed()
        if self.events.has_listeners:
            self.events.publish(owner, changes, created=self.seconds())

    def moved(self, kind: MovementKind, owner: EventOwner, amount_minor: int, changes: Changes) -> None:
        """Record that money moved, and announce it."""
        self.ledger.record(Movement(self.clock.now_us, kind, owner.id, amount_minor))
        self.changed(owner, changes)
