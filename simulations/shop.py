"""A whole shop in virtual time: the real flow code, a simulated Stripe, a shelf, a carrier, and the roads to them."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from payflows.actors import Merchant
from payflows.app import build_app
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import PriceList
from payflows.crew import Work
from payflows.errors import UnknownOrder
from payflows.goods import Address, Quantity, Shipment, ShipmentStatus
from payflows.inmemory.carrier import InMemoryCarrier
from payflows.inmemory.inventory import InMemoryInventory
from payflows.inmemory.mailer import InMemoryMailer
from payflows.store.memory import InMemoryStore

from simulations.draws import Draws
from simulations.proxy import Call, Latency, Outage, proxied
from simulations.stripe.payments import SimulatedStripe
from simulations.world import MICROSECONDS, START, World

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
        notice_delay: how long Stripe's notices of change take; None: they never come.
        janitor_seconds: how often the janitor and the outbox run; None: only when asked.
        pickup_seconds: from booking a parcel until the carrier has it.
        transit_seconds: from then until it is delivered.
        refuses: countries that the carrier does not serve.
        start: when the world begins.
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
        notice_delay: Latency | None = None,
        janitor_seconds: int | None = 20,
        pickup_seconds: int = 0,
        transit_seconds: int = 2 * 86_400,
        refuses: Iterable[str] = (),
        start: datetime = START,
    ) -> None:
        self.draws = draws or Draws(0)
        self.policy = policy or CheckoutPolicy()
        self.world = World(start)
        self.stripe = SimulatedStripe(self.world)
        self.store = InMemoryStore()
        self.mailer = InMemoryMailer()
        self.inventory = InMemoryInventory(stock, clock=self.world)
        self.carrier = _NoticingCarrier(
            self, pickup_seconds=pickup_seconds, transit_seconds=transit_seconds, refuses=tuple(refuses)
        )
        self.calls: list[Call] = []
        weather = outage.weather(self.draws) if outage else None
        road = partial(proxied, world=self.world, draws=self.draws, calls=self.calls)
        self.app = build_app(
            prices=prices,
            gateway=road(self.stripe, "stripe", latency=gateway_latency, weather=weather),
            inventory=road(self.inventory, "inventory", latency=shelf_latency),
            carrier=road(self.carrier, "carrier", latency=shelf_latency),
            merchant=MERCHANT,
            policy=self.policy,
            store=self.store,
            mailer=self.mailer,
            clock=self.world,
            crew=_VirtualCrew(self.world),
        )
        self.flow = self.app.checkout
        if notice_delay is not None:
            self.stripe.on_change(_Notices(self, notice_delay))
        if janitor_seconds is not None:
            self.world.start(self._look_around(janitor_seconds), name="janitor")

    async def look_around_once(self) -> int:
        """What the janitor and the outbox do each time; how many orders were due."""
        looked_at = await self.flow.janitor(MERCHANT)
        await self.app.outbox.deliver()
        return looked_at

    async def tell_of_payment(self, payment_id: str) -> None:
        """Stripe's notice that a payment has changed has come."""
        try:
            await self.flow.payment_changed(MERCHANT, payment_id)
        except UnknownOrder:
            pass  # the intent's id is not stored yet, or never will be: the order goes on without this notice

    async def tell_of_parcel(self, order_id: str) -> None:
        """The carrier's notice that a parcel has moved has come."""
        await self.flow.shipment_changed(MERCHANT, order_id)

    def unsettled(self) -> tuple[Order, ...]:
        """Orders that time alone will still move on."""
        return tuple(
            order for order in self.store.orders() if order.due_at is not None or order.status is OrderStatus.SHIPPED
        )

    async def _look_around(self, every_seconds: int) -> None:
        while True:
            await self.world.sleep(every_seconds)
            await self.look_around_once()


class _VirtualCrew:
    """Does all pieces of work at once, in virtual time. What goes wrong in one is our mistake and stops the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def do_all(self, works: Iterable[Work]) -> None:
        for task in [self._world.start(work) for work in works]:
            await self._world.join(task)


class _NoticingCarrier(InMemoryCarrier):
    """A carrier that tells when it has fetched a parcel and when it has delivered it."""

    def __init__(self, shop: Shop, *, pickup_seconds: int, transit_seconds: int, refuses: Iterable[str]) -> None:
        super().__init__(
            clock=shop.world,
            pickup_seconds=pickup_seconds,
            transit_seconds=transit_seconds,
            refuses=tuple(refuses),
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


class _Notices:
    """Stripe's notices of change: each payment's come one by one, after a while."""

    def __init__(self, shop: Shop, delay: Latency) -> None:
        self._shop = shop
        self._table_us = delay.table_us()
        self._draws = shop.draws.of("notice delay")
        self._numbers: dict[str, int] = {}

    def __call__(self, payment_id: str) -> None:
        number = self._numbers.get(payment_id, 0)
        self._numbers[payment_id] = number + 1
        delay_us = self._table_us[self._draws.bits(payment_id, number) >> 54]
        world = self._shop.world
        tell = self._shop.tell_of_payment
        world.after(delay_us / MICROSECONDS, lambda: _start(world, tell(payment_id), payment_id))


def _start(world: World, work: Coroutine[object, object, None], payment_id: str) -> None:
    world.start(work, name=f"Stripe's notice about {payment_id}")
