"""A shop that is open for years of virtual time, and checked every day. Many of them, counted, are in `years`.

A day: orders come in at any time, two of a hundred calls are struck, and once the whole process is gone. Webhooks are
late, reordered, duplicated and lost, and handlers fail. The last two hours are calm: nothing new strikes. Then
everything is checked, and what is finished is judged and taken out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.payments.model import CaptureMode

from simulations.checkout.shop import MERCHANT
from simulations.checkout.soak.archiving import close, never_ending, orphaned, overdue
from simulations.checkout.soak.customers import DAY, HOUR, Customers
from simulations.checkout.soak.universe import LongUniverse
from simulations.checkout.subject import Factory, Settings, our_checkout
from simulations.checkout.verdict import check_safety
from simulations.search.breach import InvariantBroken
from simulations.stripe.webhooks.conditions import DAYS_LATE, DeliveryConditions
from simulations.time.draws import Draws

CALM_HOURS = 2
"""No new fault strikes at the end of each day."""

POLL_SECONDS = 600
"""The worker polls at least this often: a webhook that comes in does not wake it here."""

STOCK = (("mug", 500), ("lamp", 90), ("tray", 200))
"""What has left is bought anew once its order is closed; lamps are short at times."""

PICKUP_SECONDS = 1_800


BAD_CONDITIONS = DeliveryConditions(lost_share=0.05, answer_lost_share=0.05, duplicated_share=0.1)
"""Webhooks arrive within seconds as a rule; some do not arrive, some twice."""

DAYS_LATE_TOO = replace(BAD_CONDITIONS, delay=DAYS_LATE)
"""They also arrive up to three days late, and so in any order."""


def conditions_of(seed: int) -> DeliveryConditions:
    """Return how webhooks travel to a shop: to every third one they come very late."""
    return DAYS_LATE_TOO if seed % 3 == 0 else BAD_CONDITIONS


def settings_of(seed: int) -> Settings:
    """Return a shop's settings: every other one captures automatically, and so takes bank debits too."""
    automatic = CheckoutPolicy(capture=CaptureMode.AUTOMATIC, pending_look_seconds=DAY // 4)
    policy = automatic if seed % 2 else CheckoutPolicy()
    return Settings(policy, STOCK, PICKUP_SECONDS, listens=True)


class Soak:
    """One shop.

    Args:
        seed: all its chance.
        factory: builds the checkout.
    """

    def __init__(self, seed: int, *, factory: Factory = our_checkout) -> None:
        draws = Draws(seed)
        self.universe = self._universe(seed, draws, factory)
        self.customers = Customers(self.universe, draws)
        self.ended: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.with_a_person = self.dead_letters = self.dead_deliveries = 0

    def live(self, day: int) -> bool:
        """Live one day more, from 0. Returns whether no fault was in the way for its last hour.

        Raises:
            InvariantBroken: a promise is broken.
        """
        if day == 0:
            self._begin(day)
        self._deliver_notices()
        self._replay_dead_letters()
        self._work(until_us=((day + 1) * DAY - 1) * 1_000_000)  # at midnight the next day begins by itself
        is_calm = self.universe.calm_from <= self.universe.clock.now() - timedelta(hours=1)
        self._look(is_calm=is_calm)
        return is_calm

    def _universe(self, seed: int, draws: Draws, factory: Factory) -> LongUniverse:
        return LongUniverse(draws, settings_of(seed), conditions=conditions_of(seed), factory=factory)

    def _begin(self, day: int) -> None:
        """Begin a day by the clock, whether or not the worker is still busy with the one before."""
        drawn, clock = self.universe.drawn, self.universe.clock
        drawn.weather.begin_day(day, drawn.calls)
        self.customers.come(day)
        clock.after(DAY - CALM_HOURS * HOUR, drawn.weather.calm)
        clock.after(DAY, lambda: self._begin(day + 1))

    def _work(self, *, until_us: int) -> None:
        """Let the worker do what is due; meanwhile customers come and webhooks arrive."""
        universe = self.universe
        while True:
            due_at = universe.ask(universe.app.worker.run_due())
            self._raise_errors()
            left_us = until_us - universe.clock.now_us
            if left_us <= 0:
                return
            wait_us = POLL_SECONDS * 1_000_000
            if isinstance(due_at, datetime):
                wait_us = min(wait_us, round((due_at - universe.clock.now()).total_seconds() * 1_000_000))
            universe.clock.pass_time(min(max(wait_us, 1_000_000), left_us) / 1_000_000)
            self._raise_errors()

    def _deliver_notices(self) -> None:
        """Deliver the carrier's notices of the day; one that is lost comes again tomorrow."""
        universe = self.universe
        for order in tuple(universe.store.all(ORDERS)):
            if order.status is OrderStatus.SHIPPED:
                universe.ask(universe.app.checkout.shipment_changed(MERCHANT, order.id))

    def _replay_dead_letters(self) -> None:
        """Replay, as a person would once a day, the webhooks and deliveries that were given up."""
        inbox = self.universe.app.inbox  # type: ignore[attr-defined]  # our checkout has one
        replayed = self.universe.ask(inbox.replay_all())
        self.dead_letters += replayed if isinstance(replayed, int) else 0
        bus = self.universe.app.bus  # type: ignore[attr-defined]  # our checkout has one
        replayed = self.universe.ask(bus.replay_all())
        self.dead_deliveries += replayed if isinstance(replayed, int) else 0

    def _look(self, *, is_calm: bool) -> None:
        universe, visits = self.universe, self.customers.visits
        check_safety(universe)
        breaches = [
            *universe.seen,
            *orphaned(universe),
            *never_ending(universe),
            *(overdue(universe, visits) if is_calm else ()),
        ]
        if breaches:
            raise InvariantBroken(breaches)
        self._count_tries()
        for order in close(universe, visits):
            self.ended[order.status] += 1
            self.with_a_person += order.review is not None

    def _count_tries(self) -> None:
        assert self.universe.sender is not None, "it listens to webhooks"
        for tried in self.universe.sender.tries:
            self.tries[tried.kind] += 1
            self.tries[tried.ending] += 1
        self.universe.sender.tries.clear()

    def _raise_errors(self) -> None:
        errors, self.customers.errors = self.customers.errors, []
        if errors:
            raise ExceptionGroup("what people did met errors that are ours", errors)
