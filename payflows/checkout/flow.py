"""The e-commerce checkout: what customers and merchants can ask of it. What each status does next is in `steps.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from payflows.checkout.book import OrderBook
from payflows.checkout.goods import Address
from payflows.checkout.model import Attempt, Order, OrderStatus, Purchase, Transition
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.checkout.pricing import CartItem, Price, PriceList
from payflows.checkout.step_context import Shopkeeper
from payflows.checkout.steps import CheckoutSteps
from payflows.clock import SECOND, Clock
from payflows.errors import CheckoutIdReused, InvalidCheckout, InvalidState, NotFound, VersionConflict
from payflows.kernel.evolve import evolve
from payflows.kernel.runner import SequentialRunner, TaskRunner
from payflows.kernel.store import Store
from payflows.parties import Actor, Customer, Merchant, check_id
from payflows.payments.gateway import PaymentGateway
from payflows.payments.refunds import REFUND_FAILED

_PAYMENT_METHOD = re.compile(r"pm_[A-Za-z0-9_]{1,250}")
_ENDED_UNPAID = (OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED)
_SHIPPED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_REFUNDABLE = (OrderStatus.PAID, OrderStatus.REFUNDING, *_SHIPPED)


class EcommercePaymentFlow:
    """Sells a cart: hold stock, take the payment, ship.

    Every public method stores what is wanted and then lets the order move on by itself (`advance`) until it rests.
    A first call, a customer's retry, a notice and the janitor all take that one path, so nothing depends on which of
    them comes first, or on whether any of them is cut off half-way.

    The money argument:

    1. An order has one payment intent. It is created unconfirmed, which moves no money, and only an id read back from
       the store is ever confirmed. A second intent, left over by a lost answer, stays unconfirmed and is cancelled.
    2. An intent succeeds at most once. So an order is charged at most once, however often a call is repeated.
    3. A cancelled intent never succeeds. An order fails only after its intent is cancelled, so it fails without money.
    4. The intent itself, read by its stored id, decides. The answer to one call may ask the customer for another card
       or begin to abandon the order; it never ends it. What is read as succeeded goes on as paid, whatever was wished.
    5. *Paid* means succeeded, the full amount received, none of it returned or disputed; read again before shipping.
    6. After the capture there is only a way forward: shipped, or refunded and then cancelled.

    Args:
        merchant: whose shop this is.
        prices: the catalogue and the terms of sale.
        policy: capture, cards, deadlines and retries.
        store: keeps orders, log and outbox.
        gateway: Stripe.
        inventory: the shelf.
        carrier: brings the parcels.
        clock: tells the time.
        runner: does the janitor's orders, one by one or at once.
    """

    def __init__(
        self,
        *,
        merchant: Merchant,
        prices: PriceList,
        policy: CheckoutPolicy,
        store: Store,
        gateway: PaymentGateway,
        inventory: Inventory,
        carrier: Carrier,
        clock: Clock,
        runner: TaskRunner | None = None,
    ) -> None:
        self._merchant = merchant
        self._prices = prices
        self._policy = policy
        self._store = store
        self._clock = clock
        self._crew = runner or SequentialRunner()
        self._book = OrderBook(store=store, clock=clock, policy=policy)
        keeper = Shopkeeper(self._book, gateway, inventory, carrier, clock, policy)
        self._steps = CheckoutSteps(keeper, store=store)

    async def process_checkout(
        self,
        customer: Customer,
        checkout_id: str,
        *,
        cart: Sequence[CartItem],
        payment_method: str,
        shipping_address: Address,
    ) -> Order:
        """Buy a cart; the same checkout id again is the same purchase and only looks how it stands.

        A card other than the first one's is not tried here: `pay_again` does that.

        Args:
            customer: who buys.
            checkout_id: the caller's own id for this purchase, unique per customer.
            cart: what is bought.
            payment_method: Stripe's id of a card, `pm_...`; never a card number.
            shipping_address: where it goes.

        Returns:
            The order as it rests. A status of `payment_processing` or before means *pending*: it goes on by itself.

        Raises:
            InvalidInput: anything wrong with what was given; nothing was stored or called.
            CheckoutIdReused: the id stands for another cart or address.
        """
        _check_customer(customer)
        check_id("a checkout id", checkout_id)
        _check_payment_method(payment_method)
        _check_address(shipping_address)
        wanted = self._purchase(customer, checkout_id, self._prices.price(cart), shipping_address)
        order = await self._book.open(self._new_order(wanted, payment_method))
        if not order.purchase.requests_the_same_as(wanted):
            raise CheckoutIdReused(f"checkout {checkout_id!r} was placed with another cart or address")
        return await self._steps.advance(order)

    async def pay_again(self, actor: Actor, order_id: str, *, expected_try: int, payment_method: str) -> Order:
        """Try another card, or the same one again, on an order that waits for its customer.

        Args:
            actor: whose order it is.
            order_id: which order.
            expected_try: `order.attempt.number` as the customer saw it; an older one, of a second tab, changes nothing.
            payment_method: the card to try.

        Raises:
            InvalidInput: not theirs, not a payment method, or no try is left.
        """
        _check_payment_method(payment_method)
        order = await self._order_of(actor, order_id)
        if order.status is OrderStatus.CUSTOMER_ACTION and order.attempt.number == expected_try:
            if expected_try >= self._policy.cards:
                raise InvalidState(f"an order may try {self._policy.cards} cards, and all have been tried")
            tried = evolve(order, attempt=order.attempt.next(payment_method))
            try:
                order = await self._book.enter(order, OrderStatus.PAYMENT_PROCESSING, having=tried)
            except VersionConflict:  # another tab or the janitor was first; what it did stands
                order = await self._order_of(actor, order_id)
        return await self._steps.advance(order)

    async def cancel_order(self, actor: Actor, order_id: str) -> Order:
        """Cancel an order that the carrier does not have yet; what was paid is given back.

        Raises:
            NotFound: not theirs.
            InvalidState: it has been shipped.
        """
        order = await self._order_of(actor, order_id)
        while not order.cancel_asked and order.status not in _ENDED_UNPAID:
            if order.status in _SHIPPED:
                raise InvalidState("the order has been shipped and can only be refunded")
            order = await self._wish(order, evolve(order, cancel_asked=True))
        return await self._steps.advance(order)

    async def refund_order(self, merchant: Merchant, order_id: str) -> Order:
        """Give all of a paid order's money back; one that has not been shipped is cancelled with it.

        Asked again after the refund failed, it makes another one.

        Raises:
            NotFound: not theirs.
            InvalidState: it is not paid.
        """
        self._check_merchant(merchant)
        order = await self._order_of(merchant, order_id)
        while not order.refunded:
            if order.status not in _REFUNDABLE and not order.refund_asked:
                raise InvalidState(f"an order that is {order.status} has nothing to refund; it can be cancelled")
            unshipped = order.status is OrderStatus.PAID
            wished = evolve(order, refund_asked=True, cancel_asked=order.cancel_asked or unshipped)
            if order.refund_id is not None and order.review is not None and order.review.reason == REFUND_FAILED:
                wished = evolve(
                    wished,
                    failed_refund_id=order.refund_id,
                    refund_id=None,
                    key_generation=order.key_generation + 1,
                    review=None,
                )
            if wished == order:
                break
            order = await self._wish(order, wished)
        return await self._steps.advance(order)

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order:
        """Something happened to a payment at Stripe: read it and go on. Old, double and late notices do no harm.

        Raises:
            NotFound: no order of this merchant has the payment.
        """
        self._check_merchant(merchant)
        found = await self._store.order_of_payment(payment_id)
        order = await self._order_of(merchant, found.id)
        return await self._steps.look_at_money(await self._steps.advance(order))

    async def shipment_changed(self, merchant: Merchant, order_id: str) -> Order:
        """The carrier took a parcel or delivered it: ask how it stands and go on."""
        self._check_merchant(merchant)
        return await self.advance(merchant, order_id)

    async def advance(self, actor: Actor, order_id: str) -> Order:
        """Move the order on until it rests. Anyone whose order it is may ask at any time, any number of times."""
        return await self._steps.advance(await self._order_of(actor, order_id))

    async def janitor(self, merchant: Merchant, *, at_most: int = 500) -> int:
        """Advance the orders that are due, the longest waiting first: after lost answers, deadlines, and a crash.

        Args:
            merchant: whose shop this is.
            at_most: how many.

        Returns:
            How many were due.
        """
        self._check_merchant(merchant)
        due = (await self._store.due_orders(self._clock.now()))[:at_most]
        await self._crew.run_all(self.advance(merchant, order_id) for order_id in due)
        return len(due)

    async def order(self, actor: Actor, order_id: str) -> Order:
        """The order as stored. Raises `NotFound` where it is not theirs."""
        return await self._order_of(actor, order_id)

    async def transitions(self, actor: Actor, order_id: str) -> tuple[Transition, ...]:
        """How the order got where it is, oldest first."""
        return await self._store.transitions((await self._order_of(actor, order_id)).id)

    async def _wish(self, order: Order, wished: Order) -> Order:
        """Store what somebody wants of an order, due at once; where it has moved meanwhile, return it as it is now."""
        try:
            return await self._book.note(order, having=evolve(wished, due_at=self._clock.now()))
        except VersionConflict:
            return await self._store.order(order.id)

    async def _order_of(self, actor: Actor, order_id: str) -> Order:
        order = await self._store.order(order_id)
        purchase = order.purchase
        owner = purchase.customer.id if isinstance(actor, Customer) else purchase.merchant_id
        if actor.id != owner:
            raise NotFound("no such order")
        return order

    def _check_merchant(self, merchant: Merchant) -> None:
        if merchant != self._merchant:
            raise NotFound("this merchant has no orders here")

    def _purchase(self, customer: Customer, checkout_id: str, price: Price, address: Address) -> Purchase:
        now = self._clock.now()
        deadline_at = now + self._policy.deadline_seconds * SECOND
        return Purchase(self._merchant.id, checkout_id, customer, price, address, now, deadline_at)

    def _new_order(self, purchase: Purchase, payment_method: str) -> Order:
        now = purchase.placed_at
        return Order(
            id=_order_id(purchase),
            purchase=purchase,
            status=OrderStatus.PENDING,
            version=1,
            changed_at=now,
            due_at=now + self._policy.lease_seconds * SECOND,
            attempt=Attempt(1, payment_method),
        )


def _order_id(purchase: Purchase) -> str:
    # Lengths keep the parts apart: no two purchases share a name.
    parts = (purchase.merchant_id, purchase.customer.id, purchase.checkout_id)
    name = "".join(f"{len(part)}:{part}" for part in parts)
    return "ord_" + blake2b(name.encode(), digest_size=10).hexdigest()


def _check_customer(customer: Customer) -> None:
    if not isinstance(customer, Customer):
        raise InvalidCheckout(f"a checkout is placed by a Customer, got {type(customer).__name__}")


def _check_payment_method(payment_method: str) -> None:
    # What came is not repeated: it may be a card number.
    if not isinstance(payment_method, str) or not _PAYMENT_METHOD.fullmatch(payment_method):
        raise InvalidCheckout("a payment method is Stripe's id, such as pm_card_visa; card numbers are never taken")
    if re.search(r"\d{13}", payment_method.replace("_", "")):
        raise InvalidCheckout("a payment method is Stripe's id, not a card number")


def _check_address(address: Address) -> None:
    if not isinstance(address, Address):
        raise InvalidCheckout(f"a shipping address is an Address, got {type(address).__name__}")
    for field in (address.name, address.line1, address.city, address.postal_code):
        if not isinstance(field, str) or not 0 < len(field) <= 200 or not field.isprintable():
            raise InvalidCheckout("name, line1, city and postal_code are texts of 1 to 200 printable characters")
    country = address.country
    if not isinstance(country, str) or not re.fullmatch("[A-Z]{2}", country):
        raise InvalidCheckout("a country is two capitals such as US; what came is not")
