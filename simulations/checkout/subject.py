"""The checkout that is searched: what it is given to work with, in which shop, and who builds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from payflows.app import App, build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.clock import Clock
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store
from payflows.payments.gateway import PaymentGateway

from simulations.checkout.protocols import Searchable
from simulations.checkout.scripted_shop import PRICES, STOCK
from simulations.checkout.shop import MERCHANT
from simulations.checkout.webhooks import subscribe_to_all
from simulations.search.app_system import AppSettings
from simulations.search.endpoint import WEBHOOKS

IMPATIENT = CheckoutPolicy(
    hold_seconds=600,
    deadline_seconds=1_200,
    retry=RetryPolicy(inline_tries=2, first_delay_seconds=60),
)
"""A shop that gives up soon: the fewer tries it makes, the shorter are its universes, and the fewer
faults it takes to spend all its tries."""


class Ports(NamedTuple):
    """What a checkout is given to work with; each call through them may be struck."""

    gateway: PaymentGateway
    inventory: Inventory
    carrier: Carrier
    mailer: Mailer
    store: Store
    clock: Clock


@dataclass(frozen=True, slots=True)
class Settings(AppSettings):
    """How a universe differs from the usual one.

    Attributes:
        policy: the shop's.
        stock: what is on the shelf.
        pickup_seconds: from booking a parcel until the carrier has it.
        refuses: countries that the carrier does not serve.
        listens: webhooks come to its door, and handlers hear its business events.
    """

    policy: CheckoutPolicy = IMPATIENT
    stock: tuple[tuple[str, int], ...] = tuple(STOCK.items())
    pickup_seconds: int = 0
    refuses: tuple[str, ...] = ()
    listens: bool = field(default=False, kw_only=True)


Factory = Callable[[Ports, Settings], Searchable]
"""Builds the checkout that is searched, on ports that may fail; called again after every crash."""


def our_checkout(ports: Ports, settings: Settings) -> App:
    """The checkout of this project."""
    app = build_app(
        gateway=ports.gateway,
        checkout=CheckoutSetup(prices=PRICES, inventory=ports.inventory, carrier=ports.carrier, policy=settings.policy),
        merchant=MERCHANT,
        store=ports.store,
        mailer=ports.mailer,
        clock=ports.clock,
        webhooks=WEBHOOKS if settings.listens else None,
    )
    return subscribe_to_all(app) if settings.listens else app
