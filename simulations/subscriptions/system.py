"""Subscriptions in a universe, with all that they depend on: store, mail and the simulated Stripe.

What people do with them is in `stories` and `races`, what must hold of them in `verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from payflows.app import App, build_app
from payflows.clock import SECOND, Clock
from payflows.errors import AlreadyExists, PayflowsError, VersionConflict
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store, StoreReader
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.payments.gateway import PaymentGateway
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore
from payflows.subscriptions.billing import (
    BillingStatus,
    InvoiceStatus,
    SetupStatus,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
)
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.messages import SUBSCRIPTIONS, EventType
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.policy import SubscriptionPolicy

from simulations.search.endpoint import WEBHOOKS, WebhookEndpoint, listen
from simulations.search.kinds import BEYOND_THE_DEADLINE
from simulations.search.ports import Port, Role, Site
from simulations.search.process import Crash, Process, Racer
from simulations.search.system import Connection, System
from simulations.search.universe import Universe
from simulations.stripe.core.faults import Disturbance
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import USUAL_CONDITIONS, WebhookSender
from simulations.subscriptions.catalogue import MERCHANT, PLANS, offer

T = TypeVar("T")


class StripeGateway(PaymentGateway, BillingGateway, Protocol):
    """Stripe, as subscriptions need it: payments and billing."""


class ReadableStore(Store, StoreReader, Protocol):
    """A store in which checkers can look."""


PORTS: Mapping[str, Port] = {
    "gateway": Port("stripe", Role.STRIPE, StripeGateway),
    "mailer": Port("mailer", Role.MAILER, Mailer),
    "store": Port("store", Role.STORE, Store),
    "webhook": Port("webhook", Role.ENDPOINT, WebhookEndpoint),
}
"""The ports of subscriptions, by the names under which they know them; and their endpoint, which Stripe calls."""

IMPATIENT = SubscriptionPolicy(retry=RetryPolicy(inline_tries=2, first_delay_seconds=60))
"""A merchant who gives up soon: the fewer tries are made, the shorter are the universes."""


class Ports(NamedTuple):
    """What subscriptions are given to work with; each call through them may be struck."""

    gateway: Any
    mailer: Mailer
    store: Store
    clock: Clock


class Settings(NamedTuple):
    """How a universe differs from the usual one.

    Attributes:
        policy: the merchant's.
        times: how long Stripe and the banks take.
        listens: webhooks come; else only timers wake.
        conditions: how those webhooks travel.
        away_seconds: in a trouble of days the worker stays away for so long at most.
    """

    policy: SubscriptionPolicy = IMPATIENT
    times: StripeTimes = USUAL_TIMES
    listens: bool = True
    conditions: DeliveryConditions = USUAL_CONDITIONS
    away_seconds: int = 30 * 86_400


Factory = Callable[[Ports, Settings], App]
"""Builds the subscriptions that are searched, on ports that may fail; called again after every crash."""


def our_subscriptions(ports: Ports, settings: Settings) -> App:
    """Build the subscriptions of this project."""
    billing: BillingGateway = ports.gateway.billing if is_on_the_sdk(ports.gateway) else ports.gateway
    app = build_app(
        gateway=ports.gateway,
        subscriptions=SubscriptionSetup(plans=PLANS, billing=billing, policy=settings.policy),
        merchant=MERCHANT,
        store=ports.store,
        mailer=ports.mailer,
        clock=ports.clock,
        webhooks=WEBHOOKS if settings.listens else None,
    )
    for event_type in EventType:
        app.bus.subscribe(event_type, count, name=f"count {event_type}")
    return app


def is_on_the_sdk(gateway: object) -> bool:
    """Say whether Stripe is reached over HTTP, where billing is a part of the gateway."""
    return type(gateway).__name__ == "StripeGateway"


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """Count how often a business event came."""
    counted = await work.record(f"counted {event.key}")
    work.put(counted, {"times": int(counted.fields.get("times") or 0) + 1})


class SubscriptionSystem(System):
    """Subscriptions, and everything behind their ports.

    Args:
        universe: in which they run; it begins.
        settings: how the merchant differs from the usual one.
        factory: builds the subscriptions.

    Attributes:
        answers: the subscriptions that customers were answered with, as they were then.
        conflicts: of the store, that reached a caller: each should have been seen to.
        cancelled_at: when a customer was first answered that a subscription is cancelled, by our id.
        sender: Stripe's side of the endpoint; None where no webhooks come.
    """

    may_need_a_person = False
    """Whether one may be left in review."""
    end_was_asked = False
    """Whether someone wanted one to end."""

    def __init__(
        self,
        universe: Universe,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
        *,
        factory: Factory = our_subscriptions,
    ) -> None:
        self.universe = universe
        self.clock = self.world = universe.clock
        self.settings = settings
        self.stripe = offer(universe.transport.stripe(self.clock, settings.times))
        self.store = self._new_store()
        self.mailer = InMemoryMailer()
        self.answers: list[Subscription] = []
        self.conflicts: list[PayflowsError] = []
        self.cancelled_at: dict[str, datetime] = {}
        self._factory = factory
        universe.begin(self)
        self.sender = self._listen() if settings.listens else None

    # As a system under test.

    def connections(self) -> Mapping[str, Connection]:
        """Name each port as the subscriptions know it, with what stands behind it."""
        return {
            "gateway": Connection(PORTS["gateway"], self.universe.transport.server(self.stripe)),
            "mailer": Connection(PORTS["mailer"], self.mailer),
            "store": Connection(PORTS["store"], self.store),
        }

    def start(self, ports: Mapping[str, object]) -> App:
        """Build the subscriptions on ports that may fail."""
        gateway = self.universe.transport.gateway(ports["gateway"])
        given = Ports(**{**ports, "gateway": gateway}, clock=self.universe.own_clock)  # type: ignore[arg-type]  # intercepted ones
        return self._factory(given, self.settings)

    def disturb_stripe(self, disturbance: Disturbance) -> None:
        """Have the simulated Stripe do something wrong."""
        self.stripe.disturb(disturbance)

    def resume(self, process: Process) -> Racer:
        """A process that was started again looks after what is due."""
        return Racer(process, app_of(process).worker.run_due(), "worker")

    def answered(self, answer: object) -> None:
        """Remember the subscription that a customer was answered with."""
        if isinstance(answer, Subscription):
            self.answers.append(answer)
            if answer.cancellation is not None:
                self.cancelled_at.setdefault(answer.id, self.clock.now())
        elif isinstance(answer, AlreadyExists | VersionConflict):
            self.conflicts.append(answer)

    def answer_of_another(self, answer: object) -> object:
        """Another customer's subscription has ended, their invoice is paid, and their card is set up."""
        match answer:
            case StripeSubscription():
                ended_at, status = answer.period_start, BillingStatus.CANCELED
                return answer._replace(id="sub_of_another", owner_id="another", status=status, ended_at=ended_at)
            case StripeInvoice():
                other = answer._replace(id="in_of_another", stripe_subscription_id="sub_of_another")
                return other._replace(owner_id="another", status=InvoiceStatus.PAID, amount_paid=answer.amount_due)
            case StripeSetup():
                return StripeSetup("seti_of_another", SetupStatus.SUCCEEDED, "pm_of_another")
        return super().answer_of_another(answer)

    def close(self) -> None:
        """Let go of Stripe's side of the endpoint, which refers to the universe."""
        self.sender = None

    def standing(self) -> tuple[str, ...]:
        """The first subscription's status, and whether it has access."""
        found = self.subscription
        return (found.status.value, found.access.reason.value) if found is not None else ("", "")

    def truth(self) -> Iterator[object]:
        """Money and mails."""
        yield from self.stripe.movements
        yield from self.mailer.sent.values()

    def _new_store(self) -> ReadableStore:
        return InMemoryStore()

    def _listen(self) -> WebhookSender:
        return listen(self.universe, self.stripe, PORTS["webhook"], self.settings.conditions)

    # For stories, races and checkers.

    @property
    def app(self) -> App:
        """What runs."""
        return app_of(self.universe.process)

    @property
    def subscription(self) -> Subscription | None:
        """The newest subscription as stored; None where there is none."""
        return next(iter(reversed(list(self.store.all(SUBSCRIPTIONS)))), None)

    @property
    def sites(self) -> list[Site]:
        """Where every call went, in the order of their numbers from 1."""
        return self.universe.sites

    @property
    def calm_from(self) -> datetime:
        """When the latest fault is over."""
        return self.universe.calm_from

    @property
    def clock_ahead(self) -> timedelta:
        """How far the program's clock is ahead of the right one."""
        return self.universe.own_clock.ahead

    @property
    def policy(self) -> SubscriptionPolicy:
        """The merchant's."""
        return self.settings.policy

    def ask(self, work: Coroutine[Any, Any, T], name: str = "") -> T | PayflowsError | Crash:
        """Drive a call to its end: its answer, its error, or a crash, then a new process runs."""
        answer = self.universe.ask(work, name)
        self.answered(answer)
        return answer

    def next_change_at(self) -> datetime:
        """Before this moment nothing will be different from what it is now.

        During an ongoing fault of days the same call fails the same way hundreds of times: the worker looks again only
        shortly before its end.
        """
        now, ongoing = self.clock.now(), self.universe.ongoing
        if now < ongoing.since + BEYOND_THE_DEADLINE * SECOND:
            return now
        longest_back_off = timedelta(seconds=self.settings.policy.retry.max_delay_seconds)
        return max(now, min(ongoing.until - longest_back_off, now + self.settings.away_seconds * SECOND))


def app_of(process: Process) -> App:
    """What a process runs."""
    return cast(App, process.app)
