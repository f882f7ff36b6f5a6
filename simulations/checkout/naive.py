"""A checkout as one would write it at first, for teaching: it sells, and trusts every answer. Nothing real uses it.

It is the manner of much shop code: one step after another inside a `try`, everything rolled back where anything goes
wrong. It takes silence for failure, asks under a new key each time, and nobody comes back to what was left half done.
What it sells, and to whom, is decided as in our own checkout; only its way through the calls differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from payflows.checkout.goods import Address, HoldStatus
from payflows.checkout.messages import MailKind
from payflows.checkout.model import Order, OrderStatus, Purchase
from payflows.checkout.pricing import CartItem
from payflows.clock import SECOND
from payflows.errors import PayflowsError
from payflows.kernel.changes import Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import Mail
from payflows.parties import Customer
from payflows.payments.charge import Attempt, Charge
from payflows.payments.model import CaptureMode

from simulations.checkout.incidents.plain_shop import SILENT_ORDERS, with_payment
from simulations.checkout.protocols import MinimalCheckout
from simulations.checkout.scripted_shop import PRICES
from simulations.checkout.shop import MERCHANT
from simulations.checkout.subject import Ports, Settings

_WAY_BACK = {
    OrderStatus.PENDING: (OrderStatus.CANCELLED,),
    OrderStatus.INVENTORY_RESERVED: (OrderStatus.ABANDONING, OrderStatus.CANCELLED),
    OrderStatus.PAYMENT_PROCESSING: (OrderStatus.ABANDONING, OrderStatus.CANCELLED),
    OrderStatus.PAID: (OrderStatus.REFUNDING, OrderStatus.CANCELLED),
}
"""From each status to *cancelled*, the shortest way that the store allows. From *shipped* it allows none."""


class OutOfStock(PayflowsError):
    """There is less on the shelf than was asked for."""


class NaiveCheckout(MinimalCheckout):
    """Sells a cart in one go: order, stock, payment, parcel, mail; or rolls all of it back.

    Args:
        ports: what it works with.
        settings: for how long stock is held.
    """

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._policy = settings.policy
        self._keys = 0

    async def process_checkout(
        self,
        customer: Customer,
        checkout_id: str,
        *,
        cart: Sequence[CartItem],
        payment_method: str,
        shipping_address: Address,
    ) -> Order:
        """Buy a cart.

        Returns:
            The shipped order; *cancelled* is what the customer is told after any trouble, whatever became of it.
        """
        order = await self._create_order(customer, checkout_id, cart, payment_method, shipping_address)
        try:
            order = await self._reserve_stock(order)
            order = await self._charge(order)
            order = await self._ship(order)
            await self._mail(order)
        except Exception:
            await self._roll_back(order)
            return evolve(order, status=OrderStatus.CANCELLED)
        return order

    async def _create_order(
        self, customer: Customer, checkout_id: str, cart: Sequence[CartItem], payment_method: str, address: Address
    ) -> Order:
        now = self._ports.clock.now()
        deadline_at = now + self._policy.deadline_seconds * SECOND
        order_id, price = f"ord_{customer.id}_{checkout_id}", PRICES.price(cart)
        order = Order(
            id=order_id,
            purchase=Purchase(MERCHANT.id, checkout_id, customer, price, address, now, deadline_at),
            status=OrderStatus.PENDING,
            changed_at=now,
            charge=Charge(owner_id=order_id, amount=price.total, attempt=Attempt(1, payment_method)),
        )
        return await self._ports.store.add(SILENT_ORDERS, order)

    async def _reserve_stock(self, order: Order) -> Order:
        expires_at = self._ports.clock.now() + self._policy.hold_seconds * SECOND
        hold = await self._ports.inventory.hold(order.id, order.purchase.price.goods, expires_at=expires_at)
        if hold.status is not HoldStatus.HELD:
            raise OutOfStock(f"{order.id}: {hold.status}")
        return await self._update_status(order, OrderStatus.INVENTORY_RESERVED)

    async def _charge(self, order: Order) -> Order:
        order = await self._update_status(order, OrderStatus.PAYMENT_PROCESSING)
        payment = await self._ports.gateway.create_payment(
            order.id,
            amount=order.purchase.price.total,
            capture=CaptureMode.AUTOMATIC,
            stripe_customer_id=order.purchase.customer.stripe_customer_id,
            key=self._new_key(order),
        )
        card = order.attempt.payment_method
        await self._ports.gateway.confirm_payment(payment.id, payment_method=card, key=self._new_key(order))
        return await self._update_status(with_payment(order, payment.id), OrderStatus.PAID)

    async def _ship(self, order: Order) -> Order:
        goods, address = order.purchase.price.goods, order.purchase.address
        await self._ports.inventory.commit(order.id)
        await self._ports.carrier.book(order.id, goods=goods, address=address)
        await self._ports.inventory.ship(order.id)
        return await self._update_status(order, OrderStatus.SHIPPED)

    async def _mail(self, order: Order) -> None:
        mail = Mail(f"{order.id}:confirmed", MailKind.ORDER_CONFIRMED, order.id, order.changed_at, SILENT_ORDERS.name)
        await self._ports.mailer.send(mail, to=order.purchase.customer.email)

    async def _roll_back(self, order: Order) -> None:
        await self._ports.inventory.release(order.id)
        stored = await self._ports.store.get(SILENT_ORDERS, order.id)
        for status in _WAY_BACK.get(stored.status, ()):
            stored = await self._update_status(stored, status)

    async def _update_status(self, order: Order, status: OrderStatus) -> Order:
        now = self._ports.clock.now()
        after = evolve(order, status=status, version=order.version + 1, changed_at=now)
        await self._ports.store.change(Replace(SILENT_ORDERS, order, after))
        return after

    def _new_key(self, order: Order) -> str:
        self._keys += 1
        return f"{order.id}:call-{self._keys}"


def naive_checkout(ports: Ports, settings: Settings) -> NaiveCheckout:
    """The checkout as one would write it at first; a factory for the search."""
    return NaiveCheckout(ports, settings)
