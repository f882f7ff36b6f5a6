"""Naive checkouts, for teaching and for comparison. No real shop uses them.

`NaiveCheckout` sells and looks after nothing else: the buggy shops of `incidents` begin with it. `RollsBack` is the
same in the manner of much shop code: one step after another inside a `try`, everything rolled back where anything goes
wrong. What they sell, and to whom, is decided as in our own checkout; only their way through the calls differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from payflows.checkout.goods import Address, HoldStatus, Shipment, ShipmentStatus
from payflows.checkout.messages import MailKind
from payflows.checkout.model import TRANSITIONS, Order, OrderStatus, Purchase, Reason
from payflows.checkout.pricing import CartItem
from payflows.clock import SECOND
from payflows.errors import PayflowsError
from payflows.kernel.aggregate import Kind
from payflows.kernel.changes import Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import Mail
from payflows.parties import Actor, Customer, Merchant
from payflows.payments.charge import Attempt, Charge
from payflows.payments.model import CaptureMode, Payment, PaymentStatus

from simulations.checkout.protocols import MinimalCheckout
from simulations.checkout.scripted_shop import PRICES
from simulations.checkout.shop import MERCHANT
from simulations.checkout.subject import Ports, Settings

_UNPAID = (OrderStatus.PAYMENT_PROCESSING, OrderStatus.CUSTOMER_ACTION, OrderStatus.AUTHORISED)

_WAY_BACK = {
    OrderStatus.PENDING: (OrderStatus.CANCELLED,),
    OrderStatus.INVENTORY_RESERVED: (OrderStatus.ABANDONING, OrderStatus.CANCELLED),
    OrderStatus.PAYMENT_PROCESSING: (OrderStatus.ABANDONING, OrderStatus.CANCELLED),
    OrderStatus.PAID: (OrderStatus.REFUNDING, OrderStatus.CANCELLED),
}
"""From each status to *cancelled*, the shortest way that the store allows. From *shipped* it allows none."""


SILENT_ORDERS = Kind(name="order", aggregate_type=Order, transitions=TRANSITIONS)
"""Orders of a checkout that announces nothing: it has no outbox."""


def with_payment(order: Order, payment_id: str) -> Order:
    """Return the order, its payment's id stored with it."""
    return evolve(order, charge=evolve(order.charge, payment_id=payment_id))


def with_parcel(order: Order, shipment: Shipment) -> Order:
    """Return the order, with the number by which its parcel is tracked."""
    return evolve(order, tracking_number=shipment.tracking_number)


class NaiveCheckout(MinimalCheckout):
    """Sells a cart in one go, or in two where the bank asks: hold the goods, take the payment, hand the parcel over.

    It goes wrong where anything else does: nothing is retried, and what is left half done stays so. The buggy shops
    of `incidents` are this one with the step overridden in which their bug lives.

    Args:
        ports: what it works with.
        settings: the shop.
    """

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self.ports = ports
        self.settings = settings
        self.hold_seconds = settings.policy.deadline_seconds
        self.capture = settings.policy.capture

    async def process_checkout(
        self,
        customer: Customer,
        checkout_id: str,
        *,
        cart: Sequence[CartItem],
        payment_method: str,
        shipping_address: Address,
    ) -> Order:
        """Buy a cart. Returns the order as it is once the bank has answered, or asks."""
        wanted = self.wanted(customer, checkout_id, cart, payment_method, shipping_address)
        order = await self.ports.store.add(SILENT_ORDERS, wanted)
        return await self.sell(order)

    async def sell(self, order: Order) -> Order:
        """Do all that there is to do about a new order."""
        if not await self.hold(order):
            return await self.move(order, OrderStatus.CANCELLED, reason=Reason.OUT_OF_STOCK)
        order = await self.move(order, OrderStatus.INVENTORY_RESERVED)
        payment = await self.make_payment(order)
        order = await self.move(with_payment(order, payment.id), OrderStatus.PAYMENT_PROCESSING)
        await self.confirm(order, payment)
        return await self.follow(order)

    async def hold(self, order: Order) -> bool:
        """Set the goods aside. Returns False where they are not there."""
        expires_at = self.ports.clock.now() + self.hold_seconds * SECOND
        hold = await self.ports.inventory.hold(order.id, order.purchase.price.goods, expires_at=expires_at)
        return hold.status is HoldStatus.HELD

    async def make_payment(self, order: Order, *, key: str = "create") -> Payment:
        """Make a payment of the order; it moves no money yet."""
        return await self.ports.gateway.create_payment(
            order.id,
            amount=order.purchase.price.total,
            capture=self.capture,
            stripe_customer_id=order.purchase.customer.stripe_customer_id,
            key=self.key(order, key),
        )

    async def confirm(self, order: Order, payment: Payment) -> Payment:
        """Try the card. A decline is the end of it."""
        card, key = order.attempt.payment_method, self.key(order, f"confirm {payment.id}")
        return await self.ports.gateway.confirm_payment(payment.id, payment_method=card, key=key)

    def key(self, order: Order, purpose: str) -> str:
        """Return the idempotency key of a call."""
        return order.charge.key(purpose)

    async def follow(self, order: Order) -> Order:
        """Move the order to where its payment is."""
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
        return await self.move(with_parcel(order, shipment), OrderStatus.SHIPPED)

    async def goods_are_gone(self, order: Order) -> Order:
        """Refund a paid order that cannot be fulfilled."""
        payment_id = order.payment_id
        assert payment_id is not None, "it is paid"
        order = await self.move(order, OrderStatus.REFUNDING, reason=Reason.STOCK_GONE)
        await self.ports.gateway.refund_payment(payment_id, order_id=order.id, key=order.charge.key("refund"))
        return await self.move(order, OrderStatus.CANCELLED, reason=Reason.STOCK_GONE)

    async def advance(self, actor: Actor, order_id: str) -> Order | None:
        """Go on when the customer comes back."""
        return await self.follow(await self.ports.store.get(SILENT_ORDERS, order_id))

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order | None:
        """Go on when a webhook has come; one of an unknown order is dropped (`NotFound`)."""
        return await self.follow(await self.ports.store.find(SILENT_ORDERS, payment_id))

    async def shipment_changed(self, merchant: Merchant, order_id: str) -> Order | None:
        """Go on when the carrier has fetched a parcel."""
        order = await self.ports.store.get(SILENT_ORDERS, order_id)
        return await self.fulfil(order) if order.status is OrderStatus.PAID else order

    def wanted(
        self, customer: Customer, checkout_id: str, cart: Sequence[CartItem], payment_method: str, address: Address
    ) -> Order:
        """Return the order as the customer requests it; not stored."""
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


class OutOfStock(PayflowsError):
    """There is less on the shelf than was asked for."""


class RollsBack(NaiveCheckout):
    """Sells a cart in one go: order, stock, payment, parcel, mail; or rolls all of it back.

    It takes silence for failure, asks under a new key each time, and never comes back to what was left half done.

    Args:
        ports: what it works with.
        settings: for how long stock is held.
    """

    def __init__(self, ports: Ports, settings: Settings) -> None:
        super().__init__(ports, settings)
        self.hold_seconds = settings.policy.hold_seconds
        self.capture = CaptureMode.AUTOMATIC
        self._keys = 0

    async def sell(self, order: Order) -> Order:
        """Sell, or roll back. After any trouble the customer's answer is *cancelled*, whatever became of the order."""
        try:
            order = await self._reserve(order)
            order = await self._charge(order)
            order = await self._ship(order)
            await self._mail(order)
        except Exception:
            await self._roll_back(order)
            return evolve(order, status=OrderStatus.CANCELLED)
        return order

    def key(self, order: Order, purpose: str) -> str:
        """Return a new key for every call."""
        self._keys += 1
        return f"{order.id}:call-{self._keys}"

    async def _reserve(self, order: Order) -> Order:
        if not await self.hold(order):
            raise OutOfStock(f"{order.id}: out of stock")
        return await self.move(order, OrderStatus.INVENTORY_RESERVED)

    async def _charge(self, order: Order) -> Order:
        order = await self.move(order, OrderStatus.PAYMENT_PROCESSING)
        payment = await self.make_payment(order)
        await self.confirm(order, payment)
        return await self.move(with_payment(order, payment.id), OrderStatus.PAID)

    async def _ship(self, order: Order) -> Order:
        goods, address = order.purchase.price.goods, order.purchase.address
        await self.ports.inventory.commit(order.id)
        shipment = await self.ports.carrier.book(order.id, goods=goods, address=address)
        await self.ports.inventory.ship(order.id)
        return await self.move(with_parcel(order, shipment), OrderStatus.SHIPPED)

    async def _mail(self, order: Order) -> None:
        mail = Mail(f"{order.id}:confirmed", MailKind.ORDER_CONFIRMED, order.id, order.changed_at, SILENT_ORDERS.name)
        await self.ports.mailer.send(mail, to=order.purchase.customer.email)

    async def _roll_back(self, order: Order) -> None:
        await self.ports.inventory.release(order.id)
        stored = await self.ports.store.get(SILENT_ORDERS, order.id)
        for status in _WAY_BACK.get(stored.status, ()):
            stored = await self.move(stored, status)

    # Nothing goes on by itself.
    advance = MinimalCheckout.advance
    payment_changed = MinimalCheckout.payment_changed
    shipment_changed = MinimalCheckout.shipment_changed


def naive_checkout(ports: Ports, settings: Settings) -> RollsBack:
    """Build the checkout as one would write it at first; a factory for the search."""
    return RollsBack(ports, settings)
