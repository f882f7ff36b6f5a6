"""A whole shop in virtual time: the real flow code, a simulated Stripe, a shelf, a carrier, and the roads to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from payflows.app import build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.goods import Address, Quantity, Shipment, ShipmentStatus
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import PriceList
from payflows.checks import instance_of, whole_number
from payflows.parties import Merchant
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore

from simulations.network.link import Call, Latency, Outage, over_network
from simulations.search.endpoint import WEBHOOK_SECRET, WEBHOOKS
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import SignedPost
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws
from simulations.time.runner import VirtualRunner
from simulations.time.world import START, World

MERCHANT = Merchant(id="mer_payflows")
HOME = Address(name="Ada Example", line1="1 Example Street", city="Springfield", postal_code="00000", country="US")


class Shop:
    """Everything that a checkout needs, joined and running.

    Args:
        prices: the catalogue and the terms of sale.
        stock: how many of each product are on the shelf.
        policy: how the shop lets its customers pay.
        draws: all chance; needed where something takes time or goes wrong.
        gateway_latency: how long Stripe takes; None for no time at all.
        shelf_latency: how long inventory and carrier take; None for no time at all.
        outage: when Stripe cannot be reached.
        webhooks: how Stripe's webhooks travel; None: none are sent.
        poll_seconds: how often the worker looks around; None: only when asked.
        pickup_seconds: from booking a parcel until the carrier has it.
        transit_seconds: from then until it is delivered.
        refuses: countries that the carrier does not serve.
        start: when the world begins.

    Attributes:
        settled_elsewhere: the orders whose money the merchant has given back another way than by Stripe.
    """

    def __init__(
        self,
        *,
        prices: PriceList,
        stock: Mapping[str, int],
        policy: CheckoutPolicy | None = None,
        draws: Draws | None = None,
        gateway_latency: Latency | None = None,
        shelf_latency: Latency | None = None,
        outage: Outage | None = None,
        webhooks: DeliveryConditions | None = None,
        poll_seconds: int | None = 20,
        pickup_seconds: int = 0,
        transit_seconds: int = 2 * 86_400,
        refuses: Collection[str] = (),
        start: datetime = START,
    ) -> None:
        _check_conditions(policy, draws, gateway_latency, shelf_latency, outage, webhooks, poll_seconds)
        self.draws = draws or Draws(0)
        self.policy = policy or CheckoutPolicy()
        self.world = World(start)
        self.stripe = SimulatedStripe(self.world)
        self.store = InMemoryStore()
        self.mailer = InMemoryMailer()
        self.inventory = InMemoryInventory(stock, clock=self.world)
        self.carrier = _NoticingCarrier(
            self, pickup_seconds=pickup_seconds, transit_seconds=transit_seconds, refuses=refuses
        )
        self.calls: list[Call] = []
        self.settled_elsewhere: set[str] = set()
        weather = outage.weather(self.draws) if outage else None
        road = partial(over_network, world=self.world, draws=self.draws, calls=self.calls)
        self.app = build_app(
            gateway=road(self.stripe, "stripe", latency=gateway_latency, weather=weather),
            checkout=CheckoutSetup(
                prices=prices,
                inventory=road(self.inventory, "inventory", latency=shelf_latency),
                carrier=road(self.carrier, "carrier", latency=shelf_latency),
                policy=self.policy,
            ),
            merchant=MERCHANT,
            store=self.store,
            mailer=self.mailer,
            clock=self.world,
            runner=VirtualRunner(self.world),
            webhooks=WEBHOOKS,
            poll_seconds=poll_seconds or 20,
        )
        self.flow = self.app.checkout
        assert self.app.inbox is not None and self.app.webhooks is not None, "it has webhook settings"
        self.inbox, self.webhooks = self.app.inbox, self.app.webhooks
        self.sender = self._listen_to_stripe(webhooks) if webhooks is not None else None
        if poll_seconds is not None:
            self.world.after(poll_seconds, self._start_worker)

    async def receive_webhook(self, raw_body: bytes, headers: Mapping[str, str]) -> int:
        """The shop's endpoint for Stripe: stores, answers with an HTTP status, and works after."""
        answer = await self.webhooks.receive(raw_body, headers, self.world.now())
        await self.app.worker.poll(self.inbox.name)
        return answer.status

    async def tell_of_parcel(self, order_id: str) -> None:
        """The carrier's notice that a parcel has moved has come."""
        await self.flow.shipment_changed(MERCHANT, order_id)

    def unsettled(self) -> tuple[Order, ...]:
        """Orders that time alone will still move on."""
        return tuple(
            order for order in self.store.all(ORDERS) if order.due_at is not None or order.status is OrderStatus.SHIPPED
        )

    def _listen_to_stripe(self, conditions: DeliveryConditions) -> WebhookSender:
        post = SignedPost(self.receive_webhook, [WEBHOOK_SECRET])
        return WebhookSender(self.stripe, self.world, post, draws=self.draws, conditions=conditions)

    def _start_worker(self) -> None:
        self.world.start(self.app.worker.run(), name="worker")


def _check_conditions(
    policy: CheckoutPolicy | None,
    draws: Draws | None,
    gateway_latency: Latency | None,
    shelf_latency: Latency | None,
    outage: Outage | None,
    webhooks: DeliveryConditions | None,
    poll_seconds: int | None,
) -> None:
    instance_of("policy", policy, CheckoutPolicy, None)
    instance_of("draws", draws, Draws, None)
    instance_of("gateway_latency", gateway_latency, Latency, None)
    instance_of("shelf_latency", shelf_latency, Latency, None)
    instance_of("outage", outage, Outage, None)
    instance_of("webhooks", webhooks, DeliveryConditions, None)
    if poll_seconds is not None:
        whole_number("poll_seconds", poll_seconds, least=1)


class _NoticingCarrier(InMemoryCarrier):
    """A carrier that tells when it has fetched a parcel and when it has delivered it."""

    def __init__(self, shop: Shop, *, pickup_seconds: int, transit_seconds: int, refuses: Collection[str]) -> None:
        super().__init__(
            clock=shop.world,
            pickup_seconds=pickup_seconds,
            transit_seconds=transit_seconds,
            refuses=refuses,
        )
        self._shop = shop
        self._notices = (pickup_seconds, pickup_seconds + transit_seconds)

    async def book(self, order_id: str, *, goods: Sequence[Quantity], address: Address) -> Shipment:
        is_new = order_id not in self._shipments
        shipment = await super().book(order_id, goods=goods, address=address)
        if is_new and shipment.status is not ShipmentStatus.REFUSED:
            for seconds in self._notices:
                if seconds > 0:
                    self._shop.world.after(seconds, lambda: self._tell(order_id))
        return shipment

    def _tell(self, order_id: str) -> None:
        self._shop.world.start(self._shop.tell_of_parcel(order_id), name=f"the carrier's notice about {order_id}")
