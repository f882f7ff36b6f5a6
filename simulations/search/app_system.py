"""A program of ours in a universe: an app on a store, Stripe and a mailer. Which business it has is said elsewhere."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from payflows.clock import SECOND
from payflows.errors import PayflowsError
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store, StoreReader
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore

from simulations.search.endpoint import WebhookEndpoint, listen
from simulations.search.kinds import BEYOND_THE_DEADLINE
from simulations.search.ports import Port, Role, Site
from simulations.search.process import Crash, Process, Racer
from simulations.search.system import Connection, System
from simulations.search.universe import Universe
from simulations.search.waiting import Working
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.core.faults import Disturbance
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import USUAL_CONDITIONS, WebhookSender
from simulations.time.hand_clock import HandClock

T = TypeVar("T")
P = TypeVar("P")

COMMON_PORTS: Mapping[str, Port] = {
    "mailer": Port("mailer", Role.MAILER, Mailer),
    "store": Port("store", Role.STORE, Store),
    "webhook": Port("webhook", Role.ENDPOINT, WebhookEndpoint),
}
"""The ports that every business has beside its gateway, by the names under which it knows them."""


class ReadableStore(Store, StoreReader, Protocol):
    """A store in which checkers can look."""


class Policy(Protocol):
    """How a business goes about its calls."""

    @property
    def retry(self) -> RetryPolicy:
        """When a call is made again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """How a universe differs from the usual one, as far as every business has it.

    Attributes:
        policy: the business's.
        times: how long Stripe and the banks take.
        listens: webhooks come; else only timers wake.
        conditions: how those webhooks travel.
        away_seconds: in a trouble of days the worker stays away for so long at most.
    """

    policy: Policy
    times: StripeTimes = USUAL_TIMES
    listens: bool = True
    conditions: DeliveryConditions = USUAL_CONDITIONS
    away_seconds: int = 30 * 86_400


class CheckedApp(Protocol):
    """What is checked of any business: our books and Stripe's."""

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
        """Whether something may be left in review."""
        ...


class AppSystem(System, Generic[P]):
    """A program of type `P`, and what stands behind the ports that every business has.

    Args:
        universe: in which it runs; its class begins it.
        settings: how it differs from the usual one.

    Attributes:
        ports: by the names under which the program knows them.
        clock: the right one.
        stripe: the simulated one.
        store: what the program keeps.
        mailer: what it has sent.
        sender: Stripe's side of the endpoint; None where no webhooks come.
    """

    ports: ClassVar[Mapping[str, Port]]
    may_need_a_person = False
    """Whether something may be left in review."""
    is_woken = False
    """A worker sleeps until something is due: what one business waits for, its timers look at soon enough."""
    sender: WebhookSender | None = None
    connect: ConnectSettings | None = None
    """What a platform has agreed with Stripe; None: it is no platform."""

    def __init__(self, universe: Universe, settings: AppSettings) -> None:
        self.universe = universe
        self.clock = self.world = universe.clock
        self._common = settings
        self.stripe = self._new_stripe(settings.times)
        self.store: ReadableStore = self._new_store()
        self.mailer = self._new_mailer()

    def begin(self) -> None:
        """Start the first process, and have Stripe's webhooks come to its endpoint where they do."""
        self.universe.begin(self)
        if self._common.listens:
            self.sender = self._listen()

    # As a system under test.

    def connections(self) -> Mapping[str, Connection]:
        """Name each port as the program knows it, with what stands behind it."""
        return {name: Connection(self.ports[name], behind) for name, behind in self._behind_ports().items()}

    def truth(self) -> Iterator[object]:
        """Money and mails."""
        yield from self.stripe.movements
        yield from self.mailer.sent.values()

    def disturb_stripe(self, disturbance: Disturbance) -> None:
        """Have the simulated Stripe do something wrong."""
        self.stripe.disturb(disturbance)

    def resume(self, process: Process) -> Racer:
        """A process that was started again looks after what is due."""
        return Racer(process, cast(Working, process.app).worker.run_due(), "worker")

    def close(self) -> None:
        """Let go of Stripe's side of the endpoint, which refers to the universe, and of what Stripe was to do."""
        self.sender = None
        self.stripe.account.agenda.forget()

    def _behind_ports(self) -> Mapping[str, object]:
        return {"gateway": self.universe.transport.server(self.stripe), "mailer": self.mailer, "store": self.store}

    def _listen(self) -> WebhookSender:
        return listen(self.universe, self.stripe, self.ports["webhook"], self._common.conditions)

    def _new_stripe(self, times: StripeTimes) -> SimulatedStripe:
        return self.universe.transport.stripe(self.clock, times, self.connect)

    def _new_store(self) -> ReadableStore:
        return InMemoryStore()

    def _new_mailer(self) -> InMemoryMailer:
        return InMemoryMailer()

    # For stories, races and checkers.

    @property
    def app(self) -> P:
        """The program that runs."""
        return cast(P, self.universe.process.app)

    @property
    def clock_ahead(self) -> timedelta:
        """How far the program's clock is ahead of the right one."""
        return self.universe.own_clock.ahead

    def ask(self, work: Coroutine[Any, Any, T], name: str = "") -> T | PayflowsError | Crash:
        """Drive a call to its end: its answer, its error, or a crash, then a new process runs."""
        answer = self.universe.ask(work, name)
        self.answered(answer)
        return answer

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
