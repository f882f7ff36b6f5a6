"""Our marketplace with some of its parts exchanged, so that a bug can be planted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from payflows import app as apps
from payflows.app import App
from payflows.clock import Clock
from payflows.kernel.store import Store
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.flow import MarketplacePaymentFlow
from payflows.marketplace.messages import EventType
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.steps import MarketplaceEngine, Parts
from payflows.parties import Merchant
from payflows.payments.gateway import PaymentGateway
from simulations.marketplace.scripted_marketplace import PLATFORM
from simulations.marketplace.system import Ports, Settings
from simulations.search.counting import count_each
from simulations.search.endpoint import CONNECTED_WEBHOOKS, WEBHOOKS


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A factory of marketplaces in which some parts are not what they should be."""

    parts: Parts = Parts()
    engine: type[MarketplaceEngine] = MarketplaceEngine
    flow: type[MarketplacePaymentFlow] = MarketplacePaymentFlow

    def __call__(self, ports: Ports, settings: Settings) -> App:
        setup = _Setup(fees=settings.fees, connect=ports.connect, policy=settings.policy)
        object.__setattr__(setup, "variant", self)
        app = apps.build_app(
            gateway=ports.gateway,
            marketplace=setup,
            merchant=PLATFORM,
            store=ports.store,
            mailer=ports.mailer,
            clock=ports.clock,
            webhooks=WEBHOOKS if settings.listens else None,
            connected_webhooks=CONNECTED_WEBHOOKS if settings.listens_for_accounts else None,
        )
        count_each(app.bus, EventType)
        return app


class _Setup(MarketplaceSetup):
    """What a marketplace needs, and which of its parts are not the usual ones."""

    variant: Variant

    def flow(
        self, *, merchant: Merchant, store: Store, gateway: PaymentGateway, clock: Clock
    ) -> MarketplacePaymentFlow:
        given: dict[str, Any] = {
            "store": store,
            "payments": gateway,
            "connect": self.connect,
            "clock": clock,
            "policy": self.policy,
            "fees": self.fees,
        }
        engine = self.variant.engine(StepContext.over(**given), self.variant.parts)
        return self.variant.flow(merchant=merchant, **given, engine=engine)
