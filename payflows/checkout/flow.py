"""The e-commerce checkout: what customers and merchants can ask of it. What each status does next is in `steps.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from payflows.checkout.goods import Address
from payflows.checkout.input import check_address, check_attempt, check_customer, check_request, order_id_of
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus, Purchase
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.checkout.pricing import CartItem, Price, PriceList, goods_of
from payflows.checkout.refund_requests import refund_wanted, with_refund_settled
from payflows.checkout.step_context import StepContext
from payflows.checkout.steps import CheckoutEngine
from payflows.checks import instance_of, whole_number
from payflows.clock import SECOND, Clock
from payflows.errors import CheckoutIdReused, InvalidCheckout, InvalidInput, InvalidState, NotFound, VersionConflict
from payflows.kernel.aggregate import Transition
from payflows.kernel.evolve import evolve
from payflows.kernel.store import Store
from payflows.parties import Actor, Customer, Merchant, check_id
from payflows.payments.charge import Attempt, Charge
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CustomerAction


class EcommercePaymentFlow:
    """Sells a cart: hold stock, take the payment, ship.

    Every public method stores what is wanted and then lets the order move on by itself (`advance`) until it rests.
    A first call, a customer's retry, a notice and the worker all take that one path, so nothing depends on which of
    them comes first, or on whether any of them is cut off half-way.

    The money argument:

    1. An order has one payment intent. It is created unconfirmed, which moves no money, and only an id read back from
       the store is ever confirmed. A second intent, left over by a lost answer, stays unconfirmed and is cancelled.
    2. An intent succeeds at most once. So an order is charged at most once, however often a call is repeated.
    3. A cancelled intent never succeeds. An order fails only after its intent is cancelled, so it fails without money.
    4. The intent itself, read by its stored id, decides. The answer to one call may ask the customer for another card
       or begin to abandon the order; it never ends it. What is read as succeeded goes on as paid, whatever was wished.
    5. *Paid* means succeeded and the full amount received; a part is never accepted as paid. It is read again before
       shipping: what is disputed, or has all gone back, is not shipped.
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
        engine: moves orders; the usual one where none is given.

    Raises:
        InvalidPolicy: a part of another type.
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
        engine: CheckoutEngine | None = None,
    ) -> None:
        instance_of("merchant", merchant, Merchant)
        instance_of("prices", prices, PriceList)
        instance_of("engine", engine, CheckoutEngine, None)
        self._merchant = merchant
        self._prices = prices
        self._policy = policy
        self._store = store
        self._clock = clock
        self._engine = engine or CheckoutEngine(
            StepContext.over(
                store=store, gateway=gateway, inventory=inventory, carrier=carrier, clock=clock, policy=policy
            )
        )
        self._orders = self._engine.context.orders

    async def process_checkout(
        self,
        customer: Customer,
        checkout_id: str,
        *,
        cart: Sequence[CartItem],
        payment_method: str,
        shipping_address: Address,
        return_url: str | None = None,
    ) -> Order:
        """Buy a cart; the same checkout id again is the same purchase, at its price, and only looks how it stands.

        A card other than the first one's is not tried here: `pay_again` does that.

        Args:
            customer: who buys.
            checkout_id: the caller's own id for this purchase, unique per customer.
            cart: what is bought.
            payment_method: Stripe's id of a card, `pm_...`; never a card number.
            shipping_address: where it goes.
            return_url: where the customer comes back to from their bank's page; None: Stripe.js shows it in yours.

        Returns:
            The order as it rests. A status of `payment_processing` or before means *pending*: it goes on by itself.

        Raises:
            InvalidInput: anything wrong with what was given; nothing was stored or called.
            CheckoutIdReused: the id stands for another cart or address.
        """
        check_customer(customer)
        check_id("a checkout id", checkout_id)
        check_attempt(payment_method, return_url)
        check_address(shipping_address)
        try:
            price = self._prices.price(cart)
        except InvalidInput:  # it may have been placed before the catalogue has changed
            order_id = order_id_of(self._merchant, customer, checkout_id)
            placed = await self._orders.placed(order_id, goods_of(cart), shipping_address)
            if placed is None:
                raise
            return await self._engine.advance(placed)
        wanted = self._purchase(customer, checkout_id, price, shipping_address)
        order = await self._orders.add(self._new_order(wanted, Attempt(1, payment_method, return_url=return_url)))
        if not order.purchase.is_for(price.goods, shipping_address):
            raise CheckoutIdReused(f"checkout {checkout_id!r} was placed with another cart or address")
        return await self._engine.advance(order)

    async def pay_again(
        self, actor: Actor, order_id: str, *, expected_try: int, payment_method: str, return_url: str | None = None
    ) -> Order:
        """Try another card, or the same one again, on an order that waits for its customer.

        Args:
            actor: whose order it is.
            order_id: which order.
            expected_try: `order.attempt.number` as the customer saw it; an older one, of a second tab, changes nothing.
            payment_method: the card to try.
            return_url: as for `process_checkout`.

        Raises:
            InvalidInput: not theirs, not a payment method, or no try is left.
        """
        check_attempt(payment_method, return_url)
        whole_number("expected_try", expected_try, error=InvalidCheckout)
        order = await self._order_of(actor, order_id)
        if order.status is OrderStatus.CUSTOMER_ACTION and order.attempt.number == expected_try:
            if expected_try >= self._policy.max_tries:
                raise InvalidState(f"an order may try {self._policy.max_tries} cards, and all have been tried")
            charge = evolve(order.charge, attempt=order.attempt.next(payment_method, return_url))
            try:
                order = await self._orders.enter(order, OrderStatus.PAYMENT_PROCESSING, charge=charge)
            except VersionConflict:  # another tab or the worker was first; what it did stands
                order = await self._order_of(actor, order_id)
        return await self._engine.advance(order)

    async def customer_action(self, actor: Actor, order_id: str) -> CustomerAction:
        """What the customer's browser needs while their bank waits for them: read from Stripe, and never stored.

        Raises:
            NotFound: not theirs.
            InvalidState: no bank asks anything.
        """
        order, context = await self._order_of(actor, order_id), self._engine.context
        if order.status is OrderStatus.CUSTOMER_ACTION:
            payment_id = order.charge.stored_payment_id()
            action = await context.calls.call(lambda: context.gateway.retrieve_customer_action(payment_id))
            if action is not None:
                return action.of(payment_id)
        raise InvalidState(f"no bank asks anything about this order, which is {order.status}")

    async def cancel_order(self, actor: Actor, order_id: str) -> Order:
        """Cancel an order that the carrier does not have yet; what was paid is given back.

        Raises:
            NotFound: not theirs.
            InvalidState: it has been shipped.
        """
        order = await self._order_of(actor, order_id)
        while not order.cancel_asked and not order.status.is_unsold:
            if order.status.is_fulfilled:
                raise InvalidState("the order has been shipped and can only be refunded")
            order = await self._request(order, cancel_asked=True)
        return await self._engine.advance(order)

    async def refund_order(self, merchant: Merchant, order_id: str) -> Order:
        """Give all of an order's money back, paid or only a part of it; one that has not been shipped is cancelled.

        Asked again after the refund failed, it makes another one.

        Raises:
            NotFound: not theirs.
            InvalidState: it is not paid.
        """
        self._check_merchant(merchant)
        order = await self._order_of(merchant, order_id)
        while not order.refunded and (wanted := refund_wanted(order)) != order:
            order = await self._request(
                order, charge=wanted.charge, cancel_asked=wanted.cancel_asked, review=wanted.review
            )
        return await self._engine.advance(order)

    async def settle_refund(self, merchant: Merchant, order_id: str) -> Order:
        """Note that what could not be refunded has reached the customer another way; no refund is made any more.

        Where a card is closed, or a dispute was lost in part, the merchant pays by bank transfer or in cash. An order
        that has not been shipped is cancelled, and its goods go back.

        Raises:
            NotFound: not theirs.
            InvalidState: no refund of it has failed.
        """
        self._check_merchant(merchant)
        order = await self._order_of(merchant, order_id)
        while not order.refunded:
            settled = with_refund_settled(order)
            order = await self._request(order, charge=settled.charge, review=settled.review)
        return await self._engine.advance(order)

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order:
        """Something happened to a payment at Stripe: read it and go on. Old, double and late notices do no harm.

        Raises:
            NotFound: no order of this merchant has the payment.
        """
        self._check_merchant(merchant)
        check_id("a payment id", payment_id)
        order = await self._order_of(merchant, (await self._order_of_payment(payment_id)).id)
        return await self._engine.reconcile_payment(await self._engine.advance(order))

    async def shipment_changed(self, merchant: Merchant, order_id: str) -> Order:
        """The carrier took a parcel or delivered it: ask how it stands and go on."""
        self._check_merchant(merchant)
        return await self.advance(merchant, order_id)

    async def advance(self, actor: Actor, order_id: str) -> Order:
        """Move the order on until it rests. Anyone whose order it is may ask at any time, any number of times."""
        return await self._engine.advance(await self._order_of(actor, order_id))

    async def order(self, actor: Actor, order_id: str) -> Order:
        """The order as stored. Raises `NotFound` where it is not theirs."""
        return await self._order_of(actor, order_id)

    async def transitions(self, actor: Actor, order_id: str) -> tuple[Transition, ...]:
        """How the order got where it is, oldest first."""
        return await self._store.log(ORDERS, (await self._order_of(actor, order_id)).id)

    async def _request(self, order: Order, **wanted: Any) -> Order:
        """Store what is wanted of an order, due immediately; where it has moved meanwhile, return it as it is now."""
        try:
            return await self._orders.request(order, **wanted)
        except VersionConflict:
            return await self._orders.get(order.id)

    async def _order_of_payment(self, payment_id: str) -> Order:
        """The order that has the payment. A webhook may overtake the step that stores its id: then by its metadata."""
        try:
            return await self._store.find(ORDERS, payment_id)
        except NotFound:
            order_id = await self._engine.context.collection.owner_of(payment_id)
        if order_id is None:
            raise NotFound("no order has this payment")
        return await self._orders.get(order_id)

    async def _order_of(self, actor: Actor, order_id: str) -> Order:
        check_request(actor, order_id)
        order = await self._orders.get(order_id)
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

    def _new_order(self, purchase: Purchase, attempt: Attempt) -> Order:
        order_id = order_id_of(self._merchant, purchase.customer, purchase.checkout_id)
        charge = Charge(owner_id=order_id, amount=purchase.price.total, attempt=attempt)
        now, status = purchase.placed_at, OrderStatus.PENDING
        return Order(id=order_id, purchase=purchase, status=status, changed_at=now, charge=charge)
