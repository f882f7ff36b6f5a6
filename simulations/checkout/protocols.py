"""What the fault search asks of a checkout, so that anybody's can be searched. What goes wrong is said elsewhere.

A checkout is built by a factory on ports that may fail. It keeps its orders in the store that it is given, because that
is where the checkers look; how it works is its own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, Self

from payflows.checkout.goods import Address
from payflows.checkout.model import Order
from payflows.checkout.pricing import CartItem
from payflows.parties import Actor, Customer, Merchant
from payflows.payments.model import CustomerAction

from simulations.search.waiting import RunsDue


class CheckoutApi(Protocol):
    """What customers and merchants ask of a checkout. Each call may raise a `PayflowsError`."""

    async def process_checkout(
        self,
        customer: Customer,
        checkout_id: str,
        *,
        cart: Sequence[CartItem],
        payment_method: str,
        shipping_address: Address,
    ) -> Order:
        """Buy a cart; the order as it is shown to the customer."""
        ...

    async def pay_again(self, actor: Actor, order_id: str, *, expected_try: int, payment_method: str) -> Order | None:
        """Try another card."""
        ...

    async def customer_action(self, actor: Actor, order_id: str) -> CustomerAction | None:
        """The customer's browser asks what it needs to answer the bank."""
        ...

    async def cancel_order(self, actor: Actor, order_id: str) -> Order | None:
        """The customer changes their mind."""
        ...

    async def refund_order(self, merchant: Merchant, order_id: str) -> Order | None:
        """The merchant gives the money back."""
        ...

    async def settle_refund(self, merchant: Merchant, order_id: str) -> Order | None:
        """The merchant has given the money back another way, for its refund failed."""
        ...

    async def advance(self, actor: Actor, order_id: str) -> Order | None:
        """The customer comes back and looks how it stands."""
        ...

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order | None:
        """A webhook about the payment has come."""
        ...

    async def shipment_changed(self, merchant: Merchant, order_id: str) -> Order | None:
        """The carrier's notice about the parcel has come."""
        ...


class Searchable(Protocol):
    """A checkout and its worker, as a factory joins them; `payflows.app.App` is one."""

    @property
    def checkout(self) -> CheckoutApi:
        """What people ask."""
        ...

    @property
    def worker(self) -> RunsDue:
        """What goes on by itself."""
        ...


class MinimalCheckout:
    """The rest of a checkout that can do no more than sell: whatever else it is asked, nothing happens.

    A checkout of one's own may begin here and add what it can, one story after another. It is its own worker too, and
    finds nothing to do; so a class made from ports and settings is a factory as it stands.
    """

    @property
    def checkout(self) -> Self:
        """It is asked directly."""
        return self

    @property
    def worker(self) -> Self:
        """It looks after itself."""
        return self

    async def pay_again(self, actor: Actor, order_id: str, *, expected_try: int, payment_method: str) -> Order | None:
        """Another card is not tried."""
        return None

    async def customer_action(self, actor: Actor, order_id: str) -> CustomerAction | None:
        """No bank is answered."""
        return None

    async def cancel_order(self, actor: Actor, order_id: str) -> Order | None:
        """Nothing is cancelled."""
        return None

    async def refund_order(self, merchant: Merchant, order_id: str) -> Order | None:
        """No money goes back."""
        return None

    async def settle_refund(self, merchant: Merchant, order_id: str) -> Order | None:
        """Nothing is noted."""
        return None

    async def advance(self, actor: Actor, order_id: str) -> Order | None:
        """Do nothing."""
        return None

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order | None:
        """Ignore what Stripe reports."""
        return None

    async def shipment_changed(self, merchant: Merchant, order_id: str) -> Order | None:
        """Ignore what the carrier reports."""
        return None

    async def run_due(self) -> datetime | None:
        """Nothing is due."""
        return None
