"""Orders made by hand, for tests of what is kept and announced about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from payflows.checkout.goods import Address
from payflows.checkout.model import Order, OrderStatus, Purchase
from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.money import Money, Rate
from payflows.parties import Customer
from payflows.payments.charge import Attempt, Charge
from simulations.time.world import START

PRICES = PriceList({"mug": Money(1_450, "usd")}, {"usd": CurrencyTerms(tax=Rate(0), shipping=Money(0, "usd"))})
HOME = Address(name="Ada", line1="1 Example Street", city="Springfield", postal_code="00000", country="US")


def an_order(
    id: str = "ord_1", *, status: OrderStatus = OrderStatus.PENDING, quantity: int = 2, **charge: Any
) -> Order:
    """A new order for mugs, with whatever else of its charge is given."""
    price = PRICES.price([CartItem("mug", quantity)])
    customer = Customer(id="ada", email="ada@example.com")
    return Order(
        id=id,
        purchase=Purchase("mer_1", "checkout-1", customer, price, HOME, START, START + timedelta(hours=1)),
        status=status,
        changed_at=START,
        charge=Charge(owner_id=id, amount=price.total, attempt=Attempt(1, "pm_card_visa"), **charge),
    )


def with_charge(order: Order, **changes: Any) -> Order:
    """The order, its charge changed."""
    return replace(order, charge=replace(order.charge, **changes))
