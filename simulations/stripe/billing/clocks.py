"""Test clocks, over the one virtual clock by which the simulated Stripe lives: advancing one waits until that is there.

Source: docs.stripe.com/billing/testing/test-clocks; Stripe API reference, "The Test Clock object".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from payflows.checks import aware
from payflows.errors import CallRejected

from simulations.stripe.billing.calendar import boundary
from simulations.stripe.billing.dashboard import BillingDashboard
from simulations.stripe.billing.objects import BillingObject
from simulations.stripe.billing.rules import BillingRules
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.core.ids import derived_id
from simulations.stripe.core.registry import Registry
from simulations.stripe.core.times import DAY

MAX_CUSTOMERS = 3
"""The most that one test clock may have."""

MONTHS_WITHOUT_SUBSCRIPTIONS = 24
"""How far a test clock may be advanced whose customers have no subscription: two years."""

_LIVES_SECONDS = 30 * DAY


@dataclass(eq=False)
class SimulationClock(BillingObject):
    """A test clock.

    Attributes:
        frozen_time: where it stands; while it advances, where it began.
        target: where it advances to; None: it is ready.
        customers: their ids, in the order in which they came.
    """

    id: str
    created: int
    frozen_time: int
    target: int | None = None
    customers: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Stripe's status."""
        return "ready" if self.target is None else "advancing"

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        advancing = {} if self.target is None else {"advancing": {"target_frozen_time": self.target}}
        return {
            "id": self.id,
            "object": "test_helpers.test_clock",
            "created": self.created,
            "deletes_after": self.created + _LIVES_SECONDS,
            "frozen_time": self.frozen_time,
            "livemode": False,
            "status": self.status,
            "status_details": advancing,
        }


class Clocks:
    """Makes test clocks and advances them. What is not allowed is `CallRejected`.

    Args:
        account: whose they are.
        rules: what happens to their customers' subscriptions.
        dashboard: deletes their customers.
    """

    def __init__(self, account: Account, rules: BillingRules, dashboard: BillingDashboard) -> None:
        self._account = account
        self._book = rules.book
        self._dashboard = dashboard
        self._clocks: Registry[SimulationClock] = Registry("test_clock")
        self._made = 0

    def create_test_clock(self) -> SimulationClock:
        """Make one that stands at the present."""
        now = self._account.seconds()
        clock = SimulationClock(derived_id("clock", self._made), now, now)
        self._made += 1
        self._clocks.add(clock.id, clock)
        self._account.changed(clock, {"test_helpers.test_clock.created": clock})
        return clock

    def test_clock(self, clock_id: str) -> SimulationClock:
        """Return Stripe's own object. Raises `CallRejected` (`resource_missing`)."""
        self._account.agenda.catch_up()
        return self._clocks.find(clock_id)

    def add_to_test_clock(self, clock_id: str, customer_id: str) -> None:
        """Have the customer live by it, for good."""
        clock, customer = self.test_clock(clock_id), self._book.customer(customer_id)
        if customer.test_clock is not None or self._book.of_customer(customer_id):
            raise CallRejected(f"{customer_id} has a test clock, or a subscription without one, and keeps it.")
        if len(clock.customers) >= MAX_CUSTOMERS:
            raise CallRejected(f"A test clock has at most {MAX_CUSTOMERS} customers.")
        customer.test_clock = clock.id
        clock.customers.append(customer_id)

    def advance_test_clock(self, clock_id: str, to: datetime) -> SimulationClock:
        """Begin to advance it, forward only and not too far. It is ready once that time has come."""
        aware("to", to)
        clock, target = self.test_clock(clock_id), int(to.timestamp())
        if clock.target is not None:
            raise CallRejected(f"{clock_id} is advancing already.")
        furthest = boundary(clock.frozen_time, self._months_ahead(clock))
        if not clock.frozen_time < target <= furthest:
            raise InvalidRequest(f"{clock_id} goes forward, and by two intervals of its shortest subscription at most.")
        clock.target = target
        self._account.changed(clock, {"test_helpers.test_clock.advancing": clock})
        self._account.at(target, partial(self._arrive, clock))
        return clock

    def delete_test_clock(self, clock_id: str) -> None:
        """Delete it with all its customers, whose subscriptions end."""
        clock = self.test_clock(clock_id)
        for customer_id in clock.customers:
            self._dashboard.delete_customer(customer_id)
        self._clocks.remove(clock_id)
        self._account.changed(clock, {"test_helpers.test_clock.deleted": clock})

    def _arrive(self, clock: SimulationClock) -> None:
        assert clock.target is not None, "it advances"
        clock.frozen_time, clock.target = clock.target, None
        self._account.changed(clock, {"test_helpers.test_clock.ready": clock})

    def _months_ahead(self, clock: SimulationClock) -> int:
        living = [
            subscription.price.months
            for customer_id in clock.customers
            for subscription in self._book.of_customer(customer_id)
            if not subscription.has_ended
        ]
        return 2 * min(living) if living else MONTHS_WITHOUT_SUBSCRIPTIONS
