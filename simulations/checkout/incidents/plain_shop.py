"""The checkout that every buggy shop of the museum begins with. It has no flaw of its own, and nothing beyond a sale.

It sells in one go, or in two where the bank asks; each shop overrides the one or two steps in which its bug lives. What
it sells, and to whom, is decided as in our own checkout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from payflows.app import App
from payflows.checkout.goods import Address, HoldStatus, ShipmentStatus
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import TRANSITIONS, Order, OrderStatus, Purchase, Reason
from payflows.checkout.pricing import CartItem
from payflows.clock import SECOND
from payflows.kernel.aggregate import Kind
from payflows.kernel.changes import Replace
from payflows.kernel.evolve import evolve
from payflows.parties import Actor, Customer, Merchant
from payflows.payments.charge import Attempt, Charge
from payflows.payments.model import Payment, PaymentStatus

from simulations.checkout.protocols import MinimalCheckout
from simulations.checkout.scripted_shop import PRICES
from simulations.checkout.shop import MERCHANT
from simulations.checkout.subject import Factory, Ports, Settings

_UNPAID = (OrderStatus.PAYMENT_PROCESSING, OrderStatus.CUSTOMER_ACTION, OrderStatus.AUTHORISED)


SILENT_ORDERS = Kind(name=ORDERS.name, aggregate_type=Order, transitions=TRANSITIONS)
"""Orders of a checkout that announces nothing: it has no outbox."""


def with_payment(order: Order, payment_id: str) -> Order:
    """Return the order, its payment's id stored with it."""
    return evolve(order, charge=evolve(order.charge, payment_id=payment_id))


class PlainCheckout(MinimalCheckout):
    """Sells a cart: hold the goods, take the payment, hand the parcel over.

    Args:
        ports: what it works with.
        settings: the shop.
    """

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self.ports = ports
        self.settings = settings
        self.hold_seconds = settings.policy.deadline_seconds

    async def process_checkout(
        self,
        customer: Customer,
        checkout_id: str,
        *,
        cart: Sequence[CartItem],
        payment_method: str,
        shipping_address: Address,
    ) -> Order:
        """Buy a cart; the order as it stands once the bank has answered, or asks."""
        wanted = self.wanted(customer, checkout_id, cart, payment_method, shipping_address)
        order = await self.ports.store.add(SILENT_ORDERS, wanted)
        return await self.sell(order)

    async def sell(self, order: Order) -> Order:
        """All that there is to do about a new order."""
        if not await self.hold(order):
            return await self.move(order, OrderStatus.CANCELLED, reason=Reason.OUT_OF_STOCK)
        order = await self.move(order, OrderStatus.INVENTORY_RESERVED)
        payment = await self.make_payment(order)
        order = await self.move(with_payment(order, payment.id), OrderStatus.PAYMENT_PROCESSING)
        await self.confirm(order, payment)
        return await self.follow(order)

    async def hold(self, order: Order) -> bool:
        """Set the goods aside; False where they are not there."""
        expires_at = self.ports.clock.now() + self.hold_seconds * SECOND
        hold = await self.ports.inventory.hold(order.id, order.purchase.price.goods, expires_at=expires_at)
        return hold.status is HoldStatus.HELD

    async def make_payment(self, order: Order, *, key: str = "create") -> Payment:
        """Make a payment of the order; it moves no money yet."""
        return await self.ports.gateway.create_payment(
            order.id,
            amount=order.purchase.price.total,
            capture=self.settings.policy.capture,
            stripe_customer_id=order.purchase.customer.stripe_customer_id,
            key=order.charge.key(key),
        )

    async def confirm(self, order: Order, payment: Payment) -> Payment:
        """Try the card. A decline is the end of it."""
        card, key = order.attempt.payment_method, order.charge.key(f"confirm {payment.id}")
        return await self.ports.gateway.confirm_payment(payment.id, payment_method=card, key=key)

    async def follow(self, order: Order) -> Order:
        """Go where the payment is."""
        if order.status not in _UNPAID or order.payment_id is None:
            return order
        payment = await self.ports.gateway.retrieve_payment(order.payment_id)
        if payment.status is PaymentStatus.REQUIRES_ACTION and order.status is OrderStatus.PAYMENT_PROCESSING:
            return await self.move(order, OrderStatus.CUSTOMER_ACTION)
        if payment.status is PaymentStatus.REQUIRES_CAPTURE:
            if order.status is not OrderStatus.AUTHORISED:
                order = await self.move(order, OrderStatus.AUTHORISED)
            await self.ports.inventory.commit(order.id)
            payment = await self.ports.gateway.capture_payment(payment.id, key=order.charge.key("capture"))
        if payment.status is PaymentStatus.SUCCEEDED:
            return await self.fulfil(await self.move(order, OrderStatus.PAID))
        return order

    async def fulfil(self, order: Order) -> Order:
        """Take the goods from the shelf and hand them over."""
        hold = await self.ports.inventory.commit(order.id)
        if hold.status is not HoldStatus.COMMITTED:
            return await self.goods_are_gone(order)
        goods, address = order.purchase.price.goods, order.purchase.address
        shipment = await self.ports.carrier.book(order.id, goods=goods, address=address)
        if shipment.status is not ShipmentStatus.TAKEN:
            return order
        await self.ports.inventory.ship(order.id)
        return await self.move(order, OrderStatus.SHIPPED)

    async def goods_are_gone(self, order: Order) -> Order:
        """A paid order that cannot be fulfilled: the money goes back."""
        payment_id = order.payment_id
        assert payment_id is not None, "it is paid"
        order = await self.move(order, OrderStatus.REFUNDING, reason=Reason.STOCK_GONE)
        await self.ports.gateway.refund_payment(payment_id, order_id=order.id, key=order.charge.key("refund"))
        return await self.move(order, OrderStatus.CANCELLED, reason=Reason.STOCK_GONE)

    async def advance(self, actor: Actor, order_id: str) -> Order | None:
        """The customer comes back."""
        return await self.follow(await self.ports.store.get(SILENT_ORDERS, order_id))

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order | None:
        """A webhook has come. Of an order that is not known it is dropped (`NotFound`)."""
        return await self.follow(await self.ports.store.find(SILENT_ORDERS, payment_id))

    async def shipment_changed(self, merchant: Merchant, order_id: str) -> Order | None:
        """The carrier has fetched a parcel."""
        order = await self.ports.store.get(SILENT_ORDERS, order_id)
        return await self.fulfil(order) if order.status is OrderStatus.PAID else order

    def wanted(
        self, customer: Customer, checkout_id: str, cart: Sequence[CartItem], payment_method: str, address: Address
    ) -> Order:
        """The order as the customer wishes it; not stored."""
        now = self.ports.clock.now()
        deadline_at = now + self.settings.policy.deadline_seconds * SECOND
        order_id, price = f"ord_{customer.id}_{checkout_id}", PRICES.price(cart)
        return Order(
            id=order_id,
            purchase=Purchase(MERCHANT.id, checkout_id, customer, price, address, now, deadline_at),
            status=OrderStatus.PENDING,
            changed_at=now,
            charge=Charge(owner_id=order_id, amount=price.total, attempt=Attempt(1, payment_method)),
        )

    async def move(self, order: Order, status: OrderStatus, *, reason: Reason | None = None) -> Order:
        """Store that the order has entered another status."""
        now = self.ports.clock.now()
        entered = evolve(order, status=status, version=order.version + 1, changed_at=now, reason=reason)
        await self.ports.store.change(Replace(SILENT_ORDERS, order, entered))
        return entered

    async def write(self, before: Order, after: Order) -> Order:
        """Store a change that leaves the status as it is."""
        written = evolve(after, version=before.version + 1)
        await self.ports.store.change(Replace(SILENT_ORDERS, before, written))
        return written


class _Joined(NamedTuple):
    """A checkout, which is its own worker: nothing goes on by itself."""

    checkout: PlainCheckout
    worker: PlainCheckout


def shop_of(checkout: Callable[[Ports, Settings], PlainCheckout]) -> Factory:
    """A factory of shops with this checkout."""

    def build(ports: Ports, settings: Settings) -> App:
        built = checkout(ports, settings)
        return cast(App, _Joined(built, worker=built))

    return build
