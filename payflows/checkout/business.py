"""The checkout as a business of an app: what only it needs, and how it is joined to the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.checkout.pricing import PriceList
from payflows.checks import implements, instance_of
from payflows.clock import Clock
from payflows.kernel.business import Advancing, Business
from payflows.kernel.store import Store
from payflows.parties import Merchant
from payflows.payments.gateway import PaymentGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutSetup:
    """What a checkout needs beside Stripe and a store.

    Attributes:
        prices: the catalogue and the terms of sale.
        inventory: the shelf.
        carrier: brings the parcels.
        policy: capture, cards, deadlines and retries.

    Raises:
        InvalidPolicy: a part of another type.
    """

    prices: PriceList
    inventory: Inventory
    carrier: Carrier
    policy: CheckoutPolicy = field(default_factory=CheckoutPolicy)

    def __post_init__(self) -> None:
        instance_of("prices", self.prices, PriceList)
        implements("inventory", self.inventory, Inventory)
        implements("carrier", self.carrier, Carrier)
        instance_of("policy", self.policy, CheckoutPolicy)

    def flow(self, *, merchant: Merchant, store: Store, gateway: PaymentGateway, clock: Clock) -> EcommercePaymentFlow:
        """Make the flow."""
        return EcommercePaymentFlow(
            merchant=merchant,
            prices=self.prices,
            policy=self.policy,
            store=store,
            gateway=gateway,
            inventory=self.inventory,
            carrier=self.carrier,
            clock=clock,
        )


def checkout_business(flow: EcommercePaymentFlow, merchant: Merchant) -> Business:
    """Return the checkout as the app joins it."""
    return Business(
        advancing=(Advancing(ORDERS, partial(flow.advance, merchant)),),
        event_types=EventType,
        on_subject={"payment": partial(flow.payment_changed, merchant)},
    )
