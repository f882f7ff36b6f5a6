"""Bugs about goods that run out while a customer pays: when stock is read, and what is done with the money then."""

from __future__ import annotations

from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.clock import SECOND
from payflows.payments.model import CaptureMode

from simulations.checkout.incidents.exhibit import Exhibit
from simulations.checkout.incidents.scene import Scene
from simulations.checkout.naive import NaiveCheckout
from simulations.checkout.scripted_shop import ADA, BOB, THREE_D_SECURE
from simulations.checkout.subject import Ports, Settings
from simulations.incidents.exhibit import Promise, Thread

ONE_LAMP = Settings(CheckoutPolicy(capture=CaptureMode.AUTOMATIC), stock=(("mug", 10), ("lamp", 1)))


class KeepsTheMoney(NaiveCheckout):
    """Looks at the shelf again after the payment, says that the goods are gone, and leaves the payment alone."""

    async def goods_are_gone(self, order: Order) -> Order:
        """Cancel the order, and do nothing about the money."""
        order = await self.move(order, OrderStatus.REFUNDING, reason=Reason.STOCK_GONE)
        return await self.move(order, OrderStatus.CANCELLED, reason=Reason.STOCK_GONE)


class HoldsOnce(NaiveCheckout):
    """Holds the goods when the checkout begins, for a quarter of an hour, however long the payment takes."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        super().__init__(ports, settings)
        self.hold_seconds = settings.policy.hold_seconds

    async def goods_are_gone(self, order: Order) -> Order:
        """The checkout cannot be completed, and stays as it is."""
        return order


class CountsFirst(NaiveCheckout):
    """Looks at the number in stock before the payment, and takes the goods from the shelf after it."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        super().__init__(ports, settings)
        self._in_stock = dict(settings.stock)

    async def hold(self, order: Order) -> bool:
        """Whether there is enough, as the shop's own count has it. Nothing is set aside."""
        return all(self._in_stock[product] >= quantity for product, quantity in order.purchase.price.goods)

    async def fulfil(self, order: Order) -> Order:
        """Take the goods now, in one step, or find that another customer has them."""
        soon = self.ports.clock.now() + self.hold_seconds * SECOND
        await self.ports.inventory.hold(order.id, order.purchase.price.goods, expires_at=soon)
        order = await super().fulfil(order)
        if order.status is OrderStatus.SHIPPED:
            for product, quantity in order.purchase.price.goods:
                self._in_stock[product] -= quantity
        return order

    async def goods_are_gone(self, order: Order) -> Order:
        """The order cannot be set up, and stays as it is."""
        return order


def _break_the_lamp(scene: Scene) -> None:
    order = scene.buys(ADA, "lamp", card=THREE_D_SECURE)
    assert order is not None, "there is a lamp"
    scene.waits(minutes=2)
    scene.loses("lamp", order)
    scene.waits(minutes=1)
    scene.passes_the_bank(ADA, order)
    scene.comes_back(ADA, order)
    scene.waits(minutes=120)


def _take_long_at_the_bank(scene: Scene) -> None:
    order = scene.buys(ADA, "lamp", card=THREE_D_SECURE)
    scene.waits(minutes=16)
    scene.buys(BOB, "lamp")
    scene.waits(minutes=4)
    scene.passes_the_bank(ADA, order)
    scene.comes_back(ADA, order)
    scene.waits(minutes=120)


def _buy_the_last_one_together(scene: Scene) -> None:
    scene.buy_concurrently(ADA, BOB, "lamp")
    scene.waits(minutes=120)


EXHIBITS = (
    Exhibit(
        name="sold out after paying",
        bug="The goods turn out to be gone when a paid checkout is completed; it fails, and the money stays.",
        thread=Thread("saleor/saleor", 14733),
        liberties="In the thread the stock is set to 0 by hand, and the checkout fails; here the order is cancelled.",
        promise=Promise("I1", "no money is kept for an order that is cancelled"),
        tell=_break_the_lamp,
        buggy=KeepsTheMoney,
        settings=ONE_LAMP,
    ),
    Exhibit(
        name="the reservation that ran out",
        bug="The goods are reserved for a fixed time, and sold to others while their customer is still paying.",
        thread=Thread("saleor/saleor", 15246),
        liberties="The thread foresees this and asks for a longer reservation; the sixteen minutes and bob are ours.",
        promise=Promise("I14", "no order rests half done without a review"),
        tell=_take_long_at_the_bank,
        buggy=HoldsOnce,
        settings=ONE_LAMP,
    ),
    Exhibit(
        name="the last one, sold twice",
        bug="Stock is looked at before the payment and taken after it, so two customers pay for the last one.",
        thread=Thread("FOSSBilling/FOSSBilling", 4130),
        liberties="There it is an order for a subscription, set up once it is paid; here it is a parcel.",
        promise=Promise("I1", "all money that Stripe holds for us belongs to an order that is fulfilled"),
        tell=_buy_the_last_one_together,
        buggy=CountsFirst,
        settings=ONE_LAMP,
    ),
)
