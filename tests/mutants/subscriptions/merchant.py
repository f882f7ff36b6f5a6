"""Our subscriptions with some of their parts exchanged, so that a bug can be planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from payflows import app as apps
from payflows.app import App
from payflows.clock import Clock
from payflows.kernel.store import Store
from payflows.parties import Merchant
from payflows.payments.gateway import PaymentGateway
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.flow import SaaSSubscriptionFlow
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.steps import Parts, SubscriptionEngine
from simulations.search.counting import count_each
from simulations.search.endpoint import WEBHOOKS
from simulations.subscriptions.catalogue import MERCHANT, PLANS
from simulations.subscriptions.system import Ports, Settings


def as_they_are(ports: Ports) -> Ports:
    return ports


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A factory of subscriptions in which some parts are not what they should be."""

    ports: Callable[[Ports], Ports] = as_they_are
    parts: Parts = Parts()
    context: type[StepContext] = StepContext
    engine: type[SubscriptionEngine] = SubscriptionEngine
    flow: type[SaaSSubscriptionFlow] = SaaSSubscriptionFlow

    def __call__(self, ports: Ports, settings: Settings) -> App:
        ports = self.ports(ports)
        setup = _Setup(plans=PLANS, billing=ports.billing, policy=settings.policy)
        object.__setattr__(setup, "variant", self)
        app = apps.build_app(
            gateway=ports.gateway,
            subscriptions=setup,
            merchant=MERCHANT,
            store=ports.store,
            mailer=ports.mailer,
            clock=ports.clock,
            webhooks=WEBHOOKS if settings.listens else None,
        )
        count_each(app.bus, EventType)
        return app


class _Setup(SubscriptionSetup):
    """What subscriptions need, and which of their parts are not the usual ones."""

    variant: Variant

    def flow(self, *, merchant: Merchant, store: Store, gateway: PaymentGateway, clock: Clock) -> SaaSSubscriptionFlow:
        given: dict[str, Any] = {"store": store, "payments": gateway, "billing": self.billing, "clock": clock}
        context = self.variant.context.over(**given, policy=self.policy, plans=self.plans)
        engine = self.variant.engine(context, self.variant.parts)
        return self.variant.flow(merchant=merchant, plans=self.plans, policy=self.policy, **given, engine=engine)
