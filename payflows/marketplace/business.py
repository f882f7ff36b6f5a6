"""A marketplace as a business of an app: what only it needs, and how it is joined to the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from payflows.checks import implements, instance_of
from payflows.clock import Clock
from payflows.kernel.business import Advancing, Business
from payflows.kernel.store import Store
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.flow import MarketplacePaymentFlow
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.messages import DISPUTES, MOVEMENTS, PAYOUTS, SALES, VENDORS, EventType
from payflows.marketplace.policy import MarketplacePolicy
from payflows.parties import Merchant
from payflows.payments.gateway import PaymentGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketplaceSetup:
    """What a marketplace needs beside Stripe's payments and a store.

    Attributes:
        fees: what the platform keeps.
        connect: Stripe Connect.
        policy: refunds, payouts, deadlines and retries.

    Raises:
        InvalidPolicy: a part of another type.
    """

    fees: FeeSchedule
    connect: MarketplaceGateway
    policy: MarketplacePolicy = field(default_factory=MarketplacePolicy)

    def __post_init__(self) -> None:
        instance_of("fees", self.fees, FeeSchedule)
        implements("connect", self.connect, MarketplaceGateway)
        instance_of("policy", self.policy, MarketplacePolicy)

    def flow(
        self, *, merchant: Merchant, store: Store, gateway: PaymentGateway, clock: Clock
    ) -> MarketplacePaymentFlow:
        """Make the flow."""
        return MarketplacePaymentFlow(
            merchant=merchant,
            fees=self.fees,
            policy=self.policy,
            store=store,
            payments=gateway,
            connect=self.connect,
            clock=clock,
        )


def marketplace_business(flow: MarketplacePaymentFlow, merchant: Merchant) -> Business:
    """Return the marketplace as the app joins it."""
    return Business(
        advancing=(
            Advancing(VENDORS, flow.advance_vendor),
            Advancing(SALES, flow.advance),
            Advancing(MOVEMENTS, flow.advance_movement),
            Advancing(DISPUTES, flow.advance_dispute),
            Advancing(PAYOUTS, flow.advance_payout),
        ),
        event_types=EventType,
        on_subject={
            "payment": partial(flow.payment_changed, merchant),
            "charge": partial(flow.charge_changed, merchant),
            "transfer_group": partial(flow.transfer_changed, merchant),
        },
        on_connected={
            "account": lambda _, account_id: flow.account_changed(merchant, account_id),
            "payout": partial(flow.payout_changed, merchant),
        },
    )
