"""Subscriptions in a universe, with all that they depend on: store, mail and the simulated Stripe.

What people do with them is in `stories` and `races`, what must hold of them in `verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar, cast

from payflows.app import App, build_app
from payflows.clock import Clock
from payflows.errors import AlreadyExists, PayflowsError, VersionConflict
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store
from payflows.payments.gateway import PaymentGateway
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

from simulations.search.app_system import COMMON_PORTS, AppSettings, AppSystem
from simulations.search.counting import count_each
from simulations.search.endpoint import WEBHOOKS
from simulations.search.ports import Port, Role
from simulations.search.process import Process
from simulations.search.universe import Universe
from simulations.subscriptions.catalogue import MERCHANT, PLANS, offer

T = TypeVar("T")


class PaymentsAndBilling(PaymentGateway, BillingGateway, Protocol):
    """Stripe, as subscriptions need it: payments and billing."""


PORTS: Mapping[str, Port] = {
    "gateway": Port("stripe", Role.STRIPE, PaymentsAndBilling),
    **COMMON_PORTS,
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


@dataclass(frozen=True, slots=True)
class Settings(AppSettings):
    """How a universe differs from the usual one.

    Attributes:
        policy: the merchant's.
    """

    policy: SubscriptionPolicy = IMPATIENT


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
    count_each(app.bus, EventType)
    return app


class SubscriptionSystem(AppSystem[App]):
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

    ports = PORTS

    end_was_asked = False
    """Whether someone wanted one to end."""
    was_kept = False
    """Whether someone took back that one ends with its period."""
    paid_by_hand = 0
    """How often someone paid on Stripe's page."""

    def __init__(
        self,
        universe: Universe,
        settings: Settings = Settings(),
        *,
        factory: Factory = our_subscriptions,
    ) -> None:
        super().__init__(universe, settings)
        self.settings = settings
        offer(self.stripe)
        self.answers: list[Subscription] = []
        self.conflicts: list[PayflowsError] = []
        self.confirmed: list[PlanPreview] = []
        self.plans_by_hand: set[str] = set()
        self.used: dict[str, int] = {}
        self.cancelled_at: dict[str, datetime] = {}
        self._factory = factory
        self.begin()

    # As a system under test.

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

    # For stories, races and checkers.

    @property
    def subscription(self) -> Subscription | None:
        """The newest subscription as stored; None where there is none."""
        return next(iter(reversed(list(self.store.all(SUBSCRIPTIONS)))), None)

    @property
    def policy(self) -> SubscriptionPolicy:
        """The merchant's."""
        return self.settings.policy


def app_of(process: Process) -> App:
    """What a process runs."""
    return cast(App, process.app)
