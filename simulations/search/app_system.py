"""A program of ours in a universe: an app on a store, Stripe and a mailer. Which business it has is said elsewhere."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Protocol, cast

from payflows.clock import SECOND
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Store, StoreReader

from simulations.search.endpoint import listen
from simulations.search.kinds import BEYOND_THE_DEADLINE
from simulations.search.ports import Port, Site
from simulations.search.process import Process, Racer
from simulations.search.system import System
from simulations.search.universe import Universe
from simulations.search.waiting import Working
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.core.faults import Disturbance
from simulations.stripe.core.times import StripeTimes
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import WebhookSender


class ReadableStore(Store, StoreReader, Protocol):
    """A store in which checkers can look."""


class Policy(Protocol):
    """How a business goes about its calls."""

    @property
    def retry(self) -> RetryPolicy:
        """When a call is made again."""
        ...


class AppSettings(Protocol):
    """How a universe differs from the usual one, as far as every business has it."""

    @property
    def policy(self) -> Policy:
        """The business's."""
        ...

    @property
    def times(self) -> StripeTimes:
        """How long Stripe and the banks take."""
        ...

    @property
    def listens(self) -> bool:
        """Whether webhooks come."""
        ...

    @property
    def conditions(self) -> DeliveryConditions:
        """How they travel."""
        ...

    @property
    def away_seconds(self) -> int:
        """In a trouble of days the worker stays away for so long at most."""
        ...


class AppSystem(System):
    """An app, and what stands behind the ports that every business has.

    Args:
        universe: in which it runs; its class begins it.
        settings: how it differs from the usual one.

    Attributes:
        clock: the right one.
        stripe: the simulated one.
        sender: Stripe's side of the endpoint; None where no webhooks come.
    """

    sender: WebhookSender | None = None
    connect: ConnectSettings | None = None
    """What a platform has agreed with Stripe; None: it is no platform."""

    def __init__(self, universe: Universe, settings: AppSettings) -> None:
        self.universe = universe
        self.clock = self.world = universe.clock
        self._common = settings
        self.stripe: SimulatedStripe = universe.transport.stripe(self.clock, settings.times, self.connect)

    @property
    @abstractmethod
    def endpoint(self) -> Port:
        """The port to which Stripe's webhooks come."""

    def begin(self) -> None:
        """Start the first process, and have Stripe's webhooks come to its endpoint where they do."""
        self.universe.begin(self)
        if self._common.listens:
            self.sender = self._listen()

    # As a system under test.

    def disturb_stripe(self, disturbance: Disturbance) -> None:
        """Have the simulated Stripe do something wrong."""
        self.stripe.disturb(disturbance)

    def resume(self, process: Process) -> Racer:
        """A process that was started again looks after what is due."""
        return Racer(process, cast(Working, process.app).worker.run_due(), "worker")

    def close(self) -> None:
        """Let go of Stripe's side of the endpoint, which refers to the universe."""
        self.sender = None

    def _listen(self) -> WebhookSender:
        return listen(self.universe, self.stripe, self.endpoint, self._common.conditions)

    # For stories, races and checkers.

    @property
    def sites(self) -> list[Site]:
        """Where every call went, in the order of their numbers from 1."""
        return self.universe.sites

    @property
    def calm_from(self) -> datetime:
        """When the latest fault is over."""
        return self.universe.calm_from

    def pass_time(self, seconds: float) -> None:
        """Let time pass in which people do nothing."""
        self.clock.pass_time(seconds)

    def next_change_at(self) -> datetime:
        """Before this moment nothing will be different from what it is now.

        During an ongoing fault of days the same call fails the same way hundreds of times: once customers' time is up,
        the worker looks again only shortly before its end.
        """
        now, ongoing = self.clock.now(), self.universe.ongoing
        if now < ongoing.since + BEYOND_THE_DEADLINE * SECOND:
            return now
        longest_back_off = timedelta(seconds=self._common.policy.retry.max_delay_seconds)
        return max(now, min(ongoing.until - longest_back_off, now + self._common.away_seconds * SECOND))
