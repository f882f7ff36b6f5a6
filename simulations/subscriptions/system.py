"""Subscriptions in a universe, with all that they depend on: store, mail and the simulated Stripe.

What people do with them is in `stories` and `races`, what must hold of them in `verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from payflows.app import App, build_app
from payflows.clock import Clock
from payflows.errors import AlreadyExists, PayflowsError, VersionConflict
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store
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
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.policy import SubscriptionPolicy
from payflows.subscriptions.usage import Usage

from simulations.search.app_system import AppSystem, ReadableStore
from simulations.search.endpoint import WEBHOOKS, WebhookEndpoint
from simulations.search.ports import Port, Role
from simulations.search.process import Crash, Process
from simulations.search.system import Connection
from simulations.search.universe import Universe
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import USUAL_CONDITIONS
from simulations.subscriptions.catalogue import MERCHANT, PLANS, offer

T = TypeVar("T")


class PaymentsAndBilling(PaymentGateway, BillingGateway, Protocol):
    """Stripe, as subscriptions need it: payments and billing."""


PORTS: Mapping[str, Port] = {
    "gateway": Port("stripe", Role.STRIPE, PaymentsAndBilling),
    "mailer": Port("mailer", Role.MAILER, Mailer),
    "store": Port("store", Role.STORE, Store),
    "webhook": Port("webhook", Role.ENDPOINT, WebhookEndpoint),
}
"""The ports of subscriptions, by the names under which they know them; and their endpoint, which Stripe calls."""

IMPATIENT = SubscriptionPolicy(retry=RetryPolicy(inline_tries=2, first_delay_seconds=60))
"""A merchant who gives up soon: the fewer tries are made, the shorter are the universes."""


class Ports(NamedTuple):
    """What subscriptions are given to work with; each call through them may be struck."""

    gateway: PaymentGateway
    billing: BillingGateway
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
    app = build_app(
        gateway=ports.gateway,
        subscriptions=SubscriptionSetup(plans=PLANS, billing=ports.billing, policy=settings.policy),
        merchant=MERCHANT,
        store=ports.store,
        mailer=ports.mailer,
        clock=ports.clock,
        webhooks=WEBHOOKS if settings.listens else None,
    )
    for event_type in EventType:
        app.bus.subscribe(event_type, count, name=f"count {event_type}")
    return app


async def count(event: BusinessEvent, work: UnitOfWork) -> None:
    """Count how often a business event came."""
    counted = await work.record(f"counted {event.key}")
    work.put(counted, {"times": int(counted.fields.get("times") or 0) + 1})


class SubscriptionSystem(AppSystem):
    """Subscriptions, and everything behind their ports.

    Args:
        universe: in which they run; it begins.
        settings: how the merchant differs from the usual one.
        factory: builds the subscriptions.

    Attributes:
        answers: the subscriptions that customers were answered with, as they were then.
        conflicts: of the store, that reached a caller: each should have been seen to.
        confirmed: the previews that customers confirmed.
        plans_by_hand: the plans to which the merchant changed one in the dashboard.
        used: the usage that the merchant was answered with, by its record's id.
        cancelled_at: when a customer was first answered that a subscription is cancelled, by our id.
    """

    may_need_a_person = False
    """Whether one may be left in review."""
    end_was_asked = False
    """Whether someone wanted one to end."""
    was_kept = False
    """Whether someone took back that one ends with its period."""
    plan_was_kept = False
    """Whether someone took back a plan change."""

    def __init__(
        self,
        universe: Universe,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
        *,
        factory: Factory = our_subscriptions,
    ) -> None:
        super().__init__(universe, settings)
        self.settings = settings
        offer(self.stripe)
        self.store = self._new_store()
        self.mailer = InMemoryMailer()
        self.answers: list[Subscription] = []
        self.conflicts: list[PayflowsError] = []
        self.confirmed: list[PlanPreview] = []
        self.plans_by_hand: set[str] = set()
        self.used: dict[str, int] = {}
        self.cancelled_at: dict[str, datetime] = {}
        self._factory = factory
        self.begin()

    # As a system under test.

    @property
    def endpoint(self) -> Port:
        """Where Stripe's webhooks come."""
        return PORTS["webhook"]

    def connections(self) -> Mapping[str, Connection]:
        """Name each port as the subscriptions know it, with what stands behind it."""
        return {
            "gateway": Connection(PORTS["gateway"], self.universe.transport.server(self.stripe)),
            "mailer": Connection(PORTS["mailer"], self.mailer),
            "store": Connection(PORTS["store"], self.store),
        }

    def start(self, ports: Mapping[str, object]) -> App:
        """Build the subscriptions on ports that may fail."""
        transport = self.universe.transport
        stripe = {"gateway": (gateway := transport.gateway(ports["gateway"])), "billing": transport.billing(gateway)}
        given = Ports(**{**ports, **stripe}, clock=self.universe.own_clock)  # type: ignore[arg-type]  # intercepted ones
        return self._factory(given, self.settings)

    def answered(self, answer: object) -> None:
        """Remember the subscription that a customer was answered with, and the usage that a merchant was."""
        if isinstance(answer, Subscription):
            self.answers.append(answer)
            if answer.cancellation is not None:
                self.cancelled_at.setdefault(answer.id, self.clock.now())
        elif isinstance(answer, Usage):
            self.used[answer.id] = answer.quantity
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

    def standing(self) -> tuple[str, ...]:
        """The newest subscription's status, and why it has access or none."""
        found = self.subscription
        return (found.status.value, found.access.reason.value) if found is not None else ("", "")

    def truth(self) -> Iterator[object]:
        """Money and mails."""
        yield from self.stripe.movements
        yield from self.mailer.sent.values()

    def _new_store(self) -> ReadableStore:
        return InMemoryStore()

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


def app_of(process: Process) -> App:
    """What a process runs."""
    return cast(App, process.app)
