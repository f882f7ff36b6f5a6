"""A bug about who has to come back: the order depends on the customer's browser. Others have files of their own."""

from __future__ import annotations

from collections.abc import Sequence

from payflows.checkout.goods import Address
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.pricing import CartItem
from payflows.errors import NotFound
from payflows.kernel.evolve import evolve
from payflows.parties import Actor, Customer
from payflows.payments.model import PaymentStatus

from simulations.checkout.incidents.exhibit import Exhibit
from simulations.checkout.incidents.scene import Scene
from simulations.checkout.naive import SILENT_ORDERS, NaiveCheckout, with_payment
from simulations.checkout.scripted_shop import ADA, THREE_D_SECURE
from simulations.checkout.stories import AUTOMATIC_CAPTURE
from simulations.checkout.subject import Ports, Settings
from simulations.incidents.exhibit import Promise, Thread


class OrdersOnReturn(NaiveCheckout):
    """Keeps a cart while its customer pays, and makes an order of it when they come back."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        super().__init__(ports, settings)
        self._carts: dict[str, Order] = {}

    async def process_checkout(
        self,
        customer: Customer,
        checkout_id: str,
        *,
        cart: Sequence[CartItem],
        payment_method: str,
        shipping_address: Address,
    ) -> Order:
        """Take the payment for the cart; where the bank asks, the rest is done when the customer comes back."""
        wanted = self.wanted(customer, checkout_id, cart, payment_method, shipping_address)
        if not await self.hold(wanted):
            return evolve(wanted, status=OrderStatus.CANCELLED)
        payment = await self.make_payment(wanted)
        kept = self._carts[wanted.id] = with_payment(wanted, payment.id)
        payment = await self.confirm(kept, payment)
        if payment.status is PaymentStatus.SUCCEEDED:
            return await self._make_order(kept)
        return evolve(kept, status=OrderStatus.CUSTOMER_ACTION)

    async def advance(self, actor: Actor, order_id: str) -> Order | None:
        """The customer is back: here the order is made, and nowhere else."""
        if order_id not in self._carts:
            raise NotFound("no such cart")
        return await self._make_order(self._carts[order_id])

    async def _make_order(self, kept: Order) -> Order:
        order = await self.ports.store.add(SILENT_ORDERS, kept)
        order = await self.move(order, OrderStatus.INVENTORY_RESERVED)
        return await self.follow(await self.move(order, OrderStatus.PAYMENT_PROCESSING))


def _close_the_browser(scene: Scene) -> None:
    order = scene.buys(ADA, card=THREE_D_SECURE)
    scene.waits(minutes=2)
    scene.passes_the_bank(ADA, order)
    scene.note("ada closes the browser")
    scene.waits(minutes=1)
    scene.webhook(order)
    scene.waits(minutes=120)


EXHIBITS = (
    Exhibit(
        name="the closed browser",
        bug="The order is made when the customer comes back from paying; who closes the browser has paid for nothing.",
        thread=Thread("medusajs/medusa", 13301),
        liberties="The thread is about a payment that is captured twice; this is how a comment of 13 November 2025 "
        "in it explains orders that are missing. What we could read of the thread does not confirm it.",
        promise=Promise("I1", "all money that Stripe holds for us belongs to an order that is fulfilled"),
        tell=_close_the_browser,
        buggy=OrdersOnReturn,
        settings=AUTOMATIC_CAPTURE,
    ),
)
